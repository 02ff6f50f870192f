"""Jobs: what takes longer than a request may is a row, worked off in the background, seen and cancelled.

Rows are the memory, the broker only calls the workers: a call that is lost costs seconds, never a job.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from celery import current_app
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import get_language
from kombu.exceptions import OperationalError as BrokerError

from flow.authority import is_administrator
from flow.events import By
from integration.models import Job
from org.models import Person

logger = logging.getLogger(__name__)
TASK, QUEUE = "config.tasks.work_jobs", "jobs"
# A call that nobody heard for so long is worth nothing; the tick calls again.
CALL_AGAIN = timedelta(seconds=30)
KEPT = timedelta(days=30)
State = Job.State
OPEN = (State.QUEUED, State.RUNNING)
Work = Callable[[Any], Any]


@dataclass(frozen=True)
class Kind:
    """A kind of job: `work(run)` does it and returns a sentence about it, or None."""

    registry: ClassVar[dict[str, Kind]] = {}

    name: str
    label: Any
    work: Work


def kind(name: str, label: Any) -> Callable[[Work], Work]:
    """Let the decorated `work(run)` do jobs of this kind.

    It may be begun again from its first row after a kill, and must then find what it did already: actions by
    `run.key(row)`, files by being written anew.
    """

    def register(work: Work) -> Work:
        if name in Kind.registry:
            raise RuntimeError(f"{name} is declared twice.")
        Kind.registry[name] = Kind(name, label, work)
        return work

    return register


def start(name: str, *, by: By, title: Any, params: dict[str, Any], total: int = 0) -> Job:
    """Put a job on the list, in the running transaction; the workers are called once it is committed."""
    job = Job.objects.create(
        kind=Kind.registry[name].name,
        title=str(title)[:200],
        params=params,
        person=by.actor,
        language=get_language() or "",
        at=by.at,
        total=total,
    )
    if settings.JOBS_APART:
        transaction.on_commit(lambda: _call_for(job))
    return job


def _call_for(job: Job) -> None:
    """Call a worker to a new job; where that fails, the next tick does not wait before it takes it."""
    if not call():
        Job.objects.filter(pk=job.pk).update(called_at=F("made_at") - CALL_AGAIN)


def call() -> bool:
    """Call a worker to look at the list; whether the broker took the call."""
    try:
        current_app.send_task(TASK, queue=QUEUE, expires=CALL_AGAIN.total_seconds())
    except (BrokerError, OSError) as failure:
        logger.warning("No worker could be called, the tick sees to the jobs: %r", failure)
        return False
    return True


def cancel(job: Job, *, now: datetime) -> bool:
    """Let go of a job: at once while it waits, at its next row while it runs; False when it had ended."""
    rows = Job.objects.filter(pk=job.pk)
    ended = {"state": State.CANCELLED, "ended_at": now, "cancel_requested": True}
    if rows.filter(state=State.QUEUED).update(**ended, kept_until=now + KEPT):
        return True
    return rows.filter(state=State.RUNNING).update(cancel_requested=True) == 1


def seen_by(person: Person) -> QuerySet[Job]:
    """The jobs that somebody may look at: their own, as administrator all."""
    rows = Job.objects.select_related("person")
    return rows if is_administrator(person) else rows.filter(person=person)


def label_of(job: Job) -> Any:
    """What jobs of this kind are called."""
    found = Kind.registry.get(job.kind)
    return found.label if found else job.kind


def uploads_of(job: Job) -> Iterable[str]:
    """The names of all files that lie in the store for a job."""
    return filter(None, (job.stored, job.params.get("upload")))


def throw_away(*, now: datetime, limit: int = 20) -> int:
    """Remove the files of jobs that are kept no longer; the rows stay as the log. How many jobs."""
    rows = list(Job.objects.filter(kept_until__lt=now).order_by("kept_until")[:limit])
    for job in rows:
        for name in uploads_of(job):
            default_storage.delete(name)
        Job.objects.filter(pk=job.pk).update(stored="", kept_until=None)
    return len(rows)
