"""Down the stack: call. Up the stack: record an event, and let who cares react."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from flow.models import Document, Event
from org.composed import insertion
from org.models import Person


@dataclass(frozen=True)
class By:
    """Who acts, and when. Made once, at the face; handed down, never looked up."""

    actor: Person
    at: datetime

    def moved_to(self, at: datetime) -> By:
        """The same person at another moment (a back-dated act)."""
        return replace(self, at=at)


Handler = Callable[[Event, Any, By], None]
Happened = list[tuple[Event, Any, By]]
Together = Callable[[Happened], None]
# What an event is called that no action records (the steps of a clock); an action has a label of its own.
labels: dict[str, Any] = {}
# What such an event says, as pairs (title, words).
tellers: dict[str, Callable[[Event], list[tuple[Any, str]]]] = {}
_handlers: dict[str, list[Handler]] = defaultdict(list)
_together: dict[Handler, Together] = {}


def on(*verbs: str) -> Callable[[Handler], Handler]:
    """Run the decorated `handler(event, document, by)` inside the transaction that records any of `verbs`.

    "*" means every verb. The document is the live instance just saved; the case is locked.
    """

    def register(handler: Handler) -> Handler:
        for verb in verbs:
            _handlers[verb].append(handler)
        return handler

    return register


def together(handler: Handler) -> Callable[[Together], Together]:
    """Run the decorated `many([(event, document, by), …])` in place of `handler` where the clock records many
    events at once; both must mean the same."""

    def register(many: Together) -> Together:
        _together[handler] = many
        return many

    return register


def handlers_of(verb: str) -> list[Handler]:
    """The handlers that run when `verb` is recorded, those for every verb last."""
    return [*_handlers[verb], *(_handlers["*"] if verb != "*" else ())]


def record(
    verb: str,
    document: Document,
    by: By,
    *,
    data: dict[str, Any] | None = None,
    state_from: str = "",
    versioned: bool = False,
) -> Event:
    """Record that `verb` happened to `document`, run the handlers. RuntimeError outside a transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An event must be recorded in the transaction that makes it true.")
    event = _event(verb, document, by, data or {})
    if versioned:
        event.version, event.state_from, event.state_to = document.version, state_from, document.state
    insertion(Event)([event])
    for handler in handlers_of(verb):
        handler(event, document, by)
    return event


def record_many(told: Iterable[tuple[str, Document, By, dict[str, Any]]]) -> list[Event]:
    """Record many events that change no document (verb, document, by, data), inserted together; then, verb by
    verb, each handler runs for all of them. For the clock; raises RuntimeError outside a transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An event must be recorded in the transaction that makes it true.")
    several = list(told)
    made = [_event(*one) for one in several]
    insertion(Event)(made)
    happened: dict[str, Happened] = defaultdict(list)
    for event, (verb, document, by, _data) in zip(made, several, strict=True):
        happened[verb].append((event, document, by))
    for verb, these in happened.items():
        for handler in handlers_of(verb):
            _run_for(handler, these)
    return made


def _event(verb: str, document: Document, by: By, data: dict[str, Any]) -> Event:
    return Event(
        verb=verb,
        at=by.at,
        actor=by.actor,
        case_id=document.case_id,
        company_id=document.company_id,
        subject_type=document.label(),
        subject_id=document.pk,
        data=data,
    )


def _run_for(handler: Handler, happened: Happened) -> None:
    if many := _together.get(handler):
        many(happened)
        return
    for event, document, by in happened:
        handler(event, document, by)
