"""Waits a moment for a job, so that what is soon done is shown as done."""

from __future__ import annotations

import time
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from integration import working
from integration.models import Job
from integration.outbox import Times

SECONDS, LOOK_EVERY = 2.0, 0.05


def wait(job: Job, *, at: datetime, seconds: float = SECONDS) -> Job:
    """The job when it has ended, or as it stands when time is up; where no workers are, it is done here."""
    if not settings.JOBS_APART:
        working.here(job, Times(at, timezone.now))
    until = time.monotonic() + seconds
    while True:
        again = Job.objects.select_related("person").get(pk=job.pk)
        if again.ended or time.monotonic() > until:
            return again
        time.sleep(LOOK_EVERY)
