"""Writes workbooks that can be read in again: a row of titles, a hidden row of keys, then the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils.timezone import localtime

# The sheet that is read in again, by this name or as the first one.
SHEET = "data"
LONGEST = 32_000
# A number of more digits would lose some in a spreadsheet.
EXACT = 15
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Head:
    """The head of a column: what programs and people call it."""

    key: str
    title: str
    width: int = 16
    hidden: bool = False
    money: bool = False


def write(
    file: Any,
    heads: Sequence[Head],
    rows: Iterable[Sequence[Any]],
    *,
    notes: tuple[str, Iterable[Sequence[Any]]] | None = None,
) -> int:
    """Write a workbook into the open binary file; `notes`: name and rows of a second sheet. How many rows.

    Rows are written as they come: the memory needed does not grow with them. Words are always written as
    words, so that none is ever taken for a formula.
    """
    book = xlsxwriter.Workbook(file, OPTIONS)
    count = _Sheet(book, SHEET, heads).fill(rows)
    if notes:
        name, lines = notes
        further = book.add_worksheet(name[:31])
        further.set_column(0, 8, 28)
        for number, line in enumerate(lines):
            for place, said in enumerate(line):
                further.write_string(number, place, str(said)[:LONGEST])
    book.close()
    return count


class _Sheet:
    """A sheet being written, from its first row to its last."""

    def __init__(self, book: Any, name: str, heads: Sequence[Head]) -> None:
        self.heads = heads
        self.sheet = book.add_worksheet(name)
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.money = book.add_format({"num_format": "#,##0.00##"})
        bold = book.add_format({"bold": True, "bg_color": "#EEF1F6", "bottom": 1})
        self.sheet.freeze_panes(2, 0)
        for place, head in enumerate(heads):
            self.sheet.set_column(place, place, head.width, None, {"hidden": head.hidden})
        for place, head in enumerate(heads):
            self.sheet.write_string(0, place, head.title, bold)
        self.sheet.set_row(1, None, None, {"hidden": True})
        for place, head in enumerate(heads):
            self.sheet.write_string(1, place, head.key)

    def fill(self, rows: Iterable[Sequence[Any]]) -> int:
        """Write the rows; how many."""
        count = 0
        for count, cells in enumerate(rows, start=1):
            for place, found in enumerate(cells):
                self._put(count + 1, place, found)
        return count

    def _put(self, row: int, place: int, found: Any) -> None:
        if found is None or found == "":
            return
        if isinstance(found, datetime):
            naive = localtime(found).replace(tzinfo=None) if found.tzinfo else found
            self.sheet.write_datetime(row, place, naive, self.moment)
        elif isinstance(found, date):
            self.sheet.write_datetime(row, place, datetime.combine(found, time()), self.day)
        elif _is_number(found):
            money = self.money if self.heads[place].money else None
            self.sheet.write_number(row, place, float(found), money)
        else:
            self.sheet.write_string(row, place, str(found)[:LONGEST])


def _is_number(found: Any) -> bool:
    if isinstance(found, bool) or not isinstance(found, Decimal | int | float):
        return False
    return len(Decimal(str(found)).as_tuple().digits) <= EXACT
