"""The lines of a document with how far each has come: wide enough to read, narrow enough for the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import models

from flow import html, panels, render
from flow.html import Cell
from flow.listing import field_at
from flow.panels import Asked, Measure
from flow.screens import Lines

# What stands before the measures; the rest behind them, but for long texts, which unfold.
FIRST = ("position", "item", "quantity")
# Of a line with an amount its price is the second line of the same cell.
UNDER = {"amount": "unit_price"}


@dataclass(frozen=True)
class Done:
    """How much of a line has come to one point, of how much."""

    title: Any
    count: str
    percent: int

    @property
    def full(self) -> bool:
        """Whether all of it has."""
        return self.percent >= 100

    @property
    def none(self) -> bool:
        """Whether nothing of it has."""
        return self.percent <= 0


@dataclass(frozen=True)
class Row:
    """A line: what it is, how far it has come, what else is known of it."""

    position: Any
    item: str
    spec: str
    quantity: str
    done: list[Done]
    rest: list[tuple[Cell, Cell | None]]
    long: list[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    """All lines with the heads of their columns."""

    title: Any
    measures: list[Any]
    heads: list[Any]
    rows: list[Row]


def table(asked: Asked, part: Lines) -> Table | None:
    """The lines of a document with what the departments measure of them; None where nobody measures any.

    One query, and a constant number for what is measured.
    """
    measures = panels.measures_of(asked)
    if not measures:
        return None
    viewer = asked.viewer.on(asked.document)
    rows = render.line_rows(asked.document, part).select_related("item__unit")
    names = render.readable_names(rows.model, part.columns, viewer)
    long = [name for name in names if isinstance(field_at(rows.model, name), models.TextField)]
    under = {low for high, low in UNDER.items() if high in names}
    rest = [name for name in names if name not in (*FIRST, *long, *under)]
    body = [_row(line, measures, rest, long, names, viewer) for line in rows]
    heads = html.columns(rows.model, rest)
    if body:
        first = (cell for cell, _under in body[0].rest)
        heads = [replace(head, number=cell.number) for head, cell in zip(heads, first, strict=True)]
    titles = [measure.title for measure in measures]
    return Table(rows.model._meta.verbose_name_plural, titles, heads, body)


def _row(
    line: Any, measures: Sequence[Measure], rest: list[str], long: list[str], names: list[str], viewer: Any
) -> Row:
    texts = ((render.heading(type(line), name), render.text(line, name, viewer)) for name in long)
    return Row(
        line.position,
        line.item.name,
        " ".join(filter(None, (line.item.code, line.item.spec))),
        f"{render.words(line.quantity)} {line.item.unit}",
        [_done(measure, line) for measure in measures],
        [(html.cell(line, name, viewer), _beneath(line, name, names, viewer)) for name in rest],
        [(title, text) for title, text in texts if text != render.NOTHING],
    )


def _beneath(line: Any, name: str, names: list[str], viewer: Any) -> Cell | None:
    low = UNDER.get(name)
    return html.cell(line, low, viewer) if low in names else None


def _done(measure: Measure, line: Any) -> Done:
    come = measure.done.get(line.pk, Decimal())
    percent = int(100 * come / line.quantity) if line.quantity else 0
    count = f"{render.words(come)}/{render.words(line.quantity)}"
    return Done(measure.title, count, max(0, min(percent, 100)))
