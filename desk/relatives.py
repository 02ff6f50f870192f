"""The other documents of a case, with what one may do there next."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Q, Value

from desk import todo
from flow import html, policy
from flow.listing import field_at
from flow.models import CaseLink, Document
from flow.policy import Viewer

RELATIVE = ("pk", "public_id", "number", "state", "created_at")


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
