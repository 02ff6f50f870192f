"""What the tests of the promises P1 to P22 have measured: written down by them, shown as a table.

A test that proves a promise calls `proven`; its line goes to the file that PROOFS names, else to
var/proofs.jsonl. `python -m tests.proofs` takes them over into docs/proofs.jsonl, where the newest line of
each promise, test and database stands, and writes the table of docs/reliability.md from it.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "docs" / "proofs.jsonl"
SHOWN = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- proofs: made by `make proofs` -->", "<!-- end of the proofs -->"
PROMISES = {
    "P1": "nothing acknowledged is lost, whatever is killed",
    "P2": "each step of each clock exactly once, to the right people",
    "P3": "after an outage everything missed is told within 60 s, once, marked late",
    "P4": "lateness p99 ≤ 5 s with 10,000 open clocks",
    "P5": "notices exactly once; mail and webhooks at least once under one key",
    "P6": "of many clicks at once one succeeds",
    "P7": "an old version is refused",
    "P8": "no negative stock, no over-reservation",
    "P9": "numbers unique and gapless",
    "P10": "one effect a key; nothing sticks",
    "P11": "events cannot be changed; tampering is found",
    "P12": "deny by default, side doors included",
    "P13": "no 5xx for any input",
    "P14": "broker dead, hung, emptied or full: pages work, clocks go on",
    "P15": "database away: 503 with Retry-After, never a wrong success, back ≤ 10 s",
    "P16": "workers dead: the web stands in, pages say so",
    "P17": "backup and restore",
    "P18": "migrations without long locks",
    "P19": "deadline arithmetic equals an oracle",
    "P20": "uploads never run, are served only to who may see",
    "P21": "a disabled person is out at the next request",
    "P22": "the state of the whole system can be proved at any time",
}
Line = dict[str, Any]
_running: list[pytest.Item] = []


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remember which test runs; a hook, made known by tests/conftest.py."""
    _running[:] = [item]


def proven(
    promise: str, *, injections: int, violations: int, recovery_seconds: float | None = None, note: str = ""
) -> None:
    """Write down what the running test has seen of a promise, then fail if it was broken.

    `injections`: how often the test tried to break it. `recovery_seconds`: the longest time until all was
    well. `note`: what was done, in a few words. Raises KeyError for an unknown promise, AssertionError for
    violations.
    """
    line: Line = {
        "promise": promise,
        "says": PROMISES[promise],
        "test": _test(),
        "database": _database(),
        "tier": _tier(),
        "injections": injections,
        "violations": violations,
        "recovery_seconds": None if recovery_seconds is None else round(recovery_seconds, 1),
        "note": note,
    }
    file = Path(os.environ.get("PROOFS", ROOT / "var" / "proofs.jsonl"))
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as book:
        # One write of one line: processes that write at the same time do not tear each other's lines.
        book.write(json.dumps(line, ensure_ascii=False) + "\n")
    assert violations == 0, f"{promise} was broken {violations} times: {note}"


def _test() -> str:
    return _running[0].nodeid if _running else ""


def _tier() -> str:
    marks = {mark.name for mark in _running[0].iter_markers()} if _running else set()
    return next((name for name in ("soak", "crawl", "faults", "browser") if name in marks), "fast")


def _database() -> str:
    named = os.environ.get("DATABASE_URL", "")
    return "PostgreSQL" if named.startswith(("postgres", "psql", "pgsql")) else "SQLite"


def read(file: Path) -> list[Line]:
    """The lines of a file, the oldest first; none while there is no file."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def merged(lines: Iterable[Line], *, stands: Any = None) -> list[Line]:
    """The newest line of each promise, test and database, in this order, of tests that still exist.

    `stands(test)`: whether a test exists, instead of a look into its file.
    """
    stands = stands or exists
    newest = {(line["promise"], line["test"], line["database"]): line for line in lines}
    kept = (line for line in newest.values() if line["promise"] in PROMISES and stands(line["test"]))
    return sorted(kept, key=lambda x: (int(x["promise"][1:]), x["test"], x["database"]))


def exists(test: str) -> bool:
    """Whether the function that a node id names still stands in its file."""
    path, *_, name = test.split("::")
    file = ROOT / path
    function = re.escape(name.partition("[")[0])
    return file.is_file() and re.search(rf"^\s*def {function}\(", file.read_text("utf-8"), re.M) is not None


def table(lines: list[Line]) -> str:
    """The lines as a table in Markdown."""
    rows = [
        "| promise | test | database | tier | injections | violations | well again (s) | what was done |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for line in lines:
        seconds = "" if line["recovery_seconds"] is None else f"{line['recovery_seconds']:.1f}"
        said = f"{line['promise']} {PROMISES[line['promise']]}"
        cells = [said, f"`{line['test']}`", line["database"], line["tier"]]
        cells += [f"{line['injections']:,}", str(line["violations"]), seconds, line["note"]]
        rows.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    missing = [name for name in PROMISES if name not in {line["promise"] for line in lines}]
    if missing:
        rows += ["", f"No figures yet: {', '.join(missing)}."]
    return "\n".join(rows)


def shown(page: str, lines: list[Line]) -> str:
    """The page with the table between its two marks. Raises ValueError when they are not there."""
    head, begin, rest = page.partition(BEGIN)
    _old, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{BEGIN} and {END} must stand in the page.")
    return f"{head}{BEGIN}\n{table(lines)}\n{END}{tail}"


def main() -> int:
    """Take over the new lines and write the table."""
    fresh = Path(os.environ.get("PROOFS", ROOT / "var" / "proofs.jsonl"))
    lines = merged([*read(KEPT), *read(fresh)])
    KEPT.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    SHOWN.write_text(shown(SHOWN.read_text("utf-8"), lines), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
