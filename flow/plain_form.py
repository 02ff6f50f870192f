"""The form of a document without one of its own: its facts and its lines, as its screen declares them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from flow import html, render
from flow.policy import Viewer
from flow.screens import screen_of
from flow.sheet import CENTER, LEFT, RIGHT, Cells, Column, Paper, Part, Signs, Table, Text, width

# A fact with more letters than this has a row of its own; a table with more columns lies across the page.
LONG = 40
MANY = 8
# A column with nothing longer than this is as wide as it needs to be: a date, a quantity, a code.
SHORT = 9.0
# The width of a letter and the margins of a cell, and what a page has, in millimetres.
LETTER, MARGIN = 3.2, 3.5
UPRIGHT, ACROSS = 182.0, 269.0


def data(document: Any, viewer: Viewer) -> Paper:
    """The facts open to this reader, each kind of line as a table, and who made the document."""
    found = [
        table for table in html.line_tables(document, screen_of(type(document)).lines, viewer) if table.rows
    ]
    wide = any(len(table.columns) > MANY for table in found)
    tables = [_table(table, ACROSS if wide else UPRIGHT, titled=len(found) > 1) for table in found]
    made = Signs([(_("Made by"), document.created_by, render.words(document.created_at))])
    return Paper([*_facts(document, viewer), *tables, made], wide=wide)


def _facts(document: Any, viewer: Viewer) -> list[Part]:
    short: list[tuple[Any, ...]] = [(_("State"), document.get_state_display())]
    long: list[Part] = []
    for title, cell in html.facts(screen_of(type(document)), document, viewer):
        words, name = _written(cell), title[:1].upper() + title[1:]
        if width(words) > LONG or "\n" in words:
            long.append(Text(name, words))
        else:
            short.append((name, words))
    return [Cells(short, 3), *long]


def _written(cell: html.Cell) -> str:
    return "" if cell.text == render.NOTHING else cell.text


def _table(table: html.Table, page: float, *, titled: bool) -> Table:
    body = [[_written(cell) for cell in row] for row in table.rows]
    needed = [
        max(width(head.title), *(width(row[place]) for row in body))
        for place, head in enumerate(table.columns)
    ]
    fits = sum(letters * LETTER + MARGIN for letters in needed if letters <= SHORT) < page * 0.75
    columns = []
    for head, letters in zip(table.columns, needed, strict=True):
        fixed = fits and letters <= SHORT and min(needed) < max(needed, default=0) > SHORT
        share = letters * LETTER + MARGIN if fixed else min(max(letters, 3.0), 16.0)
        side = CENTER if head.name == "position" else RIGHT if head.number else LEFT
        columns.append(Column(head.title, share, side, fixed=fixed))
    return Table(columns, body, title=table.title if titled else "")
