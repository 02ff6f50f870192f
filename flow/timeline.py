"""What happened to a document or in its whole case, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Count, QuerySet

from flow import cases, events, feed, render
from flow.actions import Action
from flow.listing import field_at
from flow.models import Document, Event
from flow.policy import Viewer

SHOWN = 20
# What is recorded in a case: steps of people and what followed of them, steps of clocks, all else.
ACTIONS, CLOCKS, OTHERS = "actions", "clocks", "others"
CLOCK = "deadlines."


@dataclass(frozen=True)
class Entry:
    """One event in words: `said` are pairs (label, words) of what was entered."""

    event: Event
    label: Any
    kind: Any
    said: list[tuple[Any, str]]

    @property
    def late_told(self) -> bool:
        """Whether it was recorded more than a minute after it happened; then both times are shown."""
        return (self.event.recorded_at - self.event.at).total_seconds() > 60


def leads_case(document: Document) -> bool:
    """Whether the document opened its case; then its page tells of the whole case (an order)."""
    first = Event.objects.filter(case_id=document.case_id).order_by("pk")
    return first.values_list("subject_type", "subject_id").first() == (document.label(), document.pk)


def visible_events(viewer: Viewer, document: Document, *, whole_case: bool) -> QuerySet[Event]:
    """The events this person may see: of the document, or of its case and the cases that serve it."""
    if whole_case:
        return feed.visible(viewer).filter(case_id__in=cases.family(document.case_id))
    return feed.visible(viewer).filter(subject_type=document.label(), subject_id=document.pk)


def counts(rows: QuerySet[Event]) -> dict[str, int]:
    """How many of the events are actions, steps of clocks, and others. One query."""
    found = {ACTIONS: 0, CLOCKS: 0, OTHERS: 0}
    for verb, number in rows.order_by().values_list("verb").annotate(number=Count("pk")):
        found[group_of(verb)] += number
    return found


def group_of(verb: str) -> str:
    """What kind of thing an event of this verb tells."""
    if verb in Action.registry:
        return ACTIONS
    return CLOCKS if verb.startswith(CLOCK) else OTHERS


def narrowed(rows: QuerySet[Event], group: str) -> QuerySet[Event]:
    """The events of one group alone."""
    if group == CLOCKS:
        return rows.filter(verb__startswith=CLOCK).exclude(verb__in=Action.registry)
    return rows.filter(verb__in=Action.registry) if group == ACTIONS else rows


def entries(
    rows: QuerySet[Event], viewer: Viewer, *, before: int | None = None, size: int = SHOWN
) -> tuple[list[Entry], int | None]:
    """The latest of these events in words, the newest first, and the key before which there are more."""
    rows = rows.filter(pk__lt=before) if before else rows
    found = list(rows.select_related("actor", "actor__department", "case").order_by("-pk")[: size + 1])
    return in_words(found[:size], viewer), found[size - 1].pk if len(found) > size else None


def in_words(found: Sequence[Event], viewer: Viewer) -> list[Entry]:
    """Events in words, without what the viewer's posts in their company do not open."""
    return [_entry(event, viewer.within(event.company_id, event.case.company_id)) for event in found]


def _entry(event: Event, viewer: Viewer) -> Entry:
    action = Action.registry.get(event.verb)
    model = Document.registry.get(event.subject_type)
    fields = action.form.base_fields if action else {}
    said = [
        (fields[name].label or name.replace("_", " "), _words(name, value, fields[name]))
        for name, value in event.data.items()
        if name in fields and value not in (None, "", [], {}) and _open(model, name, viewer)
    ]
    if tell := events.tellers.get(event.verb):
        said = tell(event)
    kind = model._meta.verbose_name if model else event.subject_type
    return Entry(event, label_of(event), kind, said)


def label_of(event: Event) -> str:
    """What happened, in words: the label of the action, or of an event that no action made."""
    action = Action.registry.get(event.verb)
    return str(action.label if action else events.labels.get(event.verb, event.verb))


def state_label(subject_type: str, state: str) -> str:
    """A state of a kind of document in words."""
    model = Document.registry.get(subject_type)
    return str(dict(field_at(model, "state").flatchoices).get(state, state)) if model else state


def _open(model: type[Document] | None, name: str, viewer: Viewer) -> bool:
    return model is not None and render.readable(model, name, viewer)


def _words(name: str, value: Any, field: Any) -> str:
    """A value kept with an event, as the field it was typed into would show it."""
    if isinstance(value, dict):
        value = value.get("text") or value.get("number") or ""
    choices = dict(getattr(field, "choices", ()) or ())
    if isinstance(value, str) and value in choices:
        return str(choices[value])
    try:
        return render.words(_read_back(value, field), name)
    except (ArithmeticError, ValueError):
        # What the event says under this name is not what the field takes.
        return render.words(value)


def _read_back(value: Any, field: Any) -> Any:
    """A value of the type of its field: JSON keeps numbers and moments as text."""
    if isinstance(field, forms.DecimalField):
        return Decimal(str(value))
    if isinstance(field, forms.DateTimeField):
        return datetime.fromisoformat(str(value))
    return value
