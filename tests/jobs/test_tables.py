"""Whatever file is handed in: its rows with their own numbers, or one clear sentence; never more."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from desk import tables
from desk.tables import Unreadable
from tests.jobs.conftest import sent, workbook


def read(content: bytes, name: str, folder: Path) -> tables.Table:
    path = folder / name
    path.write_bytes(content)
    return tables.read(path)


def test_a_workbook_is_read_as_text_and_blank_rows_count(tmp_path: Path) -> None:
    from datetime import date

    content = workbook(
        ["code", "day", "count"], [], [], ["007", date(2026, 3, 2), 5.0], [None, None, 2.5], sheet="Sheet1"
    )
    found = read(content, "a.xlsx", tmp_path)
    assert found.sheet == "Sheet1"
    assert found.rows == [
        (1, ["code", "day", "count"]),
        (4, ["007", "2026-03-02", "5"]),
        (5, ["", "", "2.5"]),
    ]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("代码,名称\r\n\r\nA,铜排\r\n", "utf-8-sig"),
        ("代码,名称\n\nA,铜排\n", "gb18030"),
        ("代码;名称\n\nA;铜排\n", "utf-16"),
    ],
)
def test_csv_is_read_in_the_ways_of_excel(text: str, encoding: str, tmp_path: Path) -> None:
    assert read(text.encode(encoding), "a.csv", tmp_path).rows == [(1, ["代码", "名称"]), (3, ["A", "铜排"])]


def test_our_guard_against_formulas_is_taken_off(tmp_path: Path) -> None:
    assert read(b"a\n'=1+1\n'tis\n", "a.csv", tmp_path).rows[1:] == [(2, ["=1+1"]), (3, ["'tis"])]


def test_lines_within_a_cell_shift_no_numbers(tmp_path: Path) -> None:
    assert read(b'a,b\n"one\ntwo",x\ny,z\n', "a.csv", tmp_path).rows[2] == (3, ["y", "z"])


def far_apart() -> bytes:
    """A workbook of two cells in opposite corners: dense, it would need hundreds of gigabytes."""
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return packed(f"<sheetData>{rows}</sheetData>")


def bomb() -> bytes:
    """A workbook that unpacks to half a gigabyte."""
    return packed(" " * 500_000_000)


def packed(inside: str) -> bytes:
    file = io.BytesIO(workbook(["a"]))
    made = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                content = f"{head}{inside}</worksheet>".encode()
            new.writestr(part.filename, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04 nothing more", "a.xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 2000, "a.xls"),
        (workbook(["a"])[:-200], "a.xlsx"),
        (b"\xff\xff\x00\x00\xfa\xfa", "a.csv"),
        (b"a," * 300 + b"\n", "a.csv"),
        (b'"' + b"x" * 200_000 + b'",b\n', "a.csv"),
        (workbook(["x"] * 201), "a.xlsx"),
    ],
)
def test_what_is_no_table_is_said(content: bytes, name: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        read(content, name, tmp_path)


@pytest.mark.parametrize("made", [far_apart, bomb])
def test_no_file_takes_the_memory_of_the_house(made: Any, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        read(made(), "a.xlsx", tmp_path)


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ROWS", 3)
    rows = [["a"], *([str(n)] for n in range(6))]
    for content, name in ((workbook(*rows), "a.xlsx"), ("\n".join(r[0] for r in rows).encode(), "a.csv")):
        with pytest.raises(Unreadable, match="more than 3 rows"):
            read(content, name, tmp_path)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"x", "a.exe"),
        (b"x", "noending"),
        (b"not a zip", "a.xlsx"),
        (b"x\x00y", "a.csv"),
        (b"<html>", "a.xls"),
    ],
)
def test_a_file_is_judged_by_name_and_first_bytes(content: bytes, name: str) -> None:
    with pytest.raises(ValidationError):
        tables.check(sent(content, name))


def test_ten_megabytes_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LIMIT", 10)
    with pytest.raises(ValidationError):
        tables.check(sent(b"a" * 11, "a.csv"))
