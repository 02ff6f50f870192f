"""The outbox: a row in the transaction that makes it true, sent afterwards at least once, never lost (P5).

Claim with a lease, send, mark. A failed try waits 1, 2, 4, 8, 15, 30, 60 minutes; after the eighth the
row is given up, visibly, until somebody has it tried again. All times here are real times.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from flow import maintenance
from flow.models import Event
from flow.retry import retried
from integration.models import Outbox
from org.models import Person

logger = logging.getLogger(__name__)
TRIES = 8
WAITS = tuple(timedelta(minutes=m) for m in (1, 2, 4, 8, 15, 30, 60))
LEASE = timedelta(minutes=2)
BATCH = 500
MAIL_CHANNEL = "mail"
LATER_CHANNEL = "later"


class Hopeless(Exception):
    """Trying again cannot help; the row is given up at once."""


Send = Callable[[Outbox, "Times"], None]
_senders: dict[str, Send] = {}


@dataclass(frozen=True)
class Times:
    """The house's time (`at`, moved by the training clock) and the real time (`now`) of a dispatch."""

    at: datetime
    now: Callable[[], datetime]


@dataclass(frozen=True)
class Letter:
    """What is put into the outbox; unique for (key, recipient, channel)."""

    kind: str
    key: str
    recipient: str
    channel: str
    payload: dict[str, Any] = field(default_factory=dict)
    event: Event | None = None


def mail(address: str, *, subject: str, text: str, key: str, event: Event | None = None) -> Letter:
    """A mail to be put into the outbox."""
    payload = {"subject": " ".join(subject.split()), "text": text}
    return Letter(Outbox.Kind.MAIL, key, address, MAIL_CHANNEL, payload, event)


def put(letters: Iterable[Letter]) -> None:
    """Insert the letters in the running transaction; one that is there already stays as it is."""
    rows = [
        Outbox(
            kind=letter.kind,
            key=letter.key,
            recipient=letter.recipient,
            channel=letter.channel,
            payload=letter.payload,
            event_id=letter.event.pk if letter.event else None,
        )
        for letter in letters
    ]
    Outbox.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)


def sender(kind: str) -> Callable[[Send], Send]:
    """Let the decorated `send(row, times)` deliver this kind; it raises where it could not.

    A sender that marks the row `done` itself, in the transaction of its effect, has exactly one effect.
    """

    def register(send: Send) -> Send:
        _senders[kind] = send
        return send

    return register


def stable_id(row: Outbox) -> str:
    """The same name for every try of a row, by which a receiver knows a repetition."""
    return hashlib.sha256(f"{row.key}\n{row.recipient}\n{row.channel}".encode()).hexdigest()[:40]


def due_channels(*, now: datetime) -> list[str]:
    """The channels in which something is due."""
    give_up(now=now)
    return list(_due(now).order_by().values_list("channel", flat=True).distinct())


def drain(channel: str, *, times: Times, until: datetime | None = None, limit: int | None = None) -> int:
    """Send what is due in one channel, row by row, until nothing is, or `until` (real time) has come."""
    done = 0
    while (until is None or times.now() < until) and (limit is None or done < limit):
        row = claim(channel, now=times.now())
        if row is None:
            break
        deliver(row, times)
        done += 1
    return done


def claim(channel: str, *, now: datetime) -> Outbox | None:
    """Take one due row for two minutes and count the try; None when nothing is due that nobody else holds,
    or the house is a copy that must be silent."""

    def once() -> Outbox | None:
        with transaction.atomic():
            if maintenance.silent():
                return None
            rows = _due(now).filter(channel=channel).order_by("next_at", "pk")
            row = rows.select_for_update(skip_locked=True).first()
            if row is None:
                return None
            row.lease, row.leased_until, row.tries = uuid.uuid4(), now + LEASE, row.tries + 1
            row.save(update_fields=["lease", "leased_until", "tries"])
            return row

    return retried(once)


def deliver(row: Outbox, times: Times) -> Exception | None:
    """Send a claimed row and mark it; a failure is kept in the row, logged and returned."""
    try:
        _senders[row.kind](row, times)
    except Exception as failure:
        logger.warning(
            "outbox %s (%s to %s), try %s: %r", row.pk, row.kind, row.recipient, row.tries, failure
        )
        failed(row, failure, now=times.now())
        return failure
    done(row, now=times.now())
    return None


def done(row: Outbox, *, now: datetime) -> bool:
    """Mark a row that is still held under its lease as done; False when it was done or taken over."""
    held = Outbox.objects.filter(pk=row.pk, lease=row.lease, state=Outbox.State.WAITING)
    return held.update(state=Outbox.State.DONE, done_at=now, leased_until=None, fault="") == 1


def failed(row: Outbox, failure: Exception, *, now: datetime) -> None:
    """Note the fault and wait longer each time; after the last try the row is given up."""
    held = Outbox.objects.filter(pk=row.pk, lease=row.lease, state=Outbox.State.WAITING)
    fault = f"{type(failure).__name__}: {failure}"[:2000].replace("\x00", "")
    if row.tries >= TRIES or isinstance(failure, Hopeless):
        held.update(state=Outbox.State.DEAD, fault=fault, leased_until=None)
    else:
        held.update(next_at=now + WAITS[row.tries - 1], fault=fault, leased_until=None)


def give_up(*, now: datetime) -> int:
    """Give up rows whose last try ended with the death of its process."""
    rows = Outbox.objects.filter(state=Outbox.State.WAITING, tries__gte=TRIES, leased_until__lt=now)
    return rows.update(state=Outbox.State.DEAD, leased_until=None, fault=_KILLED)


def try_again(rows: QuerySet[Outbox], *, now: datetime) -> int:
    """Have rows that were given up or dropped tried again from the beginning; how many there were."""
    dead = rows.filter(state__in=(Outbox.State.DEAD, Outbox.State.DROPPED))
    afresh = {"tries": 0, "next_at": now, "lease": None, "leased_until": None}
    never_dropped = {"dropped_by": None, "dropped_at": None, "drop_reason": ""}
    return dead.update(state=Outbox.State.WAITING, **afresh, **never_dropped)


def drop(rows: QuerySet[Outbox], *, person: Person, reason: str, now: datetime) -> int:
    """Let go of rows that were given up or still wait, by somebody's decision; how many there were."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    open_ones = rows.filter(free, state__in=(Outbox.State.DEAD, Outbox.State.WAITING))
    return open_ones.update(
        state=Outbox.State.DROPPED, dropped_by=person, dropped_at=now, drop_reason=reason[:200], lease=None
    )


_KILLED = "The process that tried it last ended before it could say how it went."


def _due(now: datetime) -> QuerySet[Outbox]:
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    return Outbox.objects.filter(free, state=Outbox.State.WAITING, next_at__lte=now, tries__lt=TRIES)
