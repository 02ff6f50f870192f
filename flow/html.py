"""Decides how documents look on a page: cells, badges, tables. Templates only lay them out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models
from django.urls import get_script_prefix

from flow import render
from flow.actions import Action, actions_of
from flow.listing import field_at
from flow.models import Document
from flow.policy import Viewer
from flow.screens import Lines, Screen
from org.models import Company

# How a state looks where its place in the graph does not say it: by the word that ends its name.
STOPPED = {
    "rejected", "declined", "lost", "cancelled", "failed", "refused", "infeasible", "returned", "reversed",
    "objected", "delayed", "postponing", "terminated",
}  # fmt: skip
REPLACED = {"superseded", "expired", "credited"}
WAITING = {"submitted", "pending", "review", "requested", "sent"}
# Up to here words stand on one line of a table.
SHORT = 18
FORMULA = "=+-@＝＋－＠\t\r\n"


def href(document: Document) -> str:
    """The address of the document's page."""
    return f"{get_script_prefix()}{document.path}/"


def list_href(model: type[Document]) -> str:
    """The address of the list of a document type."""
    return f"{get_script_prefix()}{model._meta.app_label}/{model.slug}/"


def screens() -> list[Screen]:
    """All screens in the order of the flow: the departments upstream first, each with its own order."""
    order = {config.label: place for place, config in enumerate(apps.get_app_configs())}
    return sorted(Screen.registry.values(), key=lambda screen: -order[screen.model._meta.app_label])


# ---- states ----


@dataclass(frozen=True)
class Badge:
    """A state in words with the family that gives it its look."""

    text: Any
    tone: str


def badge(document: Document) -> Badge:
    """The state of a document."""
    return Badge(document.get_state_display(), tone(type(document), document.state))  # type: ignore[attr-defined]


def tone(model: type[Document], state: str) -> str:
    """The family of a state: none, run, wait, done, stop or old."""
    words = {state, state.rsplit("_", 1)[-1]}
    for family, names in (("stop", STOPPED), ("old", REPLACED)):
        if words & names:
            return family
    if state == field_at(model, "state").get_default():
        return "none"
    if words & WAITING:
        return "wait"
    return "run" if state in _sources(model) else "done"


def _sources(model: type[Document]) -> set[str]:
    """The states out of which a document is carried on, not only taken back, stopped or replaced."""
    return {
        source
        for action in actions_of(model)
        if action.awaited is not False
        for source, target in moves(action)
        if not {target, target.rsplit("_", 1)[-1]} & (STOPPED | REPLACED)
    }


def moves(action: Action) -> list[tuple[str, str]]:
    """Out of which states the action moves the document, and into which ("": it depends).

    Empty where it moves none, or from any.
    """
    meta = getattr(getattr(action.model, action.run.__name__, None), "_django_fsm", None)
    if meta is None:
        return []
    return [
        (str(source), str(step.target) if isinstance(step.target, str) else "")
        for source, step in meta.transitions.items()
        if source not in ("*", "+")
    ]


def moves_from(action: Action) -> frozenset[str]:
    """The states out of which the action moves the document."""
    return frozenset(source for source, _target in moves(action))


# ---- tables ----


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    title: str
    number: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell: words, where they lead to, and the badge if it is a state."""

    text: str
    href: str = ""
    number: bool = False
    badge: Badge | None = None

    @property
    def short(self) -> bool:
        """Whether the words are too few to be broken: a date, a code, a name. A Chinese letter counts two."""
        return sum(2 if letter > "\u2e7f" else 1 for letter in self.text) <= SHORT


def columns(model: type[Any], names: Iterable[str]) -> list[Column]:
    """The columns of a table."""
    return [Column(name, render.heading(model, name), is_number(model, name)) for name in names]


def cells(row: Any, names: Sequence[str], viewer: Viewer) -> list[Cell]:
    """The cells of one row; the first of a document leads to its page."""
    if isinstance(row, Document):
        viewer = viewer.on(row)
    found = [cell(row, name, viewer) for name in names]
    if isinstance(row, Document) and found and not found[0].href:
        text = str(row) if names[0] == "number" else found[0].text
        found[0] = Cell(text, href(row), found[0].number, found[0].badge)
    return found


def cell(row: Any, name: str, viewer: Viewer) -> Cell:
    """One field of a row in words; a reference to a document leads to its page."""
    if name == "state" and isinstance(row, Document):
        return Cell(str(row.get_state_display()), badge=badge(row))  # type: ignore[attr-defined]
    text = render.text(row, name, viewer)
    target = row
    for step in filter(None, render.relation_path(type(row), name).split("__")):
        target = getattr(target, step, None)
    linked = isinstance(target, Document) and target is not row and text != render.NOTHING
    amount = is_number(type(row), name) or isinstance(getattr(row, name, None), Decimal)
    return Cell(text, href(target) if linked else "", amount)


def is_number(model: type[Any], name: str) -> bool:
    """Whether a column holds amounts and stands to the right."""
    found = field_at(model, name)
    amount = isinstance(found, models.DecimalField | models.FloatField | models.IntegerField)
    return amount and not found.choices


@dataclass(frozen=True)
class Table:
    """A titled table of a page."""

    title: Any
    columns: list[Column]
    rows: list[list[Cell]]


def line_tables(document: Document, parts: Iterable[Lines], viewer: Viewer) -> list[Table]:
    """The lines of a document, one table for each kind. One query each."""
    found, viewer = [], viewer.on(document)
    for part in parts:
        rows = render.line_rows(document, part)
        names = render.readable_names(rows.model, part.columns, viewer)
        body = [cells(row, names, viewer) for row in rows]
        heads = columns(rows.model, names)
        if body:
            heads = [replace(head, number=cell.number) for head, cell in zip(heads, body[0], strict=True)]
        found.append(Table(rows.model._meta.verbose_name_plural, heads, body))
    return found


def facts(screen: Screen, found: Document, viewer: Viewer) -> list[tuple[str, Cell]]:
    """The fields of a document's page: title and cell, but for number and state."""
    viewer = viewer.on(found)
    names = render.readable_names(screen.model, screen.fields, viewer)
    shown = [name for name in names if name not in ("number", "state")]
    return [(render.heading(screen.model, name), cell(found, name, viewer)) for name in shown]


def guarded(text: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if not text.lstrip(" ").startswith(tuple(FORMULA)):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def company_options(viewer: Viewer, roles: frozenset[str]) -> list[tuple[str, str]]:
    """The companies in which the person holds one of the roles, by code. One query."""
    ids = viewer.companies(roles)
    rows = Company.objects.filter(parent__isnull=False) if ids is None else Company.objects.filter(pk__in=ids)
    return [(company.code, company.name) for company in rows]


# ---- what a person may do ----


def asks(action: Action) -> bool:
    """Whether the action asks for anything before it acts."""
    return bool(action.form.base_fields) or action.lines is not None
