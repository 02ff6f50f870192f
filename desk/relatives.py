"""The other documents of a case and what they were made from, with what one may do there next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import BigIntegerField, CharField, F, Q, Value
from django.db.models.functions import Cast

from desk import todo
from flow import html, policy
from flow.listing import field_at
from flow.models import CaseLink, Document
from flow.policy import Viewer
from flow.screens import screen_of

Key = tuple[str, int]
# Of a case with more documents than this the latest are shown.
MOST = 400
# By how many fields a document may name what it was made from.
WAYS = 2


@dataclass(frozen=True)
class Relative:
    """Another document of the case, and the documents it may have been made from, the nearest first."""

    label: str
    pk: int
    kind: Any
    public_id: Any
    name: str
    state: str
    tone: str
    state_label: Any
    created_at: datetime
    me: bool
    above: tuple[Key, ...]

    @property
    def key(self) -> Key:
        """Type and key."""
        return self.label, self.pk

    @property
    def path(self) -> str:
        """Where it stands under the root of the site."""
        return f"{self.label.replace('.', '/', 1)}/{self.public_id}"


def relatives(document: Document, viewer: Viewer) -> list[Relative]:
    """The documents of the case and of its linked cases that this person may see, the oldest first.

    Two queries, and one for each type that names what it was made from in its lines.
    """
    links = CaseLink.objects.filter(Q(case=document.case_id) | Q(served=document.case_id))
    cases = {document.case_id, *(pk for pair in links.values_list("case_id", "served_id") for pk in pair)}
    parts = [
        _rows(screen.model, viewer, cases)
        for screen in html.screens()
        if viewer.companies(policy.readers(screen.model)) != set()
    ]
    if not parts:
        return []
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    told = list(rows.order_by("-created_at", "-pk")[:MOST])
    by_lines = _made_by_lines(told)
    # What was made in the same moment stands in the order of the flow.
    place = {screen.model.label(): place for place, screen in enumerate(html.screens())}
    found = [_relative(row, document, by_lines) for row in told]
    return sorted(found, key=lambda one: (one.created_at, place[one.label], one.pk))


def _rows(model: type[Document], viewer: Viewer, cases: set[int]) -> Any:
    rows = policy.visible_to(model, viewer).filter(case_id__in=cases).order_by()
    fields = [field for field, _label in parents(model)][:WAYS]
    nothing = Cast(Value(None), BigIntegerField())
    ways = {f"up_{n}": F(f"{fields[n]}_id") if n < len(fields) else nothing for n in range(WAYS)}
    label = Cast(Value(model.label()), CharField())
    return rows.annotate(kind_label=label, **ways).values_list(
        "kind_label", "pk", "public_id", "number", "state", "created_at", *ways
    )


@cache
def parents(model: type[Document]) -> list[tuple[str, str]]:
    """The fields by which documents of this type name others, with their type: what stands furthest down the
    flow is what they were made from."""
    order = {screen.model: place for place, screen in enumerate(html.screens())}
    named = [
        (order[field.related_model], field.name, field.related_model.label())
        for field in model._meta.concrete_fields
        if field.many_to_one and field.related_model in order
    ]
    return [(name, label) for _place, name, label in sorted(named, reverse=True)]


def _made_by_lines(told: Sequence[tuple[Any, ...]]) -> dict[Key, tuple[Key, ...]]:
    """The parents that documents name in their lines, as their screens say. One query for each such type."""
    ids: dict[str, list[int]] = defaultdict(list)
    for row in told:
        ids[row[0]].append(row[1])
    found: dict[Key, list[Key]] = defaultdict(list)
    for label, pks in ids.items():
        model = Document.registry[label]
        if not (path := screen_of(model).made_from):
            continue
        above = field_at(model, path).related_model.label()
        pairs = model._default_manager.filter(pk__in=pks).order_by().values_list("pk", path).distinct()
        for pk, parent in pairs:
            if parent is not None:
                found[label, pk].append((above, parent))
    return {key: tuple(above) for key, above in found.items()}


def _relative(row: tuple[Any, ...], document: Document, by_lines: Mapping[Key, tuple[Key, ...]]) -> Relative:
    label, pk, public_id, number, state, created_at, *ways = row
    model = Document.registry[label]
    states = dict(field_at(model, "state").flatchoices)
    kind = model._meta.verbose_name
    named = zip(parents(model), ways, strict=False)
    return Relative(
        label,
        pk,
        kind,
        public_id,
        number or str(kind),
        state,
        html.tone(model, state),
        states.get(state, state),
        created_at,
        label == document.label() and pk == document.pk,
        (*by_lines.get((label, pk), ()), *((above, key) for (_field, above), key in named if key)),
    )


def steps_on(found: Iterable[Relative], viewer: Viewer) -> dict[Key, list[tuple[Any, str]]]:
    """The next steps of this person on these documents. A few queries for each type that has one."""
    states: dict[str, dict[int, str]] = defaultdict(dict)
    for one in found:
        states[one.label][one.pk] = one.state
    return {
        (label, pk): steps
        for label, known in states.items()
        for pk, steps in todo.due_on(Document.registry[label], known, viewer).items()
    }
