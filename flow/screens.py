"""A screen says once which columns, filters, search words and lines a document has.

List page, rows fragment, export, REST list and admin list all read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flow.models import Document


@dataclass(frozen=True)
class Lines:
    """The lines of a document: the related name and the columns of the table."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Screen:
    """How one document type is shown.

    `columns`, `filters` (fields compared for equality), `search` (lookup paths), `facts` (fields of the
    page, default: the columns), `lines`, `related` (lookup paths for select_related), `group` (the
    department in the navigation).
    """

    registry: ClassVar[dict[str, Screen]] = {}

    model: type[Document]
    columns: tuple[str, ...]
    filters: tuple[str, ...] = ("state",)
    search: tuple[str, ...] = ("number",)
    facts: tuple[str, ...] = ()
    lines: tuple[Lines, ...] = ()
    related: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        Screen.registry[self.model.label()] = self

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the document's page, each once."""
        return tuple(dict.fromkeys((*self.columns, *self.facts)))


def screen_of(model: type[Document]) -> Screen:
    """The declared screen of a document type. Raises KeyError where none was declared."""
    return Screen.registry[model.label()]
