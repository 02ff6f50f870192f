"""What the clocks add to every list: to narrow it by how they stand, and to read it by what is left."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from deadlines import queries
from deadlines.models import Deadline
from flow import listing, narrowing
from flow.models import Document
from flow.paging import Stretch
from flow.policy import Viewer
from flow.screens import Screen

CLOCK = "clock"
LATE, NEAR, TODAY, WEEK, HOLD, NONE = "late", "near", "today", "week", "hold", "none"
CHOICES = (
    (LATE, _("overdue")),
    (NEAR, _("at risk")),
    (TODAY, _("due today")),
    (WEEK, _("due this week")),
    (HOLD, _("paused")),
    (NONE, _("no clock runs")),
)


@narrowing.condition(CLOCK, _("How the clocks stand"), CHOICES)
def by_clock(rows: QuerySet[Any], choice: str, viewer: Viewer) -> QuerySet[Any]:
    """The documents with a clock that stands so; `none`: those beside which none runs."""
    model: type[Document] = rows.model
    runs, of_run, of_document = queries.running_on(model, viewer)
    # Looked up apart: there are few running clocks and many documents.
    if choice == NONE:
        return rows.exclude(**{f"{of_document}__in": runs.values(of_run)})
    return rows.filter(**{f"{of_document}__in": runs.filter(standing(choice, viewer.at)).values(of_run)})


def standing(choice: str, at: datetime) -> Q:
    """The condition that a running clock stands so at a moment."""
    if choice == HOLD:
        return Q(state=Deadline.State.PAUSED)
    running = Q(state=Deadline.State.OPEN)
    if choice == LATE:
        return running & Q(due_at__lte=at)
    if choice == NEAR:
        return running & Q(due_at__gt=at, step__gt=0)
    return running & Q(due_at__gt=at, due_at__lt=end_of(choice, at))


def end_of(choice: str, at: datetime) -> datetime:
    """The end of the local day of a moment, or of its week."""
    local = localtime(at)
    days = 1 if choice == TODAY else 7 - local.weekday()
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)


@listing.order(CLOCK, _("Time left"))
def by_time_left(screen: Screen, rows: QuerySet[Any], viewer: Viewer) -> list[Stretch]:
    """First the documents with a running clock, by the one that runs out first; then the others, the newest
    first. It is read along the index of the running clocks, however many documents there are."""
    runs, of_run, of_document = queries.running_on(screen.model, viewer)
    runs = runs.filter(state=Deadline.State.OPEN)
    sooner = runs.filter(**{of_run: OuterRef(of_run)}).filter(
        Q(due_at__lt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), pk__lt=OuterRef("pk"))
    )
    first = runs.filter(Exists(rows.filter(**{of_document: OuterRef(of_run)}))).exclude(Exists(sooner))

    def read(found: list[Deadline]) -> list[Any]:
        keys = [getattr(run, of_run) for run in found]
        there = {getattr(one, of_document): one for one in rows.filter(**{f"{of_document}__in": keys})}
        return [there.get(key) for key in keys]

    clocked = Stretch(first, (("due_at", False), ("pk", False)), read)
    others = rows.exclude(**{f"{of_document}__in": runs.values(of_run)})
    return [clocked, Stretch(others, (("pk", True),))]
