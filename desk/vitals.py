"""The vital signs of the house: how late its clocks ring, what waits, what failed, what was kept safe.

All moments are real time, only the clocks' lateness is measured in the time of the house.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, Q

from deadlines import queries
from deadlines.models import Deadline, Escalation
from flow import maintenance
from flow.models import Event, Heartbeat, MaintenanceRecord, Outage, Seal
from integration.models import Job, Outbox
from org.roles import Role

# So many of the latest steps are looked at; a page must not read a year.
STEPS = 20_000
MONTH = timedelta(days=30)
WORKER = "worker"
# Who looks at the engine of the house.
MANAGERS = frozenset(
    {Role.ADMIN, Role.GM, Role.DEPUTY_GM, Role.GROUP_GM, Role.SENIOR_MGMT, Role.COMPANY_LEADER}
)


@dataclass(frozen=True)
class Lateness:
    """How late the steps of a span were taken, in seconds; those caught up after an outage stand apart."""

    steps: int = 0
    median: float = 0.0
    p99: float = 0.0
    most: float = 0.0
    caught_up: int = 0
    caught_up_most: float = 0.0


@dataclass(frozen=True)
class Waiting:
    """What waits, runs or was given up in the outbox and among the jobs, and since when the oldest waits."""

    letters: int
    oldest_letter: datetime | None
    dead: int
    jobs: int
    oldest_job: datetime | None
    running: int
    failed: int


@dataclass(frozen=True)
class Clocks:
    """The open clocks: how many run, are overdue, and were set aside because they failed."""

    running: int
    overdue: int
    parked: int


def steps(*, limit: int = STEPS) -> list[tuple[datetime, float, bool]]:
    """The latest steps of clocks: (when it was taken, seconds late, whether after an outage). One query.

    Real time would mean nothing while the training clock runs: there the moment of the sweep is taken.
    """
    noticed = "noticed_at" if settings.TRAINING_CLOCK else "recorded_at"
    rows = Escalation.objects.order_by("-pk").values_list(noticed, "at", "late")[:limit]
    return [(taken, max((taken - at).total_seconds(), 0.0), late) for taken, at, late in rows if taken]


def lateness(found: Iterable[tuple[datetime, float, bool]], *, since: datetime) -> Lateness:
    """The lateness of the steps taken since a moment."""
    inside = [(seconds, late) for taken, seconds, late in found if taken >= since]
    usual = sorted(seconds for seconds, late in inside if not late)
    later = [seconds for seconds, late in inside if late]
    shares = (share(usual, 0.5), share(usual, 0.99), share(usual, 1.0))
    return Lateness(len(usual), *shares, len(later), max(later, default=0.0))


def share(ordered: Sequence[float], part: float) -> float:
    """The value that `part` of the ordered values do not exceed; 0 of none."""
    return ordered[max(math.ceil(len(ordered) * part) - 1, 0)] if ordered else 0.0


def clocks(*, at: datetime) -> Clocks:
    """How the open clocks stand. Two queries."""
    rows = Deadline.objects.filter(state=Deadline.State.OPEN)
    found = rows.aggregate(running=Count("pk"), overdue=Count("pk", filter=Q(due_at__lte=at)))
    return Clocks(found["running"], found["overdue"], queries.parked().count())


def waiting(*, now: datetime) -> Waiting:
    """What the outbox and the jobs hold. Two queries."""
    state, job = Outbox.State, Job.State
    letters = Outbox.objects.filter(state__in=(state.WAITING, state.DEAD)).aggregate(
        waiting=Count("pk", filter=Q(state=state.WAITING)),
        oldest=Min("made_at", filter=Q(state=state.WAITING)),
        dead=Count("pk", filter=Q(state=state.DEAD)),
    )
    lately = Q(state=job.FAILED, ended_at__gte=now - timedelta(days=1))
    jobs = Job.objects.filter(Q(state__in=(job.QUEUED, job.RUNNING)) | lately).aggregate(
        queued=Count("pk", filter=Q(state=job.QUEUED)),
        oldest=Min("made_at", filter=Q(state=job.QUEUED)),
        running=Count("pk", filter=Q(state=job.RUNNING)),
        failed=Count("pk", filter=Q(state=job.FAILED)),
    )
    return Waiting(
        letters["waiting"], letters["oldest"], letters["dead"],
        jobs["queued"], jobs["oldest"], jobs["running"], jobs["failed"],
    )  # fmt: skip


def beats() -> dict[str, datetime]:
    """When each kind of background work last showed that it lives. One query."""
    return dict(Heartbeat.objects.values_list("name", "beat_at"))


def outages(*, now: datetime) -> list[Outage]:
    """The spans of the last month in which nothing worked in the background, the latest first. One query."""
    return list(Outage.objects.filter(ended_at__gte=now - MONTH).order_by("-began_at"))


def kept() -> dict[str, MaintenanceRecord]:
    """The newest backup, drill, check and audit. One query."""
    kind = MaintenanceRecord.Kind
    wanted = (kind.BACKUP, kind.DRILL, kind.INVARIANTS, kind.AUDIT)
    newest = MaintenanceRecord.objects.filter(kind__in=wanted).values("kind").annotate(newest=Max("pk"))
    rows = MaintenanceRecord.objects.filter(pk__in=newest.values("newest"))
    return {str(row.kind): row for row in rows}


def sealed() -> tuple[datetime | None, datetime | None]:
    """When the newest seal was made, and since when the oldest event without one waits. Two queries."""
    last = Seal.objects.order_by("-number").values_list("at", "last_id").first()
    open_events = Event.objects.filter(pk__gt=last[1]) if last else Event.objects.all()
    first = open_events.order_by("pk").values_list("recorded_at", flat=True).first()
    return (last[0] if last else None, first)


def is_copy() -> bool:
    """Whether this is a restored copy that nobody has confirmed. One query."""
    return maintenance.silent()


def figures(*, at: datetime, now: datetime) -> dict[str, Any]:
    """Every figure of the page and of `/metrics`. `at`: the time of the house, `now`: real time."""
    return {
        "steps": steps(),
        "clocks": clocks(at=at),
        "waiting": waiting(now=now),
        "beats": beats(),
        "outages": outages(now=now),
        "kept": kept(),
        "sealed": sealed(),
        "copy": is_copy(),
    }
