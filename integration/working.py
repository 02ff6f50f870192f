"""Works jobs off: claimed under a lease that a heartbeat renews, resumed where a killed worker left them."""

from __future__ import annotations

import logging
import threading
import uuid
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from flow import maintenance, tick
from flow.refusals import Denied, Invalid, Refused
from flow.retry import Busy, retried
from integration import jobs, notices
from integration.jobs import KEPT, Kind, State
from integration.models import Job
from integration.outbox import Times
from integration.run import LEASE, Cancelled, Failed, Lost, Run
from org.models import Person

logger = logging.getLogger(__name__)
BEAT = 15.0
TRIES = 5
AT_ONCE = 2
# Who waited longer than this for an end is told of it.
TOLD_AFTER = timedelta(seconds=10)
_here = threading.Lock()


@tick.every_tick("jobs")
def on_tick(at: datetime) -> int:
    """Call the workers to jobs that nobody took; work them off here while the broker is away. How many."""
    times = Times(at, timezone.now)
    now = times.now()
    jobs.throw_away(now=now)
    uncalled = _due(now).filter(called_at__lte=now - jobs.CALL_AGAIN if settings.JOBS_APART else now)
    count = uncalled.update(called_at=now) if uncalled.exists() else 0
    if count and (not settings.JOBS_APART or connection.in_atomic_block):
        drain(times)
    elif count and not jobs.call() and _here.acquire(blocking=False):
        threading.Thread(target=_spell, args=(times,), name="jobs", daemon=True).start()
    return count


def drain(times: Times) -> int:
    """Work off one job after the other until none is left that may be taken; how many."""
    count = 0
    while (job := claim(now=times.now())) is not None:
        work(job, times)
        count += 1
    return count


def claim(*, now: datetime, only: int | None = None) -> Job | None:
    """Take the oldest job that nobody holds (or `only` this one) under a lease; None where there is none.

    Nobody has more than two of their jobs worked on at once, so that one person's hundred leave room.
    """
    if maintenance.silent():
        return None
    _give_up(now)
    passed: set[int] = set()
    while True:
        rows = _due(now).exclude(person__in=passed)
        row = (rows.filter(pk=only) if only else rows).order_by("pk").first()
        if row is None:
            return None
        taken = retried(lambda row=row: _take(row, now))  # type: ignore[misc]
        if taken is not None:
            return taken
        passed.add(row.person_id)


def work(job: Job, times: Times) -> None:
    """Do a claimed job to its end; a fault is kept in its row, a lost database leaves it to the next one."""
    run = Run(job, times)
    language = job.language or settings.LANGUAGE_CODE
    with translation.override(language), _beating(run):
        try:
            message = Kind.registry[job.kind].work(run)
            _end(run, State.DONE, message or "")
        except Cancelled:
            _end(run, State.CANCELLED, _("It was cancelled after {done} rows.").format(done=run.done))
        except Lost:
            logger.warning("job %s was taken over by another worker", job.pk)
        except (Failed, Refused, Denied, Invalid, Busy) as refusal:
            _end(run, State.FAILED, str(refusal))
        except (OperationalError, InterfaceError):
            logger.exception("job %s lost its database; it is taken up again", job.pk)
        except Exception:
            logger.exception("job %s failed", job.pk)
            _end(run, State.FAILED, _("It ended with a fault, which is noted in the log of the server."))


def _due(now: datetime) -> QuerySet[Job]:
    lapsed = Q(state=State.RUNNING, leased_until__lt=now)
    return Job.objects.filter(Q(state=State.QUEUED) | lapsed, tries__lt=TRIES)


def _give_up(now: datetime) -> None:
    """End jobs that took their worker with them each time."""
    rows = Job.objects.filter(state=State.RUNNING, leased_until__lt=now, tries__gte=TRIES)
    if rows.exists():
        said = _("It was given up: its worker ended {tries} times before the job did.").format(tries=TRIES)
        rows.update(state=State.FAILED, message=said, ended_at=now, kept_until=now + KEPT, lease=None)


def _take(row: Job, now: datetime) -> Job | None:
    """The job under a new lease; None when its person has two at work, or somebody else was quicker."""
    with transaction.atomic():
        # One taker for each person at a time, or two of them would both count one.
        Person.objects.select_for_update(no_key=True).get(pk=row.person_id)
        working = Job.objects.filter(person_id=row.person_id, state=State.RUNNING, leased_until__gte=now)
        if working.count() >= AT_ONCE:
            return None
        lease = uuid.uuid4()
        taken = {"state": State.RUNNING, "lease": lease, "leased_until": now + LEASE, "tries": F("tries") + 1}
        mine = _due(now).filter(pk=row.pk, lease=row.lease) if row.lease else _due(now).filter(pk=row.pk)
        if not mine.update(**taken, started_at=row.started_at or now, done=0, refused=0, errors=[]):
            return None
        return Job.objects.select_related("person").get(pk=row.pk)


def _end(run: Run, state: str, message: str) -> None:
    """Write down how it ended, and tell who waited for it; nothing when somebody else took it over."""
    now, job = run.times.now(), run.job
    values = run.values() | {"state": state, "message": message, "ended_at": now, "kept_until": now + KEPT}
    with transaction.atomic():
        if not run.held().update(**values, lease=None, leased_until=None):
            return
        if now - job.made_at > TOLD_AFTER:
            said = {State.DONE: _("{title}: done"), State.FAILED: _("{title}: failed")}
            title = said.get(State(state), _("{title}: cancelled")).format(title=job.title)
            key = f"job:{job.pk}"
            notices.tell(job.person, title=title, text=message, path=job.path, at=run.at, key=key)


@contextmanager
def _beating(run: Run) -> Any:
    """Renew the lease from a thread of its own, for one step of a job may take longer than the lease."""
    if connection.in_atomic_block or not settings.JOBS_APART:
        yield
        return
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(run, stop), name=f"job-{run.job.pk}", daemon=True)
    beat.start()
    try:
        yield
    finally:
        stop.set()
        beat.join()


def _beat(run: Run, stop: threading.Event) -> None:
    while not stop.wait(BEAT):
        try:
            run.renew()
        except (OperationalError, InterfaceError):
            logger.warning("the lease of job %s could not be renewed just now", run.job.pk)
        finally:
            close_old_connections()
    connection.close()


def _spell(times: Times) -> None:
    """Work the list off in this process, once at a time."""
    try:
        drain(times)
    except Exception:
        logger.exception("jobs could not be worked off here; the next tick tries again")
    finally:
        _here.release()
        close_old_connections()
        connection.close()


def here(job: Job, times: Times) -> bool:
    """Work this one job off here and now, if nobody holds it (tests, commands); whether it was."""
    found = claim(now=times.now(), only=job.pk)
    if found is not None:
        work(found, times)
    return found is not None
