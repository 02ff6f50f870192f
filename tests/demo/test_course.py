"""The moments of the demo's orders: in order, never ahead of the present, on mornings of working days."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest

from config.demo import course, orders
from config.demo.told import Told
from org.calendars import worktime
from org.worktime import Worktime
from tests.people import SHANGHAI

PRESENTS = [
    datetime(2026, 3, 18, 14, 36, tzinfo=SHANGHAI),
    # A Sunday night, the Spring Festival, New Year between a known year and an unknown one.
    datetime(2026, 11, 22, 3, 0, tzinfo=SHANGHAI),
    datetime(2026, 2, 18, 11, 0, tzinfo=SHANGHAI),
    datetime(2027, 1, 2, 0, 1, tzinfo=SHANGHAI),
]


@pytest.fixture
def calendar(db: None) -> Worktime:
    """The official working days."""
    return worktime(None)


def laid_out(told: Told, now: datetime, calendar: Worktime) -> course.Moments:
    return told.moments(worktime=calendar, now=now, luck=Random(1))


@pytest.mark.parametrize("now", PRESENTS, ids=str)
def test_no_moment_is_ahead_and_each_follows_the_one_before(calendar: Worktime, now: datetime) -> None:
    for _state, told in orders.everything(Random(orders.SEED)):
        at = [moment for moment, _deed in laid_out(told, now, calendar)]
        assert at == sorted(at)
        assert at[-1] <= now
        assert at[0] > now - timedelta(days=190)


@pytest.mark.parametrize("now", PRESENTS, ids=str)
def test_people_come_to_work_on_working_days(calendar: Worktime, now: datetime) -> None:
    """Only what must be seen running on the clock is done at night and on holidays."""
    for _state, told in orders.everything(Random(orders.SEED)):
        chapters = course.upto(told.until, *told.tail)
        firsts = [one.names[0] for one in (chapters[:-1] if told.on_the_clock else chapters)]
        slow = set(told.slow)
        for at, deed in laid_out(told, now, calendar):
            if deed in firsts and deed not in slow:
                local = calendar.local(at)
                assert calendar.is_workday(local.date())
                assert local.hour == 8


def test_a_clock_to_be_seen_began_exactly_so_long_ago(calendar: Worktime) -> None:
    told = Told((("VS1-12-1250", 1),), "C001", "effective", ago=3.3, on_the_clock=True)
    at, deed = laid_out(told, PRESENTS[1], calendar)[-1]
    assert (deed, PRESENTS[1] - at) == ("effective", timedelta(hours=3.3))


def test_what_is_slow_delays_what_follows_on_the_day(calendar: Worktime) -> None:
    usual = Told((("VS1-12-1250", 1),), "C001", "planned", ago=8)
    late = Told((("VS1-12-1250", 1),), "C001", "planned", ago=8, slow={"instructed": 5})

    def waited(told: Told) -> timedelta:
        found = {deed: at for at, deed in laid_out(told, PRESENTS[0], calendar)}
        return found["instructed"] - found["effective"]

    assert waited(usual) < timedelta(hours=4) < waited(late)


def test_a_tail_without_a_gap_goes_on_the_same_day(calendar: Worktime) -> None:
    tail = (course.chapter(0, "taken_from_stock +1.2!"),)
    told = Told((("DSN-BMY", 1),), "C001", "effective", ago=6, tail=tail)
    (paid, _), (taken, _) = laid_out(told, PRESENTS[0], calendar)[-2:]
    assert calendar.day_of(paid) == calendar.day_of(taken)


def test_an_unknown_deed_is_an_error() -> None:
    with pytest.raises(LookupError):
        course.upto("vanished")


def test_the_same_day_has_the_same_course(calendar: Worktime) -> None:
    told = [one for _state, one in orders.everything(Random(orders.SEED))]
    again = [one for _state, one in orders.everything(Random(orders.SEED))]
    assert told == again
    assert laid_out(told[0], PRESENTS[0], calendar) == laid_out(again[0], PRESENTS[0], calendar)
    assert len(told) >= 60
