"""Working time of a place: shifts, holidays, make-up workdays; pure arithmetic (SYS-05, E-40)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
FAR = 20 * 366
Segment = tuple[time, time]
Span = tuple[datetime, datetime]
USUAL_SHIFT: tuple[Segment, ...] = ((time(8), time(12)), (time(13), time(17)))


class NoWorktime(ValueError):
    """The calendar has no working time where some is asked for."""


@dataclass(frozen=True, eq=False)
class Worktime:
    """The working calendar of one place.

    `zone` names its time zone. `shifts` maps a weekday (Monday 0 … Sunday 6) to its segments of local
    wall-clock time, a segment ending at 00:00 ends at midnight; a weekday without an entry has the
    `usual` ones. `weekdays` are the working ones. `special` says of single days whether they are worked
    (holidays False, make-up workdays True). `years` are those whose official days are known; outside
    them every answer is `provisional`.
    """

    zone: str = "Asia/Shanghai"
    usual: tuple[Segment, ...] = USUAL_SHIFT
    shifts: Mapping[int, tuple[Segment, ...]] = field(default_factory=dict)
    weekdays: frozenset[int] = frozenset(range(5))
    special: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()
    key: str = ""
    _tz: ZoneInfo = field(init=False, repr=False)
    _known: dict[date, tuple[Span, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tz", ZoneInfo(self.zone))
        if not any(self.segments(weekday) for weekday in self.weekdays):
            raise NoWorktime("The calendar has no working time in a week.")
        for segments in (self.usual, *self.shifts.values()):
            _check(segments)

    def is_workday(self, day: date) -> bool:
        """Whether people work on the local date `day`."""
        return self.special.get(day, day.weekday() in self.weekdays)

    def segments(self, weekday: int) -> tuple[Segment, ...]:
        """The shift segments of a weekday."""
        return self.shifts.get(weekday, self.usual)

    def local(self, at: datetime) -> datetime:
        """`at` on the wall clock of the place."""
        return at.astimezone(self._tz)

    def day_of(self, at: datetime) -> date:
        """The local date of `at`."""
        return self.local(at).date()

    def moment(self, day: date, clock: time = time(0)) -> datetime:
        """The moment, in UTC, at which the wall clock shows `clock` on `day`."""
        return datetime.combine(day, clock, self._tz).astimezone(UTC)

    def day_end(self, day: date) -> datetime:
        """24:00 local time of `day`, in UTC."""
        return self.moment(day + DAY)

    def shift_start(self, day: date) -> datetime:
        """When the shift of `day` begins; on a day off: when it would."""
        return self.moment(day, self._segments_shown(day)[0][0])

    def shift_end(self, day: date) -> datetime:
        """When the shift of `day` ends; on a day off: when it would."""
        end = self._segments_shown(day)[-1][1]
        return self.day_end(day) if end == time(0) else self.moment(day, end)

    def shift_length(self) -> timedelta:
        """The working time of one usual working day."""
        segments = self.usual or next(s for w in sorted(self.weekdays) if (s := self.segments(w)))
        return sum((_length(segment) for segment in segments), timedelta())

    def spans(self, day: date) -> tuple[Span, ...]:
        """The working spans of a local date in UTC, in order; exact where the zone's clock is changed."""
        if day not in self._known:
            self._known[day] = self._compute(day) if self.is_workday(day) else ()
        return self._known[day]

    def add_hours(self, at: datetime, hours: float | Decimal | timedelta) -> datetime:
        """The earliest moment by which `hours` of working time have passed since `at`.

        Raises NoWorktime when the calendar has none for twenty years.
        """
        left = as_span(hours)
        if left <= timedelta():
            return at
        for start, end in self._from(at):
            start = max(start, at)
            if start + left <= end:
                return start + left
            left -= max(end - start, timedelta())
        raise NoWorktime("No working time within twenty years.")

    def subtract_hours(self, at: datetime, hours: float | Decimal | timedelta) -> datetime:
        """The latest moment from which `hours` of working time pass until `at`. Raises NoWorktime."""
        left = as_span(hours)
        if left <= timedelta():
            return at
        for start, end in self._back_from(at):
            end = min(end, at)
            if end - left >= start:
                return end - left
            left -= max(end - start, timedelta())
        raise NoWorktime("No working time within twenty years.")

    def working_between(self, a: datetime, b: datetime) -> timedelta:
        """The working time between two moments; negative when `b` is earlier."""
        if b < a:
            return -self.working_between(b, a)
        total = timedelta()
        for start, end in self._from(a):
            if start >= b:
                break
            total += max(min(end, b) - max(start, a), timedelta())
        return total

    def add_workdays(self, at: datetime, n: int) -> datetime:
        """`n` working days after `at`: the n-th working day after it, at the same time of day.

        The time of day is kept inside that day's shift. What comes on a day off counts from the next
        working day, and ends with the shift of the n-th one.
        """
        if n < 0:
            raise ValueError("n is not negative; see workdays_before")
        day, clock = self.day_of(at), self.local(at).time().replace(tzinfo=None)
        if self.is_workday(day):
            target = self.workdays_after(day, n)
            return min(max(self.moment(target, clock), self.shift_start(target)), self.shift_end(target))
        return self.shift_end(self.workdays_after(day, n)) if n else at

    def workdays_after(self, day: date, n: int) -> date:
        """The n-th working day after `day`; `day` itself when n is 0."""
        return self._step(day, n, DAY)

    def workdays_before(self, day: date, n: int) -> date:
        """The n-th working day before `day`; `day` itself when n is 0."""
        return self._step(day, n, -DAY)

    def previous_workday(self, day: date) -> date:
        """`day` itself when it is worked, else the last working day before it."""
        return day if self.is_workday(day) else self._step(day, 1, -DAY)

    def next_workday(self, day: date) -> date:
        """`day` itself when it is worked, else the first working day after it."""
        return day if self.is_workday(day) else self._step(day, 1, DAY)

    def provisional(self, a: datetime | date, b: datetime | date) -> bool:
        """Whether a year between the two is not officially known, so that Monday to Friday was assumed."""
        years = sorted(self.local(x).year if isinstance(x, datetime) else x.year for x in (a, b))
        return not set(range(years[0], years[1] + 1)) <= self.years

    def _step(self, day: date, n: int, way: timedelta) -> date:
        for _ in range(FAR):
            if n <= 0:
                return day
            day += way
            n -= self.is_workday(day)
        raise NoWorktime("No working day within twenty years.")

    def _from(self, at: datetime) -> Iterator[Span]:
        # A day early: where a zone's clock was put back over midnight, a local date is visited twice.
        day = self.day_of(at) - DAY
        for n in range(FAR):
            yield from (span for span in self.spans(day + n * DAY) if span[1] > at)

    def _back_from(self, at: datetime) -> Iterator[Span]:
        day = self.day_of(at) + DAY
        for n in range(FAR):
            yield from (span for span in reversed(self.spans(day - n * DAY)) if span[0] < at)

    def _segments_shown(self, day: date) -> tuple[Segment, ...]:
        return self.segments(day.weekday()) or self.usual or USUAL_SHIFT

    def _compute(self, day: date) -> tuple[Span, ...]:
        naive = datetime.combine(day, time(0))
        pieces = self._pieces(naive)
        found: list[Span] = []
        for start, end in self.segments(day.weekday()):
            a = datetime.combine(day, start)
            b = naive + DAY if end == time(0) else datetime.combine(day, end)
            for low, high, offset in pieces:
                x, y = max((a - offset).replace(tzinfo=UTC), low), min((b - offset).replace(tzinfo=UTC), high)
                if x < y:
                    found.append((x, y))
        return tuple(sorted(found))

    def _pieces(self, naive: datetime) -> list[tuple[datetime, datetime, timedelta]]:
        """The stretches of a local day with one offset from UTC: one, or two where the clock is changed."""
        low = (naive.replace(tzinfo=self._tz) - timedelta(hours=3)).astimezone(UTC)
        high = ((naive + DAY).replace(tzinfo=self._tz, fold=1) + timedelta(hours=3)).astimezone(UTC)
        first, last = self._offset(low), self._offset(high)
        if first == last:
            return [(low, high, first)]
        a, b = low, high
        while b - a > timedelta(seconds=1):
            middle = (a + (b - a) / 2).replace(microsecond=0)
            a, b = (middle, b) if self._offset(middle) == first else (a, middle)
        return [(low, b, first), (b, high, last)]

    def _offset(self, at: datetime) -> timedelta:
        offset = at.astimezone(self._tz).utcoffset()
        assert offset is not None
        return offset


def as_span(hours: float | Decimal | timedelta) -> timedelta:
    """Hours, or a span as it is."""
    return hours if isinstance(hours, timedelta) else timedelta(hours=float(hours))


def _length(segment: Segment) -> timedelta:
    start, end = (datetime.combine(date.min, clock) for clock in segment)
    return (end + DAY if end <= start else end) - start


def _check(segments: Iterable[Segment]) -> None:
    last = time(0)
    for start, end in segments:
        if start < last or (end != time(0) and end <= start):
            raise ValueError("The segments of a shift follow each other within one day.")
        last = end if end != time(0) else time.max
