"""Tables that people hand in: workbooks and CSV files, read so that no file can do more than be refused."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from desk.workbook import SHEET
from flow.uploads import KINDS, ending

LIMIT = 10 * 1024 * 1024
ROWS, COLUMNS = 50_000, 200
SECONDS = 90
ENDINGS = ("xlsx", "xls", "csv")
READER = Path(__file__).with_name("reading.py")
TOO_MANY, TOO_WIDE, BLOATED = 3, 4, 5


class Unreadable(Exception):
    """The file is none that can be read; the sentence says why."""


@dataclass(frozen=True)
class Table:
    """The rows of a sheet that hold anything, each with the number it has there."""

    sheet: str
    rows: list[tuple[int, list[str]]]


def check(upload: Any) -> None:
    """Raise ValidationError with a sentence where an uploaded file cannot be a table."""
    kind = ending(upload.name or "")
    if kind not in ENDINGS:
        raise ValidationError(_("A table is an .xlsx, .xls or .csv file."), code="kind")
    if upload.size > LIMIT:
        raise ValidationError(_("The file is larger than 10 MB."), code="size")
    upload.seek(0)
    head = upload.read(1024)
    upload.seek(0)
    begins = KINDS[kind][0] if kind in KINDS else ()
    if begins and not head.startswith(begins):
        raise ValidationError(_("The content is not what the file name says."), code="content")
    if kind == "csv" and b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValidationError(_("The content is not plain text."), code="content")


def read(path: Path) -> Table:
    """The table in a stored file. Raises Unreadable with a sentence, FileNotFoundError where it is gone."""
    if not path.exists():
        raise FileNotFoundError(path)
    found = _read_csv(path) if ending(path.name) == "csv" else _read_workbook(path)
    if len(found.rows) > ROWS + 2:
        raise _too_many()
    return found


def _read_workbook(path: Path) -> Table:
    command = [sys.executable, "-I", str(READER), str(path), SHEET, str(ROWS + 2), str(COLUMNS)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as slow:
        raise Unreadable(_("Reading this file takes too long.")) from slow
    if done.returncode == TOO_MANY:
        raise _too_many()
    if done.returncode == TOO_WIDE:
        raise Unreadable(_("The sheet has more than {most} columns.").format(most=COLUMNS))
    if done.returncode == BLOATED:
        raise Unreadable(_("The file unpacks to far more than a table of this size holds."))
    lines = done.stdout.decode().splitlines()
    if done.returncode or not lines:
        raise Unreadable(_("This file cannot be read as a spreadsheet. Save it anew and try again."))
    rows = [(number, cells) for number, cells in map(json.loads, lines[1:])]
    return Table(json.loads(lines[0])["sheet"], rows)


def _read_csv(path: Path) -> Table:
    text = _decoded(path.read_bytes())
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        rows = list(_filled(lines))
    except csv.Error as wrong:
        raise Unreadable(_("This file cannot be read as CSV.")) from wrong
    if any(len(cells) > COLUMNS for _number, cells in rows):
        raise Unreadable(_("The sheet has more than {most} columns.").format(most=COLUMNS))
    return Table("", rows)


def _filled(lines: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything; blank ones count, so that the numbers are those of a spreadsheet."""
    for number, cells in enumerate(lines, start=1):
        texts = [_bare(cell) for cell in cells]
        if any(texts):
            yield number, texts
        if number > 4 * ROWS:
            raise _too_many()


def _bare(cell: str) -> str:
    """A cell without the mark that keeps our own exports from being taken for formulas."""
    found = cell.replace("\x00", "").strip()
    return found[1:] if found[:1] == "'" and found[1:2] in tuple("=+-@＝＋－＠") else found


def _decoded(content: bytes) -> str:
    """The text of a CSV file, as Excel writes it in Chinese or as everybody else does."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("The text of this file is neither UTF-8 nor GB 18030. Save it as “CSV UTF-8”."))


def _delimiter(text: str) -> str:
    """What parts the cells: what the first line has most of."""
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _too_many() -> Unreadable:
    return Unreadable(_("The table has more than {most} rows; hand it in in parts.").format(most=f"{ROWS:,}"))
