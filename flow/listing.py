"""Lists of documents as their screen declares them: filters, search, order and pages, for every face."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django import forms
from django.db import models
from django.db.models import BigIntegerField, Q, QuerySet
from django.utils.translation import gettext as _

from flow import json_input, narrowing, paging, policy, render
from flow.models import Document
from flow.narrowing import CASE, field_at, filter_field
from flow.paging import Page, Stretch
from flow.policy import Viewer
from flow.refusals import Invalid
from flow.screens import Screen, screen_of
from org.composed import Composed, Place

__all__ = ["CASE", "OWN", "Page", "Stretch", "field_at", "filter_field"]

PAGE_SIZE, MAX_PAGE_SIZE = 50, 200
MAX_SEARCH = 100
OWN = ("q", "ordering", "cursor", "page_size")


# ---- orders that no column says ----


@dataclass(frozen=True)
class Order:
    """An order of lists that no column says: `stretches(screen, rows, viewer)` lays out the rows."""

    name: str
    label: Any
    stretches: Callable[[Screen, QuerySet[Any], Viewer], list[Stretch]]


_orders: dict[str, Order] = {}


def order(name: str, label: Any) -> Callable[[Any], Any]:
    """Let every list be read in the order in which the decorated function lays out its rows."""

    def register(stretches: Any) -> Any:
        _orders[name] = Order(name, label, stretches)
        return stretches

    return register


def orders() -> tuple[Order, ...]:
    """The orders that every list has beside those by its columns."""
    return tuple(_orders.values())


# ---- one document ----


def find(model: type[Document], word: str, viewer: Viewer, *, bare: bool = False) -> Any:
    """The document with this public id or number, or None when there is none that the person may see.

    `bare`: only with its company and case, to be acted on; else with all that its screen shows.
    """
    if json_input.unspeakable([word]) or not word:
        return None
    try:
        named: dict[str, Any] = {"public_id": UUID(word)}
    except ValueError:
        named = {"number": word}
    return _one(model, named, viewer, bare=bare)


def _one(model: type[Document], named: dict[str, Any], viewer: Viewer, *, bare: bool) -> Any:
    companies = viewer.companies(policy.readers(model))
    count = None if companies is None else len(companies)
    values = {f"company{n}": pk for n, pk in enumerate(sorted(companies or ()))}
    return _finding(model, next(iter(named)), count, bare).one(**named, **values)


def again(document: Document, viewer: Viewer) -> Any:
    """The document read again with all that its screen shows, or None where the person may not see it."""
    return _one(type(document), {"id": document.pk}, viewer, bare=False)


@cache
def _finding(model: type[Document], key: str, companies: int | None, bare: bool) -> Composed:
    """The query that finds a document by this key for somebody who sees so many companies (None: all)."""
    rows = model._default_manager.filter(**{key: Place(key, field_at(model, key))})
    rows = rows.select_related("company", "case") if bare else _with_shown(rows)
    if companies is not None:
        places = [Place(f"company{n}", BigIntegerField()) for n in range(companies)]
        here = [(path, place) for place in places for path in ("company", "case__company")]
        rows = rows.filter(Q(*here, _connector=Q.OR)) if here else rows.none()
    return Composed(lambda: rows)


def single(rows: QuerySet[Any]) -> Any:
    """The one row that a unique condition leaves, or None; unlike `first` it asks for no order."""
    return next(iter(rows[:1]), None)


def seen(model: type[Document], viewer: Viewer) -> QuerySet[Any]:
    """The documents the person may see, with all rows fetched along that their screen shows."""
    return _with_shown(policy.visible_to(model, viewer))


def _with_shown(rows: QuerySet[Any]) -> QuerySet[Any]:
    screen = screen_of(rows.model)
    names = (*screen.fields, *screen.below.values())
    return render.with_related(rows, names, (*screen.related, "company", "case", "created_by"))


def matching(screen: Screen, viewer: Viewer, asked: Mapping[str, Any]) -> QuerySet[Any]:
    """The visible documents that fit the filters and the search words in `asked`, in no order yet.

    Raises Invalid for a filter the screen does not declare or a value it cannot have.
    """
    rows = narrowing.narrowed(seen(screen.model, viewer), screen, viewer, asked, OWN)
    return _search(rows, screen, viewer, asked.get("q", ""))


def page(screen: Screen, viewer: Viewer, asked: Mapping[str, Any]) -> Page:
    """One page of the list. `asked`: filters, `q`, `ordering` (a column, "-" before it to turn it round),
    `cursor`, `page_size`. Raises Invalid where one of them is wrong."""
    size = page_size(asked.get("page_size", ""))
    ordering = str(asked.get("ordering", "") or "-")
    return paging.turn(_stretches(screen, viewer, asked, ordering), ordering, asked.get("cursor", ""), size)


def every(screen: Screen, viewer: Viewer, asked: Mapping[str, Any]) -> Iterator[Any]:
    """All rows of the list in its order, read in portions (for an export). Raises as `page` does."""
    ordering = str(asked.get("ordering", "") or "-")
    return paging.all_of(_stretches(screen, viewer, asked, ordering))


def _stretches(screen: Screen, viewer: Viewer, asked: Mapping[str, Any], ordering: str) -> list[Stretch]:
    """The rows of the list laid out in an order: where a column may be empty, the empty ones come last."""
    name, down = ordering.removeprefix("-"), ordering.startswith("-")
    if name and (name not in orderings(screen, viewer) or (down and name in _orders)):
        raise Invalid({"ordering": _("The list cannot be ordered by this.")})
    rows = matching(screen, viewer, asked)
    if (found := _orders.get(name)) is not None:
        return found.stretches(screen, rows, viewer)
    path = _column(screen.model, name) if name else None
    if path is None or path == "pk":
        return [Stretch(rows, (("pk", down),))]
    keys = ((path, down), ("pk", down))
    if not _may_be_empty(screen.model, path):
        return [Stretch(rows, keys)]
    filled = rows.filter(**{f"{path}__isnull": False})
    return [Stretch(filled, keys), Stretch(rows.filter(**{f"{path}__isnull": True}), (("pk", down),))]


def _may_be_empty(model: type[Any], path: str) -> bool:
    """Whether the column at the end of a lookup path can be NULL, also for want of a row to read it from."""
    steps = path.split("__")
    several = (field_at(model, "__".join(steps[: n + 1])) for n in range(len(steps)))
    return any(field is not None and field.null for field in several)


def orderings(screen: Screen, viewer: Viewer) -> list[str]:
    """The columns by which this person may order the list, and the orders that every list has."""
    names = dict.fromkeys((*screen.columns, *screen.facts, "number", "state", "created_at"))
    open_to = render.readable_names(screen.model, tuple(names), viewer)
    seen = viewer.companies(policy.readers(screen.model))
    open_to = [name for name in open_to if _open_in_all(policy.open_in(screen.model, name, viewer), seen)]
    return [*(name for name in open_to if _column(screen.model, name) is not None), *_orders]


def _open_in_all(opened: set[int] | None, seen: set[int] | None) -> bool:
    """Whether a field is open in every company seen: else the order itself would tell what is closed."""
    return opened is None or (seen is not None and seen <= opened)


def quick(model: type[Document], name: str) -> bool:
    """Whether even a long list is ordered by this at once: an index runs along it."""
    if name in _orders:
        return True
    stored = field_at(model, name)
    if stored is None or stored.related_model is not None:
        return False
    first = {index.fields[0].removeprefix("-") for index in model._meta.indexes if index.fields}
    return bool(stored.unique or stored.db_index or name in first)


def filters(screen: Screen, viewer: Viewer) -> dict[str, forms.Field]:
    """A form field for each filter of the list open to this person."""
    return {name: filter_field(screen.model, name, viewer) for name in narrowing.open_to(screen, viewer)}


def _search(rows: QuerySet[Any], screen: Screen, viewer: Viewer, words: Any) -> QuerySet[Any]:
    text = str(words).strip()
    if not text:
        return rows
    if json_input.unspeakable([text]) or len(text) > MAX_SEARCH:
        raise Invalid({"q": _("Search for at most {limit} letters.").format(limit=MAX_SEARCH)})
    paths = render.readable_names(screen.model, screen.search, viewer)
    if not paths:
        return rows.none()
    return rows.filter(Q(*[(f"{path}__icontains", text) for path in paths], _connector=Q.OR))


def _column(model: type[Document], name: str) -> str | None:
    """The stored column behind a column of the screen; a reference is ordered by what people call it."""
    stored = field_at(model, name)
    if stored is None:
        return None
    if (target := stored.related_model) is None:
        return None if isinstance(stored, models.JSONField) else name
    keys = {f.name for f in target._meta.concrete_fields}
    best = next((key for key in ("number", "name", "code") if key in keys), "pk")
    return f"{name}__{best}"


def page_size(word: Any) -> int:
    """How many rows a page has; `word` as it was asked for. Raises Invalid beyond 1 to 200."""
    text = str(word)
    if not text:
        return PAGE_SIZE
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 0 < int(text) <= MAX_PAGE_SIZE:
        sentence = _("A page has 1 to {limit} rows.").format(limit=MAX_PAGE_SIZE)
        raise Invalid({"page_size": sentence})
    return int(text)
