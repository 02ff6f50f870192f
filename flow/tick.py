"""The tick: what the background does every few seconds; harmless to run twice or from several places."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from flow import maintenance
from flow.models import Heartbeat, Outage

logger = logging.getLogger(__name__)
Job = Callable[[datetime], int]
# So long without any beat, of the workers or of the web that stands in for them, is an outage.
OUTAGE = timedelta(minutes=1)
_jobs: dict[str, Job] = {}


def every_tick(name: str) -> Callable[[Job], Job]:
    """Run the decorated `job(at) -> how many` at every tick."""

    def register(job: Job) -> Job:
        _jobs[name] = job
        return job

    return register


def run(*, at: datetime) -> dict[str, int]:
    """Run every job once; a job that fails is logged and does not stop the others. Returns what each did.

    In a restored copy that nobody has confirmed nothing runs.
    """
    if maintenance.silent():
        return {}
    done: dict[str, int] = {}
    for name, job in _jobs.items():
        try:
            done[name] = job(at)
        except Exception:
            logger.exception("tick job %s failed; the next tick tries again", name)
    return done


def beat(name: str) -> None:
    """Note that the background process `name` lives, in real time, and the outage that this beat ends."""
    now = timezone.now()
    with transaction.atomic():
        rows = {row.name: row for row in Heartbeat.objects.select_for_update().order_by("pk")}
        last = max((row.beat_at for row in rows.values()), default=now)
        if now - last > OUTAGE:
            Outage.objects.create(began_at=last, ended_at=now, ended_by=name)
        if name in rows:
            Heartbeat.objects.filter(name=name).update(beat_at=now)
        else:
            Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": now})
