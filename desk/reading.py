"""Reads a spreadsheet as a program of its own: `reading.py FILE SHEET ROWS COLUMNS`; prints JSON lines.

It is started with hard limits of memory and time and knows nothing of the house, so that whatever a hostile
file does, it does here. The first line is {"sheet": name}, then [number of the row, [cells as text]].
"""

from __future__ import annotations

import json
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

MEMORY, SECONDS = 1_500_000_000, 60
# What the parts of a workbook may take unpacked, together.
UNPACKED = 400_000_000
PARTS = 2_000


def main() -> int:
    """Print the rows that hold anything; 3: too many rows, 4: too many columns, 5: unpacks to too much."""
    path, wanted, rows, columns = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    if zipfile.is_zipfile(path) and _bloated(path):
        return 5
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(path)
    names = [name for name in book.sheet_names if name == wanted] or book.sheet_names[:1]
    sheet = book.get_sheet_by_name(names[0])
    if sheet.end and sheet.end[1] >= columns:
        return 4
    print(json.dumps({"sheet": names[0]}))
    count = 0
    for number, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        texts = [text(cell) for cell in cells]
        if any(texts):
            count += 1
            print(json.dumps([number, texts]))
        if count > rows:
            return 3
    return 0


def _bloated(path: str) -> bool:
    with zipfile.ZipFile(path) as parts:
        sizes = [part.file_size for part in parts.infolist()]
    return len(sizes) > PARTS or sum(sizes) > UNPACKED


def text(cell: Any) -> str:
    """A cell as text: 5.0 is 5, a moment at midnight is a day, yes and no are true and false."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell).replace("\x00", "").strip()


if __name__ == "__main__":
    sys.exit(main())
