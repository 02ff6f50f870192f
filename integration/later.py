"""Reactions in another case: remembered with the event, done in a transaction of their own, exactly once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone

from flow import cases, events
from flow.events import By
from flow.models import Event
from flow.retry import retried
from integration import outbox
from integration.models import Outbox
from integration.outbox import Times

Reaction = Callable[[Event, Any, By], None]
_reactions: dict[str, Reaction] = {}
_by_verb: dict[str, list[str]] = defaultdict(list)


def later(*verbs: str) -> Callable[[Reaction], Reaction]:
    """Do the decorated `reaction(event, document, by)` once, after any of `verbs` was committed.

    It runs in a transaction of its own in which nothing is locked yet: it names its cases with
    `cases.lock(...)` and then lets actions `follow`. `document` is the subject as it stands then, None
    when it was discarded; `by` is the event's actor at the time of the doing.
    """

    def register(reaction: Reaction) -> Reaction:
        name = f"{reaction.__module__}.{reaction.__qualname__}"
        if name in _reactions:
            raise RuntimeError(f"{name} is declared twice.")
        _reactions[name] = reaction
        for verb in verbs:
            if not _by_verb[verb]:
                events.on(verb)(_remember)
            _by_verb[verb].append(name)
        return reaction

    return register


def run_pending(at: datetime, *, now: Callable[[], datetime] = timezone.now) -> int:
    """Do every reaction that is due, and those that follow from them, at the house's time `at`; how many.

    For demonstrations and tests. Raises the first failure, which the row remembers as well. `now` reads
    real time, on which leases and waits run.
    """
    times, count = Times(at, now), 0
    while (row := outbox.claim(outbox.LATER_CHANNEL, now=now())) is not None:
        if failure := outbox.deliver(row, times):
            raise failure
        count += 1
    return count


def _remember(event: Event, document: Any, by: By) -> None:
    channel = outbox.LATER_CHANNEL
    outbox.put(
        outbox.Letter(Outbox.Kind.LATER, f"event:{event.pk}", name, channel, {}, event)
        for name in _by_verb[event.verb]
    )


@outbox.sender(Outbox.Kind.LATER)
def _react(row: Outbox, times: Times) -> None:
    """Mark the row and do the reaction in one commit; a row that somebody else did is left alone."""
    reaction = _reactions.get(row.recipient)
    if reaction is None:
        raise LookupError(f"No reaction is called {row.recipient}.")

    def once() -> None:
        with cases.transact():
            if not outbox.done(row, now=times.now()):
                return
            assert row.event_id is not None
            event = Event.objects.select_related("actor").get(pk=row.event_id)
            reaction(event, event.subject(), By(event.actor, max(times.at, event.at)))

    retried(once)
