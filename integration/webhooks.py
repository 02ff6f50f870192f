"""Tells subscribers outside the house of events: remembered with the event, signed, sent at least once."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from flow import events
from flow.events import By
from flow.models import Event
from integration import outbox, wire
from integration.models import Outbox, Subscription
from integration.outbox import Hopeless, Times

# For so long a process believes that nobody subscribed; a first subscription elsewhere waits for it at most.
BELIEF_SECONDS = 5.0


class _Nobody:
    """Until when (on the process's own clock) it need not ask whether anybody subscribed."""

    until = 0.0


_nobody = _Nobody()


def subscribers() -> list[Subscription]:
    """The active subscriptions; no query while nobody is known to have subscribed."""
    if time.monotonic() < _nobody.until:
        return []
    found = list(Subscription.objects.filter(active=True).order_by("pk"))
    _nobody.until = 0.0 if found else time.monotonic() + BELIEF_SECONDS
    return found


@events.on("*")
def enqueue(event: Event, document: Any, by: By) -> None:
    """Put one letter into the outbox for each subscriber of the verb, in the event's transaction."""
    enqueue_many([(event, document, by)])


@events.together(enqueue)
def enqueue_many(happened: events.Happened) -> None:
    """The same for many events, inserted together."""
    if several := subscribers():
        outbox.put(
            outbox.Letter(
                Outbox.Kind.WEBHOOK, f"event:{event.pk}", str(s.pk), f"webhook:{s.pk}", _head(document), event
            )
            for event, document, _by in happened
            for s in several
            if s.wants(event.verb)
        )


def _head(document: Any) -> dict[str, Any]:
    """The subject as it stood when the event was recorded."""
    return {
        "type": document.label(),
        "id": str(document.public_id),
        "number": document.number,
        "state": document.state,
        "version": document.version,
    }


@outbox.sender(Outbox.Kind.WEBHOOK)
def send(row: Outbox, times: Times) -> None:
    """Post one event to its subscriber. Raises what the network or the receiver says."""
    subscription = Subscription.objects.filter(pk=row.recipient, active=True).first()
    if subscription is None:
        raise Hopeless("The subscription was ended.")
    body = json.dumps(message(row), cls=DjangoJSONEncoder, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": outbox.stable_id(row),
        "X-Signature": signature(subscription.secret, body, at=times.now()),
    }
    wire.post(subscription.url, body, headers)


def message(row: Outbox) -> dict[str, Any]:
    """What a subscriber is told; the same for every try."""
    assert row.event_id is not None
    event = Event.objects.select_related("actor", "case", "company").get(pk=row.event_id)
    return {
        "id": outbox.stable_id(row),
        "event": event.pk,
        "verb": event.verb,
        "at": event.at,
        "recorded_at": event.recorded_at,
        "actor": event.actor.username,
        "company": event.company.code,
        "case": event.case.public_id,
        "subject": row.payload,
        "from": event.state_from,
        "to": event.state_to,
        "data": event.data,
    }


def signature(secret: str, body: bytes, *, at: datetime) -> str:
    """`t=<seconds>,v1=<HMAC-SHA256 of "seconds.body">`: a receiver refuses what is wrong or too old."""
    seconds = int(at.timestamp())
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={signed.hexdigest()}"


def _ask_again(**_kwargs: Any) -> None:
    """Somebody changed the subscriptions here: ask at the next event, and again once it is committed."""
    _nobody.until = 0.0
    transaction.on_commit(_forget)


def _forget() -> None:
    _nobody.until = 0.0


post_save.connect(_ask_again, sender=Subscription, dispatch_uid="integration.webhooks.saved")
post_delete.connect(_ask_again, sender=Subscription, dispatch_uid="integration.webhooks.deleted")
