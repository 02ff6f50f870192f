"""What stands on a printed form: parts of plain words, laid out by the print frame and by nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Plain = dict[str, Any]
# Words on paper; None leaves the place to be filled in by hand.
Words = Any
LEFT, CENTER, RIGHT = "left", "center", "right"


class Part(Protocol):
    """A part of a form, from the top to the foot."""

    def plain(self) -> Plain:
        """The part as the frame reads it."""
        ...


def width(words: Any) -> float:
    """How wide words are in letters of a Chinese text; others are about half as wide."""
    return max((sum(1 if x > "\u2e7f" else 0.55 for x in row) for row in str(words).split("\n")), default=0)


def _cell(words: Words, **more: Any) -> Plain:
    return {"text": "" if words is None else str(words), "fill": words is None, **more}


@dataclass(frozen=True)
class Cells:
    """Titled cells, `columns` in a row: (title, words) or (title, words, how many columns it takes)."""

    cells: Sequence[tuple[Any, ...]]
    columns: int = 3

    def plain(self) -> Plain:
        """The part as the frame reads it; a last row that is not full is filled up by its last cell."""
        spans = [one[2] if len(one) > 2 else 1 for one in self.cells]
        if spans and (missing := -sum(spans) % self.columns):
            spans[-1] += missing
        found = [
            _cell(one[1], label=str(one[0]), span=span) for one, span in zip(self.cells, spans, strict=True)
        ]
        label = min(max((width(cell["label"]) for cell in found), default=3), 8) + 0.2
        return {"kind": "cells", "columns": self.columns, "label": label, "cells": found}


@dataclass(frozen=True)
class Column:
    """A column of a table; its width is a share of what the others leave, or fixed in millimetres."""

    title: Any
    width: float
    align: str = LEFT
    fixed: bool = False


@dataclass(frozen=True)
class Table:
    """A table whose head stands on each page.

    `blank` fills it with numbered empty rows up to so many; `sums` are closing rows of (words, columns it
    takes, where it stands); `end` closes it with words that say that nothing follows; `title` stands above.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Words]]
    blank: int = 0
    sums: Sequence[Sequence[tuple[Any, int, str]]] = ()
    end: Any = ""
    title: Any = ""

    def plain(self) -> Plain:
        """The part as the frame reads it."""
        rows = [[_cell(words) for words in row] for row in self.rows]
        for number in range(len(rows) + 1, self.blank + 1):
            rows.append([_cell(number), *(_cell("") for _column in self.columns[1:])])
        sums = [*self.sums, *([((self.end, len(self.columns), CENTER),)] if self.end else [])]
        return {
            "kind": "table",
            "title": str(self.title),
            "columns": [
                {"title": str(c.title), "width": c.width, "align": c.align, "fixed": c.fixed}
                for c in self.columns
            ],
            "rows": rows,
            "sums": [[{"text": str(w), "span": span, "align": at} for w, span, at in row] for row in sums],
        }


@dataclass(frozen=True)
class Checks:
    """A question with boxes to be ticked; `tail`: words behind them, None for a line to write on."""

    title: Any
    options: Sequence[tuple[Any, bool]]
    tail: Words = ""

    def plain(self) -> Plain:
        """The part as the frame reads it."""
        options = [{"text": str(words), "on": on} for words, on in self.options]
        return {"kind": "checks", "title": str(self.title), "options": options, "tail": _cell(self.tail)}


@dataclass(frozen=True)
class Facts:
    """Titled words on one line."""

    pairs: Sequence[tuple[Any, Any]]

    def plain(self) -> Plain:
        """The part as the frame reads it."""
        return {"kind": "facts", "pairs": [{"label": str(title), "text": str(w)} for title, w in self.pairs]}


@dataclass(frozen=True)
class Text:
    """A titled text over the whole width; to be written by hand it has room of `height` millimetres."""

    title: Any
    words: Words
    height: float = 16

    def plain(self) -> Plain:
        """The part as the frame reads it."""
        return _cell(self.words, kind="words", title=str(self.title), height=self.height)


@dataclass(frozen=True)
class Signs:
    """Boxes for signatures: (of whom, who signed, when); unsigned ones leave room for both."""

    boxes: Sequence[tuple[Any, Any, Any]]

    def plain(self) -> Plain:
        """The part as the frame reads it."""
        signs = [{"label": str(title), "name": str(name), "at": str(at)} for title, name, at in self.boxes]
        return {"kind": "signs", "signs": signs}


@dataclass(frozen=True)
class Paper:
    """The content of a form: its parts, a footnote, a title in place of the form's, across or upright."""

    parts: Sequence[Part]
    foot: Any = ""
    title: Any = ""
    wide: bool = field(default=False, kw_only=True)
