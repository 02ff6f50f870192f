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


def messages() -> dict[str, list[str]]:
    """Every message id of Python sources and templates, with the files it stands in."""
    found: dict[str, list[str]] = {}
    for path in sorted(Path(settings.BASE_DIR).rglob("*")):
        inside = path.relative_to(settings.BASE_DIR)
        if SKIP & set(inside.parts) or path.suffix not in {".py", ".html", ".txt", ".js"}:
            continue
        finder = _in_python if path.suffix == ".py" else _in_template if path.suffix != ".js" else None
        for message in finder(path) if finder and inside.parts[0] not in {"static"} else ():
            found.setdefault(message, []).append(str(inside))
    return found


def update() -> tuple[int, int]:
    """Add new messages to the catalogue, drop those no longer used. Returns (untranslated, total)."""
    wanted = messages()
    catalogue = polib.pofile(str(FILE)) if FILE.exists() else polib.POFile()
    catalogue.metadata.setdefault("Content-Type", "text/plain; charset=utf-8")
    catalogue.metadata.setdefault("Language", "zh_Hans")
    kept = {entry.msgid: entry for entry in catalogue if entry.msgid in wanted}
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = catalogue.metadata
    for message in sorted(wanted):
        old = kept.get(message)
        text = old.msgstr if old else ""
        fresh.append(polib.POEntry(msgid=message, msgstr=text, flags=old.flags if old else []))
    FILE.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(FILE))
    return sum(not entry.msgstr for entry in fresh), len(fresh)


def _in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in CALLS:
            for arg in node.args[:2] if name.startswith("ngettext") else node.args[:1]:
                if isinstance(arg, ast.Constant) and isinstance(arg.value, str) and arg.value:
                    yield arg.value


def _in_template(path: Path) -> Iterator[str]:
    code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for found in re.finditer(r"\b(?:gettext|ngettext|pgettext|_)\(", code):
        if text := _literal(code[found.end() :]):
            yield text


def _literal(code: str) -> str | None:
    """The string literal (or adjacent literals) that `code` begins with."""
    text = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.STRING:
                text += ast.literal_eval(token.string)
            elif token.type != tokenize.NL or token.string == ",":
                break
    except (tokenize.TokenError, SyntaxError):
        pass
    return text or None
