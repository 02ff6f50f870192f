"""What a sheet can be read into: its columns, how its rows are tried, and how that is undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from flow.events import By
from flow.policy import Viewer

MADE, CHANGED, SAME, WRONG = "made", "changed", "same", "wrong"
GROUPS = (("master", _("Master data")), ("new", _("New documents")), ("edit", _("Changed lists")))


@dataclass(frozen=True)
class Column:
    """A column of a sheet: `key` for programs, `title` for people; `hint` says what stands in its cells."""

    key: str
    title: str
    required: bool = False
    hint: Any = ""
    example: str = ""


@dataclass(frozen=True)
class Line:
    """A row of a sheet with the number it has there; only the cells that hold something, by column."""

    sheet: str
    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Problem:
    """Why a row was not taken: `column` by its key ("" for the whole row)."""

    number: int
    reason: Any
    column: str = ""
    value: str = ""
    hint: Any = ""


@dataclass
class Outcome:
    """What became of the rows that belong together: one of made, changed, same, wrong."""

    number: int
    word: str
    pk: int = 0
    text: str = ""
    version: int | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Context:
    """For whom and when rows are tried; `seen` is kept over all of them."""

    by: By
    viewer: Viewer
    seen: dict[Any, int] = field(default_factory=dict)


class Target:
    """A kind of rows that can be read in; subclasses say how."""

    name: str
    title: Any
    group: str
    # So many units are one transaction; so many can be all or nothing.
    chunk: int = 1
    whole: int = 200

    def allowed(self, viewer: Viewer) -> bool:
        """Whether the person may read such rows in, somewhere."""
        raise NotImplementedError

    def columns(self, viewer: Viewer) -> list[Column]:
        """The columns of its sheet, for this person."""
        raise NotImplementedError

    def units(self, lines: Sequence[Line]) -> list[list[Line]]:
        """The rows, those together that are one thing."""
        return [[line] for line in lines]

    def apply(self, units: Sequence[Sequence[Line]], context: Context) -> list[Outcome]:
        """Try a chunk of units in the running transaction; the outcome of each, in their order."""
        raise NotImplementedError

    def undo(self, effects: Sequence[Any], context: Context) -> list[str]:
        """Take a chunk of effects back, in the running transaction: for each a sentence where that cannot be.

        What could not be taken back is left as it was.
        """
        raise NotImplementedError
