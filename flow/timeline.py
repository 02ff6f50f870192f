"""What a page tells of a document's case: what happened, and which other documents belong to it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import CharField, Q, QuerySet, Value

from flow import cases, events, feed, html, policy, render, todo
from flow.actions import Action
from flow.listing import field_at
from flow.models import CaseLink, Document, Event
from flow.policy import Viewer

SHOWN = 300
RELATIVE = ("pk", "public_id", "number", "state", "created_at")


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


@dataclass(frozen=True)
class Relative:
    """Another document of the case, as a row of its list."""

    label: str
    kind: Any
    public_id: Any
    name: str
    tone: str
    state_label: Any
    created_at: datetime
    me: bool
    steps: list[tuple[Any, str]]

    @property
    def path(self) -> str:
        """Where it stands under the root of the site."""
        return f"{self.label.replace('.', '/', 1)}/{self.public_id}"


def relatives(document: Document, viewer: Viewer) -> list[Relative]:
    """All documents of the case and of its linked cases that this person may see, with the next steps there.

    Two queries, and a few for each type with a step that may be this person's.
    """
    links = CaseLink.objects.filter(Q(case=document.case_id) | Q(served=document.case_id))
    cases = {document.case_id, *(pk for pair in links.values_list("case_id", "served_id") for pk in pair)}
    parts = [
        policy.visible_to(screen.model, viewer)
        .filter(case_id__in=cases)
        .order_by()
        .values_list(Value(screen.model.label(), output_field=CharField()), *RELATIVE)
        for screen in html.screens()
        if viewer.companies(policy.readers(screen.model)) != set()
    ]
    if not parts:
        return []
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    told = list(rows)
    steps = _steps([row for row in told if row[:2] != (document.label(), document.pk)], viewer)
    found = [_relative(row, document, steps.get(row[:2], [])) for row in told]
    return sorted(found, key=lambda one: one.created_at)


def _steps(rows: list[tuple[Any, ...]], viewer: Viewer) -> dict[tuple[str, int], list[tuple[Any, str]]]:
    """The next steps of this person on these documents, by type and key."""
    states: dict[str, dict[int, str]] = defaultdict(dict)
    for label, pk, _public_id, _number, state, _created_at in rows:
        states[label][pk] = state
    return {
        (label, pk): steps
        for label, found in states.items()
        for pk, steps in todo.due_on(Document.registry[label], found, viewer).items()
    }


def _relative(row: tuple[Any, ...], document: Document, steps: list[tuple[Any, str]]) -> Relative:
    label, pk, public_id, number, state, created_at = row
    model = Document.registry[label]
    states = dict(field_at(model, "state").flatchoices)
    me = label == document.label() and pk == document.pk
    kind = model._meta.verbose_name
    return Relative(
        label,
        kind,
        public_id,
        number or str(kind),
        html.tone(model, state),
        states.get(state, state),
        created_at,
        me,
        steps,
    )
