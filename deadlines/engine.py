"""Deadlines are started, stopped and superseded in the transaction of the event that makes it so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from deadlines.due import ladder, read_date
from deadlines.models import Deadline
from deadlines.registrar import InForce
from deadlines.rules import Rule, Trigger, ask
from deadlines.terms import WORKING, Terms
from flow.models import Event
from org import calendars
from org.composed import Composed, ComposedUpdate, Place, insertion
from org.models import Person
from org.worktime import Worktime

State = Deadline.State
Spot = tuple[int | None, str]


def keep(event: Event, document: Any) -> None:
    """Do to the deadlines what the event means: first what it ends, then what it starts or moves."""
    rules = Rule.by_verb.get(event.verb)
    if not rules:
        return
    for rule in rules:
        if _means(rule.stop, document, event):
            _end(rule, document, event, State.DONE)
        if _means(rule.cancel, document, event):
            _end(rule, document, event, State.CANCELLED)
        if _means(rule.pause, document, event):
            _pause(rule, document, event)
        if _means(rule.resume, document, event):
            _resume(rule, document, event)
    starting = [rule for rule in rules if _means(rule.start, document, event)]
    moving = [r for r in rules if r not in starting and _means(r.restart, document, event)]
    if starting or moving:
        Opening(event, [*starting, *moving]).run(document, starting, moving)


def close(rows: Any, event: Event, state: str) -> int:
    """End running rows (a queryset) by `event`; the breach is decided here, by when it happened (SYS-08).

    One conditional UPDATE: against a sweep or another stop it wins or finds nothing. A breach already
    found is never taken back.
    """
    at = Value(event.at, output_field=DateTimeField())
    return rows.filter(state__in=Deadline.RUNNING).update(**_ended(event, at, state))


def _ended(event: Any, at: Any, state: Any) -> dict[str, Any]:
    """What is set on a row that ends; the three may be values or places for them."""
    ended = Coalesce("paused_at", at)
    late = Q(due_at__lt=ended)
    by = ExpressionWrapper(ended - F("due_at"), output_field=DurationField())
    return {
        "state": state,
        "stopped_by": event,
        "done_at": at,
        "next_at": None,
        "parked_until": None,
        "late_by": Case(When(late, then=by), default=None, output_field=DurationField()),
        "breached": Case(When(late, then=Value(True)), default=F("breached")),
    }


@cache
def _ending(rule: str, subject_type: str) -> ComposedUpdate:
    """The statement that ends the runs of a rule on one document, as `close` does."""

    def build() -> tuple[Any, dict[str, Any]]:
        rows = Deadline.objects.filter(
            rule=rule, subject_type=subject_type, subject_id=Place("subject", BigIntegerField())
        ).filter(state__in=Deadline.RUNNING)
        at, state = Place("at", DateTimeField()), Place("state", CharField())
        return rows, _ended(Place("event", BigIntegerField()), at, state)

    return ComposedUpdate(build)


def rows_of(rule: Rule, subjects: Iterable[Any]) -> Any:
    """The runs of a rule on these documents."""
    ids = [subject.pk for subject in subjects]
    return Deadline.objects.filter(rule=rule.slug, subject_type=rule.subject, subject_id__in=ids)


@dataclass(frozen=True)
class Child:
    """What one run is about beside the document: a child row, or a named part."""

    line: Any = None
    slot: str = ""

    @property
    def spot(self) -> Spot:
        """Its place among the runs of the document."""
        return (self.line.pk if self.line is not None else None), self.slot


class Opening:
    """Opens rows for one event, with the settings and calendars read once."""

    def __init__(self, event: Event, rules: list[Rule]) -> None:
        self.event = event
        self.rules = rules
        self._in_force: dict[int, InForce] = {}
        self._worktimes: dict[int, Worktime] = {}
        self.made: list[Deadline] = []

    def run(self, document: Any, starting: list[Rule], moving: list[Rule]) -> None:
        """Open what starts, move what is moved, and insert all new rows together."""
        begun = [
            (rule, subject)
            for rule in starting
            for subject in rule.subjects(document, self.event)
            if rule.when is None or ask(rule.when, subject, self.event)
        ]
        moved = [(rule, subject) for rule in moving for subject in rule.subjects(document, self.event)]
        running = self._running([*begun, *moved])
        for rule, subject in begun:
            self.start(rule, subject, running[rule.slug, subject.pk])
        for rule, subject in moved:
            self.move(rule, subject, running[rule.slug, subject.pk])
        insertion(Deadline)(self.made)

    def start(self, rule: Rule, subject: Any, running: dict[Spot, Deadline]) -> None:
        """Open a row for each child; one that runs already is superseded if its moment changed."""
        for child in children(rule, subject, self.event):
            self._replace(rule, subject, child, running.get(child.spot))

    def move(self, rule: Rule, subject: Any, running: dict[Spot, Deadline]) -> None:
        """Compute running rows again; one whose child or date is gone is cancelled."""
        if not running:
            return
        for child in children(rule, subject, self.event):
            if (row := running.pop(child.spot, None)) is not None:
                self._replace(rule, subject, child, row)
        for row in running.values():
            close(Deadline.objects.filter(pk=row.pk), self.event, State.CANCELLED)

    def _running(self, wanted: list[tuple[Rule, Any]]) -> dict[tuple[str, int], dict[Spot, Deadline]]:
        """The running rows of each rule and subject, locked. One query."""
        found: dict[tuple[str, int], dict[Spot, Deadline]] = defaultdict(dict)
        rules_of: dict[tuple[str, int], list[str]] = defaultdict(list)
        for rule, subject in wanted:
            rules_of[rule.subject, subject.pk].append(rule.slug)
        if not rules_of:
            return found
        composed = _running_of(tuple((t, tuple(slugs)) for (t, _pk), slugs in rules_of.items()))
        for row in composed(**{f"subject{n}": pk for n, (_t, pk) in enumerate(rules_of)}):
            found[row.rule, row.subject_id][row.line_id, row.slot] = row
        return found

    def _replace(self, rule: Rule, subject: Any, child: Child, old: Deadline | None) -> None:
        new = self._row(rule, subject, child)
        if old is not None:
            if new is not None and (new.due_at, new.opens_at) == (old.due_at, old.opens_at):
                return
            state = State.CANCELLED if new is None else State.SUPERSEDED
            close(Deadline.objects.filter(pk=old.pk), self.event, state)
        if new is not None:
            self.made.append(new)

    def _row(self, rule: Rule, subject: Any, child: Child) -> Deadline | None:
        company = ask(rule.company, subject) if rule.company else subject.company
        terms, setting = self._terms(rule, company.pk)
        date = read_date(rule.due, subject, child.line)
        if not terms.active or (rule.due.dated is not None and date is None):
            return None
        worktime = self._worktime(company)
        person, roles = owner_of(rule, subject, child.line if child.line is not None else child.slot)
        made = Deadline(
            rule=rule.slug,
            code=rule.code,
            counts=rule.counts,
            setting_id=setting,
            terms=terms.to_json(),
            base={"start_at": self.event.at.isoformat(), "date": date.isoformat() if date else None},
            case_id=subject.case_id,
            company=company,
            subject_type=rule.subject,
            subject_id=subject.pk,
            path=subject.path,
            line_id=child.spot[0],
            line_label=str(child.line)[:120] if child.line is not None else "",
            slot=child.slot,
            period=getattr(subject, "period", "") if rule.every else "",
            owner=person,
            owner_roles="".join(f"|{role}" for role in roles) + "|" if roles else "",
            started_by=self.event,
            opened_at=self.event.at,
        )
        lay_out(made, rule, date=date, start_at=self.event.at, worktime=worktime, terms=terms)
        return made

    def _terms(self, rule: Rule, company_id: int) -> tuple[Terms, int | None]:
        if company_id not in self._in_force:
            self._in_force[company_id] = InForce(self.rules, [company_id])
        return self._in_force[company_id].terms(rule, company_id)

    def _worktime(self, company: Any) -> Worktime:
        if company.pk not in self._worktimes:
            self._worktimes[company.pk] = calendars.worktime(company)
        return self._worktimes[company.pk]


@lru_cache(maxsize=1000)
def _running_of(kinds: tuple[tuple[str, tuple[str, ...]], ...]) -> Composed:
    """The query for the running rows of some rules on as many documents, locked."""
    # Subject by subject: a looser condition could lock rows of somebody else's case.
    each = [
        Q(rule__in=slugs, subject_type=kind, subject_id=Place(f"subject{n}", BigIntegerField()))
        for n, (kind, slugs) in enumerate(kinds)
    ]
    rows = Deadline.objects.filter(Q(*each, _connector=Q.OR), state__in=Deadline.RUNNING)
    rows = rows.only("rule", "subject_id", "line_id", "slot", "due_at", "opens_at")
    return Composed(lambda: rows.select_for_update(no_key=True))


def lay_out(
    row: Deadline, rule: Rule, *, date: Any, start_at: datetime, worktime: Worktime, terms: Terms
) -> None:
    """Compute the moments of a row from where it began, and the steps of its ladder still to be taken."""
    due = rule.due.compute(start_at=start_at, date=date, worktime=worktime, terms=terms)
    row.due_at, row.opens_at, row.computed = due.at, due.opens_at, due.trail
    row.provisional, row.compressed, row.moved = due.provisional, due.compressed, due.moved
    row.calendar = worktime.key if due.by_calendar else ""
    row.ladder = ladder(due, terms, opened_at=row.opened_at, worktime=worktime)
    row.next_at = next_of(row)


def next_of(row: Deadline) -> datetime | None:
    """When the next step of the row falls due; None when all are taken."""
    return datetime.fromisoformat(row.ladder[row.step]["at"]) if row.step < len(row.ladder) else None


def children(rule: Rule, subject: Any, event: Event) -> Iterator[Child]:
    """What gets a row of its own: each line, each slot, or the document as a whole."""
    if rule.lines is not None:
        yield from (Child(line=line) for line in ask(rule.lines, subject, event))
    elif rule.slots is not None:
        yield from (Child(slot=str(slot)) for slot in ask(rule.slots, subject, event))
    else:
        yield Child()


def owner_of(rule: Rule, subject: Any, child: Any) -> tuple[Person | None, tuple[str, ...]]:
    """The person who owns a run, or else the roles whose holders do."""
    found = ask(rule.owner, subject, child) if callable(rule.owner) else rule.owner
    if found is None:
        return None, ()
    if isinstance(found, Person):
        return found, ()
    return None, (str(found),) if isinstance(found, str) else tuple(sorted(str(role) for role in found))


def _means(triggers: tuple[Trigger, ...], document: Any, event: Event) -> bool:
    return any(t.verb == event.verb and t.holds(document, event) for t in triggers)


def _end(rule: Rule, document: Any, event: Event, state: str) -> None:
    subjects = rule.subjects(document, event)
    if not subjects:
        return
    named = ask(rule.which, document, event) if rule.which is not None and state == State.DONE else None
    if named is not None:
        close(rows_of(rule, subjects).filter(_named(rule, named)), event, state)
        return
    for subject in subjects:
        _ending(rule.slug, rule.subject)(subject=subject.pk, event=event.pk, at=event.at, state=state)


def _named(rule: Rule, named: Iterable[Any]) -> Q:
    keys = [getattr(one, "pk", one) for one in ([named] if isinstance(named, str) else named)]
    return Q(line_id__in=keys) if rule.lines is not None else Q(slot__in=[str(key) for key in keys])


def _pause(rule: Rule, document: Any, event: Event) -> None:
    rows = rows_of(rule, rule.subjects(document, event)).filter(state=State.OPEN)
    rows.update(state=State.PAUSED, paused_at=event.at, next_at=None)


def _resume(rule: Rule, document: Any, event: Event) -> None:
    """Go on: the moments still to come move by the time of the pause, on the rule's own clock (E-49)."""
    rows = rows_of(rule, rule.subjects(document, event)).filter(state=State.PAUSED)
    for row in rows.select_for_update(of=("self",), no_key=True).select_related("company"):
        _go_on(row, event.at, calendars.worktime(row.company))


def _go_on(row: Deadline, at: datetime, worktime: Worktime) -> None:
    assert row.paused_at is not None
    working = row.terms["clock"] == WORKING
    pause = worktime.working_between(row.paused_at, at) if working else at - row.paused_at

    def later(moment: datetime) -> datetime:
        return worktime.add_hours(moment, pause) if working else moment + pause

    row.ladder = [
        step if n < row.step else {**step, "at": later(datetime.fromisoformat(step["at"])).isoformat()}
        for n, step in enumerate(row.ladder)
    ]
    if row.due_at > row.paused_at:
        row.due_at = later(row.due_at)
    trail = {"step": "paused", "from": row.paused_at.isoformat(), "at": at.isoformat()}
    row.computed = [*row.computed, trail]
    row.state, row.paused_at, row.next_at = State.OPEN, None, next_of(row)
    row.save(update_fields=["ladder", "due_at", "computed", "state", "paused_at", "next_at"])
