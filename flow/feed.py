"""Events as plain data: only those of documents a person may see, without what the person may not read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import BigIntegerField, CharField, Q, QuerySet
from django.utils.translation import gettext as _

from flow import cases, events, json_input, listing, policy
from flow.actions import Action
from flow.models import Document, Event
from flow.policy import Viewer
from flow.refusals import Invalid
from flow.screens import Screen
from org.composed import Composed, Place

SHOWN = 200
FILTERS = ("verb", "subject", "case")
_SALT = "flow.feed"


@dataclass(frozen=True)
class Page:
    """Some events, the newest first, and the cursor of those before them."""

    rows: list[Event]
    next: str | None


def seen(viewer: Viewer) -> Q:
    """The condition on rows with a subject, a case and a company that this person may see the subject."""
    kinds: dict[Any, list[str]] = defaultdict(list)
    for label, model in Document.registry.items():
        companies = viewer.companies(policy.readers(model))
        kinds[None if companies is None else frozenset(companies)].append(label)
    found = Q(pk__in=[])
    for companies, labels in kinds.items():
        here = Q(subject_type__in=labels)
        if companies is not None:
            here &= Q(company_id__in=companies) | Q(case__company_id__in=companies)
        found |= here
    return found


def visible(viewer: Viewer) -> QuerySet[Event]:
    """The events on documents this person may see."""
    return Event.objects.filter(seen(viewer))


def of(document: Any, viewer: Viewer) -> list[dict[str, Any]]:
    """The latest events of one document, the oldest first. One query."""
    viewer = viewer.on(document)
    latest = _latest_of(subject_type=document.label(), subject=document.pk)
    return [plain(event, viewer) for event in reversed(latest)]


_latest_of = Composed(
    lambda: (
        Event.objects.filter(
            subject_type=Place("subject_type", CharField()), subject_id=Place("subject", BigIntegerField())
        )
        .select_related("actor")
        .order_by("-pk")[:SHOWN]
    )
)


def page(viewer: Viewer, asked: Mapping[str, Any]) -> Page:
    """One page of all visible events. `asked`: `verb`, `subject`, `case`, `cursor`, `page_size`.

    `subject` is a document type (`orders.order`) or a document (`orders.order:<id or number>`); the events of
    a `case` are also those of the documents in other cases that serve it. Raises Invalid where one of them
    is wrong.
    """
    if unknown := [name for name in asked if name not in (*FILTERS, "cursor", "page_size")]:
        raise Invalid({name: _("The list has no such filter.") for name in unknown})
    size = listing.page_size(asked.get("page_size", ""))
    rows = _filtered(visible(viewer), viewer, {n: str(asked[n]) for n in FILTERS if asked.get(n)})
    if cursor := asked.get("cursor"):
        rows = rows.filter(pk__lt=_before(cursor))
    found = list(rows.select_related("actor", "case").order_by("-pk")[: size + 1])
    more = len(found) > size
    return Page(found[:size], signing.dumps(found[size - 1].pk, salt=_SALT) if more else None)


def plain(event: Event, viewer: Viewer) -> dict[str, Any]:
    """One event as JSON takes it."""
    action = Action.registry.get(event.verb)
    return {
        "id": event.pk,
        "verb": event.verb,
        "label": str(action.label if action else events.labels.get(event.verb, event.verb)),
        "at": event.at.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
        "actor": str(event.actor),
        "version": event.version,
        "from": event.state_from,
        "to": event.state_to,
        "data": _open_part(event.data, _closed(event.subject_type, viewer)),
    }


def listed(events: list[Event], viewer: Viewer) -> list[dict[str, Any]]:
    """Events of many documents, each with its document and its case. One query for each document type."""
    named = subjects({(event.subject_type, event.subject_id) for event in events})
    return [
        plain(event, viewer.within(event.company_id, event.case.company_id))
        | {"case": str(event.case.public_id), "subject": named[event.subject_type, event.subject_id]}
        for event in events
    ]


def subjects(wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], dict[str, Any]]:
    """Documents of many types by `label`, `id` and `number` (None once discarded). A query for each type."""
    by_label: dict[str, set[int]] = defaultdict(set)
    for label, pk in wanted:
        by_label[label].add(pk)
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for label, pks in by_label.items():
        model = Document.registry.get(label)
        rows = (
            model._default_manager.filter(pk__in=pks).values_list("pk", "public_id", "number")
            if model
            else ()
        )
        known = {pk: (str(public_id), number) for pk, public_id, number in rows}
        for pk in pks:
            public_id, number = known.get(pk, (None, None))
            found[label, pk] = {"label": label, "id": public_id, "number": number}
    return found


def _filtered(rows: QuerySet[Event], viewer: Viewer, asked: dict[str, str]) -> QuerySet[Event]:
    if wrong := [name for name, word in asked.items() if json_input.unspeakable([word])]:
        raise Invalid({name: _("This holds characters that are not text.") for name in wrong})
    if verb := asked.get("verb"):
        if verb not in Action.registry and not rows.filter(verb=verb).exists():
            raise Invalid({"verb": _("There is no such step.")})
        rows = rows.filter(verb=verb)
    if case := asked.get("case"):
        try:
            rows = rows.filter(case_id__in=cases.family(UUID(case)))
        except ValueError as wrong_id:
            raise Invalid({"case": _("A case is named by its id.")}) from wrong_id
    return _of_subject(rows, viewer, asked["subject"]) if "subject" in asked else rows


def _of_subject(rows: QuerySet[Event], viewer: Viewer, subject: str) -> QuerySet[Event]:
    label, _colon, word = subject.partition(":")
    model = Document.registry.get(label)
    if model is None or label not in Screen.registry:
        raise Invalid({"subject": _("There is no such kind of document.")})
    rows = rows.filter(subject_type=label)
    if not word:
        return rows
    found = listing.find(model, word, viewer)
    return rows.filter(subject_id=found.pk) if found else rows.none()


def _before(cursor: Any) -> int:
    try:
        return int(signing.loads(str(cursor), salt=_SALT))
    except (signing.BadSignature, UnicodeEncodeError, ValueError, TypeError) as wrong:
        raise Invalid({"cursor": _("This is not a place in the list.")}) from wrong


def _closed(label: str, viewer: Viewer) -> frozenset[str]:
    """The confidential names of a document type and its lines that this person may not read."""
    model = Document.registry.get(label)
    if model is None:
        return frozenset()
    screen = Screen.registry.get(label)
    parts = [model._meta.get_field(part.name).related_model for part in screen.lines] if screen else []
    return frozenset(
        name
        for kind in (model, *parts)
        if kind is not None
        for name in getattr(kind, "confidential", {})
        if not policy.may_read(kind, name, viewer)
    )


def _open_part(found: Any, closed: frozenset[str]) -> Any:
    if isinstance(found, dict):
        return {name: _open_part(value, closed) for name, value in found.items() if name not in closed}
    if isinstance(found, list):
        return [_open_part(value, closed) for value in found]
    return found
