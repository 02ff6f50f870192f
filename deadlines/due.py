"""When something is due: small pure forms, one for each kind of limit in rulebook table A (E-40, E-62).

Every form answers with `Due`: the moment, when its window opens, when to warn, and the steps of the
computation so that a person can follow it. Nothing here reads a clock or a database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from deadlines.terms import ELAPSED, WORKING, Clock, Lead, Terms
from org.worktime import Worktime

BORN_LATE_HOURS = 4
Dated = str | Callable[..., date | datetime | None]
Trail = list[dict[str, Any]]


@dataclass(frozen=True)
class Due:
    """The answer of a form. `trail` are the steps of the computation, as JSON (see `deadlines.trail`)."""

    at: datetime
    opens_at: datetime
    warn_at: datetime | None = None
    trail: list[dict[str, Any]] = field(default_factory=list)
    provisional: bool = False
    compressed: bool = False
    moved: bool = False
    by_calendar: bool = False


@dataclass(frozen=True)
class Form:
    """A kind of limit: the amounts the rule ships with, and which date of the subject it looks at."""

    amount: int = 0
    unit: str = "date"
    clock: Clock = ELAPSED
    opens: int | None = None
    dated: Dated | None = None

    def terms(self, warn: Lead | None, chain: tuple[tuple[str, ...], ...]) -> Terms:
        """The shipped terms of a rule with this limit."""
        return Terms(self.amount, self.unit, self.clock, self.opens, warn, chain)

    def compute(
        self, *, start_at: datetime, date: date | datetime | None, worktime: Worktime, terms: Terms
    ) -> Due:
        """When it is due if it starts at `start_at`; `date` is the value of the dated field, if any.

        The unit of the terms decides, so that rows keep the limit in force at their start.
        """
        due = _KINDS[terms.unit](start_at, date, worktime, terms)
        if due.by_calendar and worktime.provisional(min(start_at, due.at), max(start_at, due.at)):
            due = replace(due, provisional=True, trail=[*due.trail, {"step": "provisional"}])
        return replace(due, warn_at=warn_at(due, start_at, worktime, terms))


def within(
    *, minutes: int = 0, hours: int = 0, workdays: int = 0, clock: Clock = ELAPSED, since: Dated | None = None
) -> Form:
    """Within so long after the start event (or after the moment in the field `since`)."""
    given = [(n, unit) for n, unit in ((minutes, "minute"), (hours, "hour"), (workdays, "workday")) if n]
    if len(given) != 1:
        raise ValueError("within() takes one of minutes, hours, workdays")
    amount, unit = given[0]
    return Form(amount, unit, WORKING if unit == "workday" else clock, dated=since)


def before(
    dated: Dated, *, days: int = 0, workdays: int = 0, half_day: bool = False, opens: int | None = None
) -> Form:
    """By so long before the date in a field: calendar `days` (the window may open at the larger `opens`),
    working days, or half a day of working time."""
    if sum(map(bool, (days, workdays, half_day))) != 1:
        raise ValueError("before() takes one of days, workdays, half_day")
    if half_day:
        return Form(1, "half_day", WORKING, dated=dated)
    return Form(days or workdays, "day" if days else "workday_before", ELAPSED, opens, dated)


def same_day(dated: Dated | None = None) -> Form:
    """Until 24:00 local time of the day of the start event, or of the date in a field."""
    return Form(0, "same_day", dated=dated)


def at_date(dated: Dated) -> Form:
    """By the date (its 24:00 local time) or moment in a field."""
    return Form(0, "date", dated=dated)


def read_date(form: Form, document: Any, line: Any = None) -> date | datetime | None:
    """The value of the form's dated field: a dotted path on the line, else on the document, or a function."""
    if form.dated is None:
        return None
    if callable(form.dated):
        return form.dated(document, line) if line is not None else form.dated(document)
    first = form.dated.partition(".")[0]
    found = line if line is not None and hasattr(line, first) else document
    for name in form.dated.split("."):
        found = getattr(found, name) if found is not None else None
    return found


def ladder(due: Due, terms: Terms, *, opened_at: datetime, worktime: Worktime) -> list[dict[str, Any]]:
    """The steps of a run: warned, due, and each level one warning lead later on the rule's own clock.

    A step that would lie before the opening of the row falls due with the opening.
    """
    # A warning at a fixed hour (noon) may lie behind the due moment of a run that was born late.
    warned = [] if due.warn_at is None else [min(due.warn_at, due.at)]
    steps: list[dict[str, Any]] = [{"kind": "warn", "at": at, "to": ["owner"]} for at in warned]
    steps.append({"kind": "due", "at": due.at, "to": ["owner"]})
    at = due.at
    for level in terms.chain:
        at = _one_lead_later(at, due, worktime, terms)
        steps.append({"kind": "escalate", "at": at, "to": list(level)})
    return [{**step, "at": max(step["at"], opened_at).astimezone(UTC).isoformat()} for step in steps]


def warn_at(due: Due, start_at: datetime, worktime: Worktime, terms: Terms) -> datetime | None:
    """When the owner is warned; None where the rule warns nobody."""
    lead = terms.warn
    if lead is None:
        return None
    if lead.unit == "opening":
        return due.opens_at
    # The due day of a limit that ends at 24:00 is the day before that midnight.
    day = worktime.day_of(due.at - timedelta(seconds=1))
    if lead.unit == "shift":
        return worktime.shift_end(day) - timedelta(hours=lead.amount)
    if lead.unit == "noon":
        return worktime.moment(day, time(12))
    if lead.unit == "percent":
        return due.at - (due.at - start_at) * lead.amount / 100
    return _shift_by(due.at, lead, worktime, terms, -1)


def _one_lead_later(at: datetime, due: Due, worktime: Worktime, terms: Terms) -> datetime:
    lead = terms.warn or Lead(1, "hour")
    if lead.unit == "shift":
        lead = Lead(lead.amount, "hour")
    if lead.unit == "opening" and terms.opens:
        lead = Lead(max(terms.opens - terms.amount, 1), "day")
    if lead.unit in ("opening", "percent", "noon"):
        assert due.warn_at is not None
        return at + max(due.at - due.warn_at, timedelta(hours=1))
    return _shift_by(at, lead, worktime, terms, 1)


def _shift_by(at: datetime, lead: Lead, worktime: Worktime, terms: Terms, way: int) -> datetime:
    move = worktime.add_hours if way > 0 else worktime.subtract_hours
    if lead.unit == "workday":
        return move(at, worktime.shift_length() * lead.amount)
    if lead.unit == "day":
        local = worktime.local(at)
        return (local + timedelta(days=way * lead.amount)).astimezone(UTC)
    span = timedelta(**{f"{lead.unit}s": lead.amount})
    return move(at, span) if terms.clock == WORKING else at + way * span


def _within(start_at: datetime, dated: Any, worktime: Worktime, terms: Terms) -> Due:
    start_at = _since(start_at, dated, worktime)
    span = timedelta(**{f"{terms.unit}s": terms.amount})
    both = {ELAPSED: start_at + span, WORKING: worktime.add_hours(start_at, span)}
    other = ELAPSED if terms.clock == WORKING else WORKING
    trail: Trail = [
        {"step": "start", "at": start_at.isoformat()},
        {"step": f"add_{terms.clock}", "amount": terms.amount, "unit": terms.unit},
        {"step": "due", "at": both[terms.clock].isoformat()},
        {"step": f"other_{other}", "at": both[other].isoformat()},
    ]
    return Due(both[terms.clock], start_at, trail=trail, by_calendar=terms.clock == WORKING)


def _workdays(start_at: datetime, dated: Any, worktime: Worktime, terms: Terms) -> Due:
    start_at = _since(start_at, dated, worktime)
    at = worktime.add_workdays(start_at, terms.amount)
    trail: Trail = [
        {"step": "start", "at": start_at.isoformat()},
        {"step": "add_working", "amount": terms.amount, "unit": "workday"},
        {"step": "due", "at": at.isoformat()},
    ]
    return Due(at, start_at, trail=trail, by_calendar=True)


def _days_before(start_at: datetime, dated: Any, worktime: Worktime, terms: Terms) -> Due:
    day = _day(dated, worktime)
    wanted = day - timedelta(days=terms.amount)
    due_day = worktime.previous_workday(wanted)
    trail: Trail = [
        {"step": "date", "on": day.isoformat()},
        {"step": "before", "amount": terms.amount, "unit": "day", "on": wanted.isoformat()},
    ]
    if due_day != wanted:
        trail.append({"step": "moved_back", "on": due_day.isoformat()})
    opens_on = due_day
    if terms.opens is not None:
        opens_on = min(worktime.previous_workday(day - timedelta(days=terms.opens)), due_day)
        trail.append({"step": "opens", "amount": terms.opens, "on": opens_on.isoformat()})
    due = Due(
        worktime.day_end(due_day),
        worktime.moment(opens_on),
        trail=[*trail, {"step": "due", "at": worktime.day_end(due_day).isoformat()}],
        moved=due_day != wanted,
        by_calendar=True,
    )
    return _born_late(due, start_at, worktime)


def _workdays_before(start_at: datetime, dated: Any, worktime: Worktime, terms: Terms) -> Due:
    day = _day(dated, worktime)
    due_day = worktime.workdays_before(day, terms.amount)
    at = worktime.day_end(due_day)
    trail: Trail = [
        {"step": "date", "on": day.isoformat()},
        {"step": "before", "amount": terms.amount, "unit": "workday", "on": due_day.isoformat()},
        {"step": "due", "at": at.isoformat()},
    ]
    return _born_late(Due(at, worktime.moment(due_day), trail=trail, by_calendar=True), start_at, worktime)


def _half_day_before(start_at: datetime, dated: Any, worktime: Worktime, terms: Terms) -> Due:
    moment = dated if isinstance(dated, datetime) else worktime.shift_start(dated)
    at = worktime.subtract_hours(moment, worktime.shift_length() * terms.amount / 2)
    trail: Trail = [
        {"step": "moment", "at": moment.isoformat()},
        {"step": "before", "amount": terms.amount, "unit": "half_day", "on": worktime.day_of(at).isoformat()},
        {"step": "due", "at": at.isoformat()},
    ]
    opens_at = worktime.moment(worktime.day_of(at))
    return _born_late(Due(at, opens_at, trail=trail, by_calendar=True), start_at, worktime)


def _same_day(start_at: datetime, dated: Any, worktime: Worktime, terms: Terms) -> Due:
    day = worktime.day_of(start_at) if dated is None else _day(dated, worktime)
    opens_at = start_at if dated is None else worktime.moment(day)
    at = worktime.day_end(day)
    trail: Trail = [{"step": "same_day", "on": day.isoformat()}, {"step": "due", "at": at.isoformat()}]
    return _born_late(Due(at, opens_at, trail=trail), start_at, worktime)


def _at_date(start_at: datetime, dated: Any, worktime: Worktime, terms: Terms) -> Due:
    at = dated if isinstance(dated, datetime) else worktime.day_end(dated)
    first: dict[str, Any] = {"step": "moment", "at": at.isoformat()}
    if not isinstance(dated, datetime):
        first = {"step": "date", "on": dated.isoformat()}
    return _born_late(
        Due(at, start_at, trail=[first, {"step": "due", "at": at.isoformat()}]), start_at, worktime
    )


def _born_late(due: Due, start_at: datetime, worktime: Worktime) -> Due:
    """A due moment that is past when the date is set: four working hours from now, flagged (edge rule 1)."""
    if due.at > start_at:
        return due
    at = worktime.add_hours(start_at, BORN_LATE_HOURS)
    trail: Trail = [*due.trail, {"step": "born_late", "amount": BORN_LATE_HOURS, "at": at.isoformat()}]
    return replace(due, at=at, opens_at=start_at, trail=trail, compressed=True, by_calendar=True)


def _since(start_at: datetime, dated: date | datetime | None, worktime: Worktime) -> datetime:
    """From when a limit runs: the start, or the moment (of a day: its shift's beginning) in the field."""
    if dated is None:
        return start_at
    return dated if isinstance(dated, datetime) else worktime.shift_start(dated)


def _day(dated: date | datetime, worktime: Worktime) -> date:
    return worktime.day_of(dated) if isinstance(dated, datetime) else dated


_KINDS: dict[str, Callable[[datetime, Any, Worktime, Terms], Due]] = {
    "minute": _within,
    "hour": _within,
    "workday": _workdays,
    "day": _days_before,
    "workday_before": _workdays_before,
    "half_day": _half_day_before,
    "same_day": _same_day,
    "date": _at_date,
}
