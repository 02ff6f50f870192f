"""Periodic duties are opened when their turn comes, also those that an outage passed over (E-42, E-44)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError
from django.db.models import Exists, Max, OuterRef
from django.utils.timezone import localtime

from deadlines import actions
from deadlines.models import Deadline, Duty
from deadlines.periods import Period
from deadlines.registrar import InForce
from deadlines.rules import Rule
from flow import cases
from flow.events import By
from flow.models import Event
from flow.retry import retried
from org import calendars
from org.models import Company, Membership
from org.queries import system_person
from org.worktime import DAY, Worktime

# How far back turns that an outage passed over are opened; older ones show as a gap in the list.
CATCH_UP = timedelta(days=7)
# The longest period: a turn that began so long ago may still run.
LONGEST = timedelta(days=31)


@dataclass(frozen=True)
class Turn:
    """One duty to be opened."""

    rule: Rule
    company: Company
    role: str
    period: Period


def open_due(*, at: datetime) -> int:
    """Open every turn that began up to `at` and is not open yet; how many. Harmless to run twice."""
    opened = 0
    for turn in list(turns(at=at)):
        opened += _open(turn)
    return opened


def turns(*, at: datetime) -> Iterator[Turn]:
    """The turns to be opened: for each duty and company where somebody holds the post."""
    rules = [rule for rule in Rule.registry.values() if rule.every]
    posts = _posts({role for rule in rules for role in rule.roles}, at)
    if not posts:
        return
    companies = {company.pk: company for _, company in posts}
    worktimes = calendars.worktimes(companies)
    in_force = InForce(rules, companies)
    last = _last_begun()
    for rule in rules:
        for role, company in posts:
            if role not in rule.roles or not in_force.terms(rule, company.pk)[0].active:
                continue
            begun = last.get((rule.slug, company.pk, role))
            for period in _periods(rule, begun, worktimes[company.pk], at):
                yield Turn(rule, company, role, period)


def settle(*, at: datetime) -> int:
    """Fulfil the duties whose deadline another document stopped, in the name of who did that; how many."""
    done = Deadline.objects.filter(
        subject_type=Duty.label(), subject_id=OuterRef("pk"), state=Deadline.State.DONE
    )
    duties = list(Duty.objects.filter(Exists(done), state=Duty.State.OPEN)[:500])
    for duty in duties:
        run = Deadline.objects.filter(subject_type=Duty.label(), subject_id=duty.pk).latest("pk")
        assert run.stopped_by is not None
        retried(partial(_settle, duty, run.stopped_by))
    return len(duties)


def _settle(duty: Duty, event: Event) -> None:
    with cases.transact():
        cases.lock([duty.case_id])
        if Duty.objects.filter(pk=duty.pk, state=Duty.State.OPEN).exists():
            note = f"{event.verb} {event.subject_id}"
            actions.fulfil.follow(duty, by=By(event.actor, event.at), cause=event, note=note)


def _open(turn: Turn) -> bool:
    rule, period = turn.rule, turn.period

    def once() -> None:
        with cases.transact():
            actions.open.follow(
                by=By(system_person(), period.starts_at),
                company=turn.company,
                rule=rule.slug,
                code=rule.code,
                title=str(rule.sentence),
                role=turn.role,
                period=period.name,
                starts_at=period.starts_at,
                ends_at=period.ends_at,
            )

    try:
        retried(once)
    except IntegrityError:
        # Another tick opened it meanwhile; anything else wrong with it is an error.
        known = Duty.objects.filter(rule=rule.slug, company=turn.company, role=turn.role, period=period.name)
        if not known.exists():
            raise
        return False
    return True


def _posts(roles: set[str], at: datetime) -> list[tuple[str, Company]]:
    rows = Membership.objects.filter(Membership.in_force(localtime(at).date()), role__in=roles)
    rows = rows.filter(person__is_active=True, company__parent__isnull=False).select_related("company")
    return list({(row.role, row.company_id): (row.role, row.company) for row in rows}.values())


def _last_begun() -> dict[tuple[str, int, str], datetime]:
    rows = Duty.objects.order_by().values_list("rule", "company_id", "role").annotate(last=Max("starts_at"))
    return {(rule, company, role): last for rule, company, role, last in rows}


def _periods(rule: Rule, begun: datetime | None, worktime: Worktime, at: datetime) -> Iterator[Period]:
    assert rule.every is not None
    today = worktime.day_of(at)
    if begun is None:
        # The first time: only what runs now.
        for period in rule.every.periods(worktime.day_of(at - LONGEST), today, worktime):
            if period.starts_at <= at < period.ends_at:
                yield period
        return
    first = max(worktime.day_of(begun) + DAY, worktime.day_of(at - LONGEST))
    for period in rule.every.periods(first, today, worktime):
        if period.starts_at <= at and (period.ends_at > at - CATCH_UP):
            yield period
