"""What a job at work may ask for and say: its person and time, its progress, its failed rows, its result."""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet

from flow.events import By
from flow.idempotency import Key
from flow.models import IdempotencyKey
from flow.policy import Viewer
from integration.jobs import State
from integration.models import Job
from integration.outbox import Times

# So many rows that could not be done are kept with their reasons; the others are counted.
ERRORS = 500
SAID_EVERY = timedelta(seconds=0.5)
LEASE = timedelta(seconds=60)


class Cancelled(Exception):
    """Somebody cancelled the job."""


class Lost(Exception):
    """The lease ran out and another worker has the job now."""


class Failed(Exception):
    """The job cannot be done; the sentence says why."""


class Run:
    """A job at work. `at` is the house's time, which goes on while the job runs."""

    def __init__(self, job: Job, times: Times) -> None:
        self.job, self.times = job, times
        self.ahead = times.at - times.now()
        self.done, self.total, self.refused = 0, job.total, 0
        self.errors: list[dict[str, Any]] = []
        self.figures: dict[str, Any] = {}
        self._result: dict[str, Any] = {}
        self._said = times.now()
        self._alone = False

    @property
    def params(self) -> dict[str, Any]:
        """What was asked for."""
        return self.job.params

    @property
    def at(self) -> datetime:
        """The moment of what it does now: never before it was asked for."""
        return max(self.times.now() + self.ahead, self.job.at)

    @property
    def by(self) -> By:
        """Who does it, and when."""
        return By(self.job.person, self.at)

    @property
    def viewer(self) -> Viewer:
        """The person with the posts held now. One query."""
        return Viewer.of(self.job.person, self.at)

    def key(self, row: Any) -> Key:
        """The key by which an action that this row did already is known."""
        name = f"job:{self.job.pk}:{row}"
        return Key(name, hashlib.sha256(f"{self.job.kind} {name}".encode()).hexdigest())

    def known(self, rows: Iterable[Any]) -> set[str]:
        """Those of the rows (as text) whose action was done already, before a kill. One query."""
        prefix = f"job:{self.job.pk}:"
        keys = [f"{prefix}{row}" for row in rows]
        found = IdempotencyKey.objects.filter(actor=self.job.person, key__in=keys)
        return {key.removeprefix(prefix) for key in found.values_list("key", flat=True)}

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far it is; at most twice a second it is written down. Raises Cancelled or Lost."""
        self.done, self.total = done, self.total if total is None else total
        now = self.times.now()
        if self._alone or now - self._said < SAID_EVERY:
            return
        self._said = now
        self.check_cancelled()

    def check_cancelled(self) -> None:
        """Write down how far it is and renew the lease. Raises Cancelled when somebody asked for that."""
        values = {"done": self.done, "total": self.total, "refused": self.refused}
        if not self.held().update(**values, leased_until=self.times.now() + LEASE):
            raise Lost
        if Job.objects.filter(pk=self.job.pk, cancel_requested=True).exists():
            raise Cancelled

    def fail_row(self, row: int, reason: Any, **where: Any) -> None:
        """Note that a row could not be done, and why; `where`: what, href, sheet, column, value, hint."""
        self.refused += 1
        if len(self.errors) < ERRORS:
            said = {name: str(value)[:300] for name, value in where.items() if value not in (None, "")}
            self.errors.append({"row": row, "reason": str(reason)[:1000], **said})

    def keep(self, name: str, chunks: Iterable[bytes], *, mime: str) -> None:
        """Put the result into the store; it is there for everybody to see once the job is done."""
        with tempfile.TemporaryFile() as draft:
            for chunk in chunks:
                draft.write(chunk)
            size = draft.tell()
            draft.seek(0)
            ending = name.rpartition(".")[2]
            path = f"{self.job.at:%Y/%m}/{uuid.uuid4().hex}.{ending}"
            stored = default_storage.save(path, File(draft, name=path))
        self._result = {"stored": stored, "name": name[-200:], "mime": mime, "size": size}
        self._result["posts"] = [[post.role, post.company_id] for post in self.viewer.posts]

    @contextmanager
    def whole(self) -> Iterator[None]:
        """One transaction around all that follows; meanwhile only the heartbeat speaks for the job.

        Its row must not be touched inside: the heartbeat would wait for the commit, and the lease run out.
        """
        self.check_cancelled()
        self._alone = True
        try:
            with transaction.atomic():
                yield
        finally:
            self._alone = False

    def held(self) -> QuerySet[Job]:
        """The row, as long as this run holds it."""
        return Job.objects.filter(pk=self.job.pk, lease=self.job.lease, state=State.RUNNING)

    def renew(self) -> bool:
        """Hold it for another minute; False when it is lost."""
        return self.held().update(leased_until=self.times.now() + LEASE) == 1

    def values(self) -> dict[str, Any]:
        """What is written down at the end."""
        counts = {"done": self.done, "total": self.total, "refused": self.refused}
        return counts | {"errors": self.errors, "figures": self.figures} | self._result
