"""Periods of recurring duties: each working day, each week, each month (E-42, E-44); pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from deadlines.terms import Lead, at_noon, before_shift_end
from deadlines.terms import days as days_lead
from org.worktime import DAY, Worktime

FRIDAY = 4


@dataclass(frozen=True)
class Period:
    """One turn of a duty: its name (`2026-03-02`, `2026-W10`, `2026-03`), from when and until when."""

    name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Every:
    """How often a duty comes back. `until` says whether a daily one ends with the shift or at 24:00."""

    kind: Literal["day", "week", "month"]
    warn: Lead
    workdays: bool = True
    until: Literal["midnight", "shift_end"] = "midnight"
    weekday: int = FRIDAY
    opens: Literal["week", "day"] = "week"

    def periods(self, first: date, last: date, worktime: Worktime) -> Iterator[Period]:
        """The periods that start on one of the days from `first` to `last`, in order."""
        for n in range((last - first).days + 1):
            if found := self._starting(first + n * DAY, worktime):
                yield found

    def _starting(self, day: date, worktime: Worktime) -> Period | None:
        if self.kind == "day":
            return self._day(day, worktime)
        return self._week(day, worktime) if self.kind == "week" else self._month(day, worktime)

    def _day(self, day: date, worktime: Worktime) -> Period | None:
        if self.workdays and not worktime.is_workday(day):
            return None
        end = worktime.shift_end(day) if self.until == "shift_end" else worktime.day_end(day)
        return Period(day.isoformat(), worktime.moment(day), end)

    def _week(self, day: date, worktime: Worktime) -> Period | None:
        monday = day - timedelta(days=day.weekday())
        due_on = worktime.previous_workday(monday + timedelta(days=self.weekday))
        if due_on < monday:
            # A week without a working day up to its due day: the duty is still one of that week.
            due_on = monday + timedelta(days=self.weekday)
        if day != (monday if self.opens == "week" else due_on):
            return None
        year, week, _ = day.isocalendar()
        return Period(f"{year}-W{week:02d}", worktime.moment(day), worktime.day_end(due_on))

    def _month(self, day: date, worktime: Worktime) -> Period | None:
        if day.day != 1:
            return None
        due_on = day + timedelta(days=(self.weekday - day.weekday()) % 7)
        if not worktime.is_workday(due_on):
            # "At the latest" on the first Friday: the working day before it, if the month has one.
            earlier = worktime.previous_workday(due_on)
            due_on = earlier if earlier >= day else worktime.next_workday(due_on)
        last_month = day - DAY
        return Period(f"{last_month:%Y-%m}", worktime.moment(day), worktime.day_end(due_on))


def daily(*, workdays: bool = True, until: str = "midnight", warn: Lead | None = None) -> Every:
    """Every working day (or every calendar day), until 24:00 or the end of the shift."""
    return Every("day", warn or before_shift_end(2), workdays, until)  # type: ignore[arg-type]


def weekly(*, weekday: int = FRIDAY, opens: str = "day", warn: Lead | None = None) -> Every:
    """Every week by a weekday (on a holiday the working day before); open that day, or the whole `week`."""
    return Every("week", warn or at_noon(), weekday=weekday, opens=opens)  # type: ignore[arg-type]


def monthly(*, weekday: int = FRIDAY, warn: Lead | None = None) -> Every:
    """Once for the month that ended, by the first such weekday of the next."""
    return Every("month", warn or days_lead(1), weekday=weekday)
