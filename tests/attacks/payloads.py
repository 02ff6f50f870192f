"""Files of somebody who means no good: wrong types, two types at once, bombs, strange names."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

SCRIPT = b"<script>alert(document.domain)</script>"
PDF = (
    b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]>>endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF\n"
)
GIF = b"GIF89a/*\x01\x00\x01\x00*/=1;alert(1)//"


@dataclass(frozen=True)
class Hostile:
    """A file, and whether the house may take it at all (True: it may, and must serve it harmlessly)."""

    name: str
    content: bytes
    taken: bool = False


def png(width: int, height: int, *, rows: int = 0, extra: bytes = b"") -> bytes:
    """A black picture of that size; with fewer `rows` than it says, if so wanted; `extra` is hidden in it."""
    line = b"\x00" * (1 + (width + 7) // 8)
    packed = zlib.compressobj(9)
    data = b"".join(packed.compress(line) for _ in range(rows or height)) + packed.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = [
        (b"IHDR", head),
        *([(b"tEXt", b"Comment\x00" + extra)] if extra else []),
        (b"IDAT", data),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def archive(parts: dict[str, bytes]) -> bytes:
    """A zip with these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return made.getvalue()


def workbook(sheet: bytes, *, strings: bytes = b"<sst/>") -> bytes:
    """The least that is a workbook, with the XML of its sheet and of its shared texts as given."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packed = "http://schemas.openxmlformats.org/package/2006"
    texts = {
        "[Content_Types].xml": f"<Types xmlns='{packed}/content-types'/>",
        "_rels/.rels": _relations(packed, {f"{rels}/officeDocument": "xl/workbook.xml"}),
        "xl/workbook.xml": f"<workbook xmlns='{main}' xmlns:r='{rels}'><sheets>"
        "<sheet name='a' sheetId='1' r:id='r0'/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            packed,
            {f"{rels}/worksheet": "worksheets/sheet1.xml", f"{rels}/sharedStrings": "sharedStrings.xml"},
        ),
    }
    parts = {name: text.encode() for name, text in texts.items()}
    return archive(parts | {"xl/sharedStrings.xml": strings, "xl/worksheets/sheet1.xml": sheet})


def _relations(packed: str, targets: dict[str, str]) -> str:
    rows = (
        f"<Relationship Id='r{n}' Type='{t}' Target='{where}'/>"
        for n, (t, where) in enumerate(targets.items())
    )
    return f"<Relationships xmlns='{packed}/relationships'>{''.join(rows)}</Relationships>"


def sheets() -> Iterator[tuple[str, bytes]]:
    """Tables that are more than they seem, by name."""
    main = b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>"
    yield "bomb.xlsx", workbook(main + b" " * 450_000_000 + b"</sheetData></worksheet>")
    entity = (
        b"<?xml version='1.0'?><!DOCTYPE sst [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><sst xmlns='"
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><t>code</t></si><si><t>&x;</t></si></sst>"
    )
    cells = b"<row r='1'><c r='A1' t='s'><v>0</v></c></row><row r='2'><c r='A2' t='s'><v>1</v></c></row>"
    yield "entity.xlsx", workbook(main + cells + b"</sheetData></worksheet>", strings=entity)
    laughs = b"<!DOCTYPE z [<!ENTITY a '" + b"ha" * 50 + b"'>" + b"".join(
        b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 30) for n in range(9)
    ) + b"]><sst><si><t>&j;</t></si></sst>"  # fmt: skip
    yield "laughs.xlsx", workbook(main + cells + b"</sheetData></worksheet>", strings=laughs)
    yield (
        "far.xlsx",
        workbook(main + b"<row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData></worksheet>"),
    )
    yield "slip.xlsx", archive({"../../../../tmp/slipped.txt": b"x", "/etc/slipped": b"x"})
    yield "none.xlsx", b"PK\x03\x04" + b"\x00" * 2000
    yield "html.xls", b"<html><table><tr><td>code</td></tr></table>" + SCRIPT
    yield "nul.csv", b"code,name\n\x00,\x00\n"
    yield "wide.csv", b"," * 5000 + b"\n" + b"x," * 5000
    yield "formula.csv", b"code,name\n=cmd|' /C calc'!A0,@SUM(1)\n"
    yield "quote.csv", b'code,name\n"' + b"x" * 500_000


def files() -> Iterator[Hostile]:
    """Files for a document."""
    yield from refused()
    yield Hostile("paper.pdf", PDF % (600, 800) + b"<html>" + SCRIPT, taken=True)
    yield Hostile("huge.pdf", PDF % (10**9, 10**9), taken=True)
    yield Hostile("torn.pdf", b"%PDF-1.7\n" + SCRIPT * 50, taken=True)
    yield Hostile(
        "open.pdf",
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
        taken=True,
    )
    yield Hostile("pixels.png", png(20_000, 20_000), taken=True)
    yield Hostile("liar.png", png(60_000, 60_000, rows=1), taken=True)
    yield Hostile("hidden.png", png(8, 8, extra=SCRIPT) + SCRIPT, taken=True)
    yield Hostile("head.jpg", b"\xff\xd8\xff\xe0" + SCRIPT, taken=True)
    yield Hostile("late.txt", b"x" * 2000 + SCRIPT, taken=True)
    yield Hostile("mail.eml", b"Content-Type: text/html\n\n" + b"x" * 1500 + SCRIPT, taken=True)
    yield Hostile("bomb.docx", archive({"word/document.xml": b"\x00" * 30_000_000}), taken=True)


def refused() -> Iterator[Hostile]:
    """Files whose ending or content is none that the house takes."""
    for ending in (
        "svg",
        "html",
        "htm",
        "xhtml",
        "xml",
        "js",
        "exe",
        "php",
        "py",
        "sh",
        "gif",
        "svgz",
        "hta",
        "mht",
        "",
    ):
        yield Hostile(f"a.{ending}", SCRIPT)
    yield Hostile("a.pdf", SCRIPT)
    yield Hostile("a.pdf", b"\n" + PDF % (1, 1))
    yield Hostile("a.png", GIF)
    yield Hostile("a.jpg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    yield Hostile("a.txt", b"<!DOCTYPE html>" + SCRIPT)
    yield Hostile("a.txt", b"\x00MZ")
    yield Hostile("a.eml", b"<svg onload=alert(1)>")
    yield Hostile("a.pdf.html", PDF % (1, 1))
    yield Hostile("a.html%00.pdf", SCRIPT)
    yield Hostile("a.xlsx", b"MZ\x90\x00")
    yield Hostile("a.pdf", b"")


NAMES = (
    "../../../etc/passwd.pdf",
    "..\\..\\windows\\win.pdf",
    "/etc/cron.d/x.pdf",
    "C:\\x.pdf",
    "a\r\nSet-Cookie: x=1.pdf",
    "a\nb.pdf",
    'a".pdf',
    "a;filename=b.html.pdf",
    "a\x00.pdf",
    "invoice\u202efdp.exe.pdf",
    "\u202egnp.pdf",
    "x" * 300 + ".pdf",
    "合同" * 120 + ".pdf",
    ".pdf",
    "..pdf",
    " .pdf",
    "CON.pdf",
    "a\u2028b.pdf",
    "%2e%2e%2fx.pdf",
    "<img src=x onerror=alert(1)>.pdf",
    "{{7*7}}.pdf",
    "$(id).pdf",
    "a\ud800.pdf",
    "\ufeff.pdf",
)
