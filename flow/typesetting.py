"""Sets paper: plain words in, PDF or pictures out; by typst, in this process, with the house's fonts alone.

Words travel as JSON and are never read as markup. What the font has no letter for is shown as 〓 and named at
the foot of its sheet, so that no letter is lost in silence; control characters are left out.
"""

from __future__ import annotations

import io
import json
import struct
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import pylopdf_fonts_zh_cn
import pypdfium2
import segno
import typst
from django.conf import settings

from flow.sheet import Plain

FRAME = Path(settings.BASE_DIR) / "templates" / "typst" / "frame.typ"
# For the archive, with every letter to be searched and copied; a file of several documents is put together
# of such files and is an ordinary PDF.
ARCHIVE: Final = "a-2u"
LOST = "〓"
PIXELS_PER_INCH = 144
# Neither typst's cache nor pdfium may be used by two threads at once.
_turn = threading.Lock()


def pdf(sheets: Sequence[Plain], *, title: str, author: str, at: datetime) -> bytes:
    """The sheets as one PDF; the same input gives the same bytes.

    Raises typst.TypstError where the frame itself is wrong.
    """
    made: bytes = _typeset(sheets, title=title, author=author, at=at, pdf=True)
    return made


def together(files: Sequence[bytes]) -> bytes:
    """One PDF of all the pages of these, in their order; a single one stays as it is."""
    if len(files) == 1:
        return files[0]
    out = io.BytesIO()
    with _turn:
        whole = pypdfium2.PdfDocument.new()
        for file in files:
            part = pypdfium2.PdfDocument(file)
            whole.import_pages(part)
            part.close()
        whole.save(out)
        whole.close()
    return out.getvalue()


def pictures(sheets: Sequence[Plain], *, at: datetime) -> list[bytes]:
    """The pages of the sheets as PNG."""
    made = _typeset(sheets, title="", author="", at=at, pdf=False)
    return made if isinstance(made, list) else [made]


def qr(address: str) -> str:
    """The QR code of an address as SVG, without a margin."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=0, xmldecl=False)
    return out.getvalue().decode()


def _typeset(sheets: Sequence[Plain], *, title: str, author: str, at: datetime, pdf: bool) -> Any:
    """The bytes of a PDF, or those of each page (of a single page: its bytes alone)."""
    said = {"title": title, "author": author, "sheets": [_spoken(sheet) for sheet in sheets]}
    words = {"data": json.dumps(_written(said), ensure_ascii=False)}
    with _turn:
        if not pdf:
            return _compiler().compile(format="png", ppi=PIXELS_PER_INCH, sys_inputs=words)
        # Without tags: a printed form is read on paper, and the file is a quarter as large.
        return _compiler().compile(
            format="pdf",
            sys_inputs=words,
            pdf_standards=[ARCHIVE],
            pdf_tags=False,
            timestamp=int(at.timestamp()),
        )


@cache
def _compiler() -> typst.Compiler:
    """Made in the process that uses it, never before a fork; with no font of the machine."""
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(pylopdf_fonts_zh_cn.sans_path().parent)],
    )
    return typst.Compiler(str(FRAME), root=str(FRAME.parent), font_paths=fonts, ignore_system_fonts=True)


# ---- letters ----


def _spoken(sheet: Plain) -> Plain:
    """The sheet with the letters that its font lacks named at its foot."""
    missing = sorted({letter for words in _words(sheet) for letter in _lacking(words)})
    if not missing:
        return {**sheet, "lost": ""}
    named = " ".join(f"U+{ord(letter):04X}" for letter in missing[:20])
    return {**sheet, "lost": f"{LOST} = {named}{' …' if len(missing) > 20 else ''}"}


def _words(found: Any) -> Iterable[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for value in found.values():
            yield from _words(value)
    elif isinstance(found, list):
        for value in found:
            yield from _words(value)


def _written(found: Any) -> Any:
    """The data with every text in letters that the font has."""
    if isinstance(found, str):
        return _set(found)
    if isinstance(found, dict):
        return {name: value if name == "qr" else _written(value) for name, value in found.items()}
    if isinstance(found, list):
        return [_written(value) for value in found]
    return found


def _set(words: str) -> str:
    return "".join(
        LOST if _is_lost(letter) else letter
        for letter in _plain(words)
        if letter == "\n" or _is_shown(letter)
    )


def _plain(words: str) -> str:
    return unicodedata.normalize("NFC", words.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def _is_shown(letter: str) -> bool:
    """Whether it is a letter at all: no control, no direction mark, no half of a pair."""
    return unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _is_lost(letter: str) -> bool:
    return letter != "\n" and ord(letter) not in letters()


def _lacking(words: str) -> set[str]:
    return {letter for letter in _plain(words) if _is_shown(letter) and _is_lost(letter)}


@cache
def letters() -> frozenset[int]:
    """Every character that the font has a letter for, read from its own table."""
    font = pylopdf_fonts_zh_cn.sans_path().read_bytes()
    (tables,) = struct.unpack_from(">H", font, 4)
    found = (struct.unpack_from(">4sIII", font, 12 + 16 * place) for place in range(tables))
    (base,) = [offset for tag, _sum, offset, _length in found if tag == b"cmap"]
    (parts,) = struct.unpack_from(">H", font, base + 2)
    known: set[int] = set()
    for place in range(parts):
        (offset,) = struct.unpack_from(">I", font, base + 8 + 8 * place)
        (format_,) = struct.unpack_from(">H", font, base + offset)
        if format_ == 12:
            known |= _groups(font, base + offset)
    return frozenset(known)


def _groups(font: bytes, at: int) -> set[int]:
    (count,) = struct.unpack_from(">I", font, at + 12)
    groups = (struct.unpack_from(">III", font, at + 16 + 12 * place) for place in range(count))
    return {code for first, last, _glyph in groups for code in range(first, last + 1)}
