"""A screen says once which columns, filters, search words and lines a document has.

List page, rows fragment, export, REST list and admin list all read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flow.models import Document


@dataclass(frozen=True)
class Lines:
    """The lines of a document: the related name and the columns of the table."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class View:
    """A way to look at a list that comes with it: what narrows it, and its columns (none: as ever)."""

    key: str
    label: Any
    query: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Screen:
    """How one document type is shown.

    `columns`, `filters` (fields that narrow the list; days and numbers also from one to another), `search`
    (lookup paths), `facts` (fields of the page, default: the columns), `lines`, `related` (lookup paths for
    select_related), `made_from` (the lookup path to what it was made from, where its lines say it and no
    field of its own).

    Of the list page: `shown` (its columns in order, also told ones; default: `columns`, with the clock behind
    the state), `below` (the field written small below a column), `due` (the field that says until when),
    `total` (the field to be added up), `views`, `board` (the states that are columns of the board; default:
    those through which a document is carried).
    """

    registry: ClassVar[dict[str, Screen]] = {}

    model: type[Document]
    columns: tuple[str, ...]
    filters: tuple[str, ...] = ("state",)
    search: tuple[str, ...] = ("number",)
    facts: tuple[str, ...] = ()
    lines: tuple[Lines, ...] = ()
    related: tuple[str, ...] = ()
    made_from: str = ""
    shown: tuple[str, ...] = ()
    below: Mapping[str, str] = field(default_factory=dict, hash=False)
    due: str = ""
    total: str = ""
    views: tuple[View, ...] = ()
    board: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        Screen.registry[self.model.label()] = self

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the document's page, each once."""
        return tuple(dict.fromkeys((*self.columns, *self.facts)))


def screen_of(model: type[Document]) -> Screen:
    """The declared screen of a document type. Raises KeyError where none was declared."""
    return Screen.registry[model.label()]
