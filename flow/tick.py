"""The tick: what the background does every few seconds; harmless to run twice or from several places."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from flow.models import Heartbeat

logger = logging.getLogger(__name__)
Job = Callable[[datetime], int]
_jobs: dict[str, Job] = {}


def every_tick(name: str) -> Callable[[Job], Job]:
    """Run the decorated `job(at) -> how many` at every tick."""

    def register(job: Job) -> Job:
        _jobs[name] = job
        return job

    return register


def run(*, at: datetime) -> dict[str, int]:
    """Run every job once; a job that fails is logged and does not stop the others. Returns what each did."""
    done: dict[str, int] = {}
    for name, job in _jobs.items():
        try:
            done[name] = job(at)
        except Exception:
            logger.exception("tick job %s failed; the next tick tries again", name)
    return done


def beat(name: str) -> None:
    """Note that the background process `name` lives, in real time."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})
