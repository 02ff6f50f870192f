"""When a calendar arrives or changes, what was computed with an older one is computed again (P19)."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from deadlines.engine import lay_out
from deadlines.models import Deadline
from deadlines.rules import Rule, rule_of
from deadlines.terms import Terms
from flow import events
from flow.events import By
from flow.models import Document
from org import calendars
from org.queries import system_person
from org.worktime import Worktime

RECOMPUTE = "deadlines.deadline.recompute"
BATCH = 200
# Looked at again after this time even if no calendar is new: a row may have been opened just beside one.
AGAIN = timedelta(hours=1)


class _Followed:
    """What this process last followed, and when."""

    version: uuid.UUID | None = None
    at: datetime | None = None


def run(*, at: datetime) -> int:
    """Follow the calendars issued since the last run; how many rows moved. Mostly one query."""
    newest = calendars.newest_version()
    if _Followed.version == newest and _Followed.at and abs(at - _Followed.at) < AGAIN:
        return 0
    moved = recompute(at=at)
    _Followed.version, _Followed.at = newest, at
    return moved


def recompute(*, at: datetime) -> int:
    """Compute again every running row, not yet due, whose company's calendar is another than it was computed
    with; a moved one gets an event. Returns how many moved."""
    rows = Deadline.objects.filter(state=Deadline.State.OPEN, due_at__gt=at).exclude(calendar="")
    companies = set(rows.order_by().values_list("company_id", flat=True).distinct())
    moved = 0
    for company_id, worktime in calendars.worktimes(companies).items():
        old = rows.filter(company_id=company_id).exclude(calendar=worktime.key)
        while ids := list(old.order_by("pk").values_list("pk", flat=True)[:BATCH]):
            moved += _batch(ids, worktime, at=at)
    return moved


@transaction.atomic
def _batch(ids: list[int], worktime: Worktime, *, at: datetime) -> int:
    rows = Deadline.objects.filter(pk__in=ids, state=Deadline.State.OPEN).select_for_update(no_key=True)
    by, moved = By(system_person(), at), 0
    for row in rows.order_by("pk"):
        before, rule = row.due_at, rule_of(row.rule)
        row.calendar = worktime.key
        if rule is not None:
            _again(row, rule, worktime)
        row.save(
            update_fields=[
                "calendar", "due_at", "opens_at", "computed", "provisional", "compressed", "moved", "ladder",
                "next_at",
            ]
        )  # fmt: skip
        if row.due_at != before:
            moved += 1
            _tell(row, before, by)
    return moved


def _again(row: Deadline, rule: Rule, worktime: Worktime) -> None:
    lay_out(
        row,
        rule,
        date=_dated(row.base["date"]),
        start_at=datetime.fromisoformat(row.base["start_at"]),
        worktime=worktime,
        terms=Terms.from_json(row.terms),
    )


def _dated(kept: str | None) -> Any:
    if kept is None:
        return None
    return datetime.fromisoformat(kept) if "T" in kept else date.fromisoformat(kept)


def _tell(row: Deadline, before: datetime, by: By) -> None:
    document = Document.registry[row.subject_type]._default_manager.filter(pk=row.subject_id).first()
    if document is None:
        return
    data = {"deadline": row.pk, "code": row.code, "from": before, "to": row.due_at}
    events.record(RECOMPUTE, document, by, data=data)
