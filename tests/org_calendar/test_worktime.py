"""Working time equals a minute-by-minute oracle; working days equal counting them (SYS-05, P19)."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest

from org import china
from org.worktime import USUAL_SHIFT, NoWorktime, Worktime
from tests.proofs import proven

MINUTE = timedelta(minutes=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICIAL = Worktime(
    special={day: worked for day, worked, _ in china.special_days()}, years=frozenset(china.OFFICIAL)
)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago")
# Days on which one of the zones changes its clock, and one on which none does.
CHANGES = (
    date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 10, 4), date(2026, 10, 25),
    date(2026, 11, 1), date(2026, 9, 6), date(2026, 1, 2),
)  # fmt: skip
SHIFTS = (
    USUAL_SHIFT,
    ((time(9), time(12)), (time(13, 30), time(18, 30))),
    ((time(0), time(6)), (time(22), time(0))),
    ((time(1, 30), time(3, 15)), (time(3, 15), time(11))),
)


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment on Shanghai's wall clock."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


# -- the oracle: it asks of each single minute what the wall clock shows ------------------------------


def works(place: Worktime, minute: datetime) -> bool:
    """Whether people work in the minute that begins then."""
    wall = minute.astimezone(ZoneInfo(place.zone))
    day, clock = wall.date(), wall.time()
    if not place.special.get(day, day.weekday() in place.weekdays):
        return False
    segments = place.shifts.get(day.weekday(), place.usual)
    return any(start <= clock and (clock < end or end == time(0)) for start, end in segments)


class Oracle:
    """Asks of every minute of some weeks whether it is worked, and counts."""

    def __init__(self, place: Worktime, middle: datetime, days: int = 24) -> None:
        self.first = middle - timedelta(days=days)
        minutes = (self.first + n * MINUTE for n in range(2 * days * 1440))
        # passed[n]: the working minutes before the n-th one.
        self.passed = [0, *accumulate(works(place, minute) for minute in minutes)]

    def index(self, at: datetime) -> int:
        """Which minute of the window begins at `at`."""
        return (at - self.first) // MINUTE

    def between(self, a: datetime, b: datetime) -> timedelta:
        """The working time between two moments."""
        return (self.passed[self.index(b)] - self.passed[self.index(a)]) * MINUTE

    def after(self, at: datetime, minutes: int) -> datetime:
        """The first moment with so many working minutes behind `at`."""
        wanted = self.passed[self.index(at)] + minutes
        return self.first + bisect_left(self.passed, wanted) * MINUTE

    def before(self, at: datetime, minutes: int) -> datetime:
        """The last moment with so many working minutes up to `at`."""
        wanted = self.passed[self.index(at)] - minutes
        return self.first + (bisect_right(self.passed, wanted) - 1) * MINUTE


def any_place(dice: random.Random) -> tuple[Worktime, datetime]:
    """A random calendar, and midnight near a change of its clock or its days."""
    near = dice.choice(CHANGES)
    special = {near + timedelta(days=dice.randint(-6, 6)): dice.random() < 0.5 for _ in range(4)}
    place = Worktime(
        zone=dice.choice(ZONES),
        usual=dice.choice(SHIFTS),
        shifts={dice.randrange(7): dice.choice(SHIFTS)} if dice.random() < 0.5 else {},
        weekdays=frozenset(dice.sample(range(7), dice.randint(2, 7))),
        special=special,
    )
    return place, datetime.combine(near, time(0), UTC)


def compare(places: int, cases: int, seed: int) -> None:
    """Compare with the oracle: so many random calendars, so many random questions to each."""
    dice = random.Random(seed)
    for _ in range(places):
        place, middle = any_place(dice)
        oracle = Oracle(place, middle)
        for _ in range(cases):
            at = middle + dice.randint(-3 * 1440, 3 * 1440) * MINUTE
            minutes, until = dice.randint(1, 900), at + dice.randint(0, 5 * 1440) * MINUTE
            said = (place, at, minutes, until)
            assert place.working_between(at, until) == oracle.between(at, until), said
            assert place.add_hours(at, minutes * MINUTE) == oracle.after(at, minutes), said
            assert place.subtract_hours(at, minutes * MINUTE) == oracle.before(at, minutes), said


@pytest.mark.rule("SYS-05")
def test_arithmetic_equals_a_minute_by_minute_oracle() -> None:
    compare(20, 250, seed=20260302)
    proven("P19", injections=20 * 250 * 3, violations=0, note="sums, differences and lengths in 20 calendars")


@pytest.mark.soak
def test_arithmetic_equals_the_oracle_on_a_hundred_thousand_cases() -> None:
    compare(250, 400, seed=1)
    proven("P19", injections=250 * 400 * 3, violations=0, note="100,000 cases in 250 calendars, 3 sums each")


@pytest.mark.rule("SYS-05")
def test_working_days_equal_counting_them() -> None:
    dice = random.Random(7)
    for _ in range(3_000):
        day = date(2024, 1, 1) + timedelta(days=dice.randrange(1_000))
        n = dice.randrange(12)
        after = before = day
        left = n
        while left:
            after += timedelta(days=1)
            left -= OFFICIAL.is_workday(after)
        left = n
        while left:
            before -= timedelta(days=1)
            left -= OFFICIAL.is_workday(before)
        assert OFFICIAL.workdays_after(day, n) == after
        assert OFFICIAL.workdays_before(day, n) == before


@pytest.mark.rule("SYS-05")
def test_one_working_day_from_friday_afternoon_ends_on_monday() -> None:
    assert OFFICIAL.add_workdays(local(2026, 3, 6, 16), 1) == local(2026, 3, 9, 16)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (local(2026, 3, 6, 19), local(2026, 3, 9, 17)),  # after the shift: not later than the next one's end
        (local(2026, 3, 6, 6), local(2026, 3, 9, 8)),  # before the shift: not before the next one begins
        (local(2026, 3, 7, 10), local(2026, 3, 9, 17)),  # on a Saturday: Monday is the one working day
        (local(2026, 9, 30, 9), local(2026, 10, 8, 9)),  # over the national holidays
        (local(2026, 10, 9, 9), local(2026, 10, 10, 9)),  # onto a make-up Saturday
    ],
)
def test_a_working_day_stays_inside_the_shift(start: datetime, end: datetime) -> None:
    assert OFFICIAL.add_workdays(start, 1) == end


def test_half_a_day_before_a_start_is_four_working_hours() -> None:
    assert OFFICIAL.subtract_hours(local(2026, 3, 3, 8), 4) == local(2026, 3, 2, 13)
    assert OFFICIAL.subtract_hours(local(2026, 3, 3, 13), 4) == local(2026, 3, 3, 8)


def test_time_off_adds_nothing() -> None:
    assert OFFICIAL.working_between(local(2026, 10, 1), local(2026, 10, 8)) == timedelta()
    assert OFFICIAL.working_between(local(2026, 3, 2, 11), local(2026, 3, 2, 14)) == timedelta(hours=2)
    assert OFFICIAL.working_between(local(2026, 3, 2, 14), local(2026, 3, 2, 11)) == -timedelta(hours=2)


def test_nothing_added_is_nothing_moved() -> None:
    night = local(2026, 3, 2, 3)
    assert OFFICIAL.add_hours(night, 0) == night == OFFICIAL.subtract_hours(night, 0)


def test_the_day_before_a_holiday() -> None:
    assert OFFICIAL.previous_workday(date(2026, 10, 5)) == date(2026, 9, 30)
    assert OFFICIAL.previous_workday(date(2026, 9, 30)) == date(2026, 9, 30)
    assert OFFICIAL.next_workday(date(2026, 10, 1)) == date(2026, 10, 8)


def test_the_shift_ends_also_on_a_day_off() -> None:
    assert OFFICIAL.shift_end(date(2026, 3, 2)) == local(2026, 3, 2, 17)
    assert OFFICIAL.shift_end(date(2026, 10, 1)) == local(2026, 10, 1, 17)
    assert OFFICIAL.day_end(date(2026, 3, 2)) == local(2026, 3, 3)


def test_a_shift_may_last_till_midnight() -> None:
    late = Worktime(usual=((time(16), time(0)),))
    assert late.shift_end(date(2026, 3, 2)) == local(2026, 3, 3)
    assert late.add_hours(local(2026, 3, 2, 12), 8) == local(2026, 3, 3)
    assert late.shift_length() == timedelta(hours=8)


@pytest.mark.rule("SYS-05")
def test_a_year_that_is_not_known_makes_the_answer_provisional() -> None:
    assert not OFFICIAL.provisional(local(2026, 3, 2), local(2026, 12, 31, 23))
    assert OFFICIAL.provisional(local(2026, 12, 31), local(2027, 1, 2))
    assert OFFICIAL.provisional(local(2027, 1, 2), local(2026, 12, 31))
    assert OFFICIAL.provisional(date(2023, 12, 31), date(2024, 1, 1))
    # Monday to Friday then.
    assert OFFICIAL.is_workday(date(2027, 1, 1))


def test_a_calendar_without_working_time_is_refused() -> None:
    with pytest.raises(NoWorktime):
        Worktime(weekdays=frozenset())
    with pytest.raises(ValueError, match="segments"):
        Worktime(usual=((time(9), time(12)), (time(11), time(13))))


def test_a_calendar_that_ends_says_so() -> None:
    off = {date(2026, 1, 1) + timedelta(days=n): False for n in range(30 * 366)}
    with pytest.raises(NoWorktime):
        Worktime(special=off).add_hours(local(2026, 3, 2), 1)
