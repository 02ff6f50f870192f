"""What the vital signs mean: sentences about what is wrong or wants a look, none where all is well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deadlines.screens import length_in_words
from desk import vitals
from desk.vitals import WORKER
from flow.models import MaintenanceRecord

Kind = MaintenanceRecord.Kind
SILENCE = timedelta(minutes=2)
STUCK = timedelta(minutes=10)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# How old the newest of each may be, and how it is done.
AGES = {
    Kind.BACKUP: timedelta(hours=26),
    Kind.DRILL: timedelta(days=100),
    Kind.INVARIANTS: timedelta(days=8),
    Kind.AUDIT: timedelta(days=8),
}
# What P4 promises.
PROMISED_SECONDS = 5.0
WRONG, LOOK = "late", "near"


@dataclass(frozen=True)
class Word:
    """A sentence of the verdict: `tone` says how bad, `href` where an administrator can do something."""

    tone: str
    text: str
    href: str = ""


def words(found: dict[str, Any], *, at: datetime, now: datetime) -> list[Word]:
    """All that is to be said, the worst first."""
    said = [*_processes(found, now), *_queues(found, now), *_clocks(found, at), *_safety(found, now)]
    return sorted(said, key=lambda word: word.tone != WRONG)


def _processes(found: dict[str, Any], now: datetime) -> Iterator[Word]:
    if found["copy"]:
        yield Word(WRONG, _("This is a restored copy that nobody has confirmed: it sends nothing."))
    beat = found["beats"].get(WORKER)
    if beat is None:
        yield Word(WRONG, _("The background work has never run here."))
    elif now - beat > SILENCE:
        silence = length_in_words(now - beat)
        yield Word(WRONG, _("The background work has been silent for {span}.").format(span=silence))
    recent = [one for one in found["outages"] if one.ended_at >= now - DAY]
    if recent:
        length = length_in_words(sum((one.ended_at - one.began_at for one in recent), timedelta()))
        many = len(recent)
        said = ngettext("{n} outage in the last day, {span}.", "{n} outages in the last day, {span}.", many)
        yield Word(LOOK, said.format(n=many, span=length))


def _queues(found: dict[str, Any], now: datetime) -> Iterator[Word]:
    waiting: vitals.Waiting = found["waiting"]
    if waiting.dead:
        said = ngettext("{n} letter was given up.", "{n} letters were given up.", waiting.dead)
        href = f"{reverse('admin:integration_outbox_changelist')}?state__exact=dead"
        yield Word(WRONG, said.format(n=waiting.dead), href)
    if waiting.oldest_letter and now - waiting.oldest_letter > STUCK:
        span = length_in_words(now - waiting.oldest_letter)
        href = reverse("admin:integration_outbox_changelist")
        yield Word(LOOK, _("The oldest letter of the outbox has waited for {span}.").format(span=span), href)
    if waiting.oldest_job and now - waiting.oldest_job > STUCK:
        span = length_in_words(now - waiting.oldest_job)
        yield Word(WRONG, _("The oldest job has waited for {span}.").format(span=span), reverse("desk:jobs"))
    if waiting.failed:
        said = ngettext("{n} job failed in the last day.", "{n} jobs failed in the last day.", waiting.failed)
        yield Word(LOOK, said.format(n=waiting.failed), reverse("desk:jobs"))


def _clocks(found: dict[str, Any], at: datetime) -> Iterator[Word]:
    clocks: vitals.Clocks = found["clocks"]
    if clocks.parked:
        said = ngettext(
            "{n} clock could not be escalated and was set aside.",
            "{n} clocks could not be escalated and were set aside.",
            clocks.parked,
        )
        yield Word(WRONG, said.format(n=clocks.parked), reverse("admin:deadlines_deadline_changelist"))
    hour = vitals.lateness(found["steps"], since=at - HOUR)
    if hour.p99 > PROMISED_SECONDS:
        said = _("In the last hour clocks rang up to {seconds} s late; promised are {promised} s.")
        yield Word(LOOK, said.format(seconds=round(hour.p99, 1), promised=round(PROMISED_SECONDS)))
    day = vitals.lateness(found["steps"], since=at - DAY)
    if day.caught_up:
        said = ngettext(
            "{n} step of a clock was caught up late in the last day.",
            "{n} steps of clocks were caught up late in the last day.",
            day.caught_up,
        )
        yield Word(LOOK, said.format(n=day.caught_up))


def _safety(found: dict[str, Any], now: datetime) -> Iterator[Word]:
    kept: dict[str, MaintenanceRecord] = found["kept"]
    names = {Kind.BACKUP: _("backup"), Kind.DRILL: _("restore drill")}
    names |= {Kind.INVARIANTS: _("check of the stored state"), Kind.AUDIT: _("audit of the events")}
    for kind, name in names.items():
        row = kept.get(kind)
        if row is not None and not row.succeeded:
            yield Word(WRONG, _("The last {what} failed or found something.").format(what=name))
        elif row is None:
            yield Word(LOOK, _("There was no {what} yet.").format(what=name))
        elif row is not None and now - row.at > AGES[kind]:
            age = length_in_words(now - row.at)
            yield Word(LOOK, _("The last {what} is {span} old.").format(what=name, span=age))
    _made, unsealed = found["sealed"]
    if unsealed is not None and now - unsealed > STUCK:
        span = length_in_words(now - unsealed)
        yield Word(LOOK, _("The oldest event without a seal has waited for {span}.").format(span=span))
