"""What happened to a document or in its whole case, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet

from flow import cases, events, feed, render
from flow.actions import Action
from flow.listing import field_at
from flow.models import Document, Event
from flow.policy import Viewer

SHOWN = 300


@dataclass(frozen=True)
class Entry:
    """One event in words: `said` are pairs (label, words) of what was entered."""

    event: Event
    label: Any
    kind: Any
    said: list[tuple[Any, str]]
    href: str = ""

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


def entries(document: Document, viewer: Viewer, *, whole_case: bool) -> list[Entry]:
    """The latest events, the newest first: of the document, or of its whole case."""
    viewer = viewer.on(document)
    rows = visible_events(viewer, document, whole_case=whole_case)
    rows = rows.select_related("actor", "actor__department").order_by("-pk")[:SHOWN]
    return [_entry(event, viewer) for event in rows]


def _entry(event: Event, viewer: Viewer) -> Entry:
    action = Action.registry.get(event.verb)
    model = Document.registry.get(event.subject_type)
    fields = action.form.base_fields if action else {}
    said = [
        (fields[name].label or name.replace("_", " "), _words(name, value, fields[name]))
        for name, value in event.data.items()
        if name in fields and value not in (None, "", [], {}) and _open(model, name, viewer)
    ]
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
