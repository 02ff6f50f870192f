"""Finds every message of the source and keeps the Chinese catalogue complete, without external tools."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

CALLS = {"_", "_lazy", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext"}
SKIP = {".venv", "var", "tests", "node_modules", "migrations", "benchmarks", "docs"}
FILE = Path(settings.BASE_DIR) / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def messages() -> dict[str, str]:
    """Every message id of Python sources and templates, with its plural form ("" where it has none)."""
    found: dict[str, str] = {}
    for path in sorted(Path(settings.BASE_DIR).rglob("*")):
        inside = path.relative_to(settings.BASE_DIR)
        if SKIP & set(inside.parts) or path.suffix not in {".py", ".html", ".txt", ".js"}:
            continue
        finder = _in_python if path.suffix == ".py" else _in_template if path.suffix != ".js" else None
        for message, *plural in finder(path) if finder and inside.parts[0] not in {"static"} else ():
            found[message] = plural[0] if plural else found.get(message, "")
    return found


def update() -> tuple[int, int]:
    """Add new messages to the catalogue, drop those no longer used. Returns (untranslated, total)."""
    wanted = messages()
    catalogue = polib.pofile(str(FILE)) if FILE.exists() else polib.POFile()
    catalogue.metadata.setdefault("Content-Type", "text/plain; charset=utf-8")
    catalogue.metadata.setdefault("Language", "zh_Hans")
    catalogue.metadata.setdefault("Plural-Forms", "nplurals=1; plural=0;")
    kept = {entry.msgid: entry for entry in catalogue if entry.msgid in wanted}
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = catalogue.metadata
    for message in sorted(wanted):
        old = kept.get(message)
        fresh.append(_entry(message, wanted[message], chinese(old) if old else "", old.flags if old else []))
    FILE.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(FILE))
    return sum(not chinese(entry) for entry in fresh), len(fresh)


def chinese(entry: polib.POEntry) -> str:
    """The translation; Chinese has one form for one and for many."""
    return entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr


def _entry(message: str, plural: str, text: str, flags: list[str]) -> polib.POEntry:
    if plural:
        return polib.POEntry(msgid=message, msgid_plural=plural, msgstr_plural={0: text}, flags=flags)
    return polib.POEntry(msgid=message, msgstr=text, flags=flags)


def _in_python(path: Path) -> Iterator[list[str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in CALLS:
            texts = node.args[:2] if name.startswith("ngettext") else node.args[:1]
            forms = [arg.value for arg in texts if isinstance(arg, ast.Constant) and arg.value]
            if forms and all(isinstance(text, str) for text in forms):
                yield [str(text) for text in forms]


def _in_template(path: Path) -> Iterator[list[str]]:
    code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for found in re.finditer(r"\b(n?gettext|pgettext|_)\(", code):
        if texts := _literals(code[found.end() :]):
            yield texts[:2] if found[1] == "ngettext" else texts[:1]


def _literals(code: str) -> list[str]:
    """The string arguments (each perhaps of adjacent literals) that `code` begins with."""
    texts = [""]
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.STRING:
                texts[-1] += ast.literal_eval(token.string)
            elif token.string == ",":
                texts.append("")
            elif token.type != tokenize.NL:
                break
    except (tokenize.TokenError, SyntaxError):
        pass
    return [text for text in texts if text]
