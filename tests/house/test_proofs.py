"""The figures of the promises are the tests' own, and the page shows them and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import proofs

OWN = "test_a_proof_names_its_test_and_what_it_saw"


def line(promise: str = "P1", *, test: str = "tests/a.py::test_b", **said: Any) -> dict[str, Any]:
    """A line as `proven` writes it."""
    made = {"promise": promise, "test": test, "database": "SQLite", "tier": "faults", "injections": 1}
    return made | {"violations": 0, "recovery_seconds": None, "note": ""} | said


def test_a_proof_names_its_test_and_what_it_saw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROOFS", str(tmp_path / "deep" / "proofs.jsonl"))
    proofs.proven("P1", injections=3, violations=0, recovery_seconds=1.234, note="killed")
    with pytest.raises(AssertionError, match="P2 was broken 1 times"):
        proofs.proven("P2", injections=3, violations=1)
    first, second = proofs.read(tmp_path / "deep" / "proofs.jsonl")
    assert first["test"] == f"{Path(__file__).relative_to(proofs.ROOT)}::{OWN}"
    assert (first["tier"], first["recovery_seconds"]) == ("fast", 1.2)
    assert (second["promise"], second["violations"]) == ("P2", 1)


def test_an_unknown_promise_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROOFS", str(tmp_path / "proofs.jsonl"))
    with pytest.raises(KeyError):
        proofs.proven("P23", injections=1, violations=0)


def test_the_newest_line_counts_and_tests_that_are_gone_do_not() -> None:
    lines = [line("P10"), line("P2"), line("P2", injections=7), line("P2", database="PostgreSQL")]
    found = proofs.merged(
        [*lines, line(test="tests/gone.py::test_x")], stands=lambda test: "gone" not in test
    )
    assert [(x["promise"], x["database"], x["injections"]) for x in found] == [
        ("P2", "PostgreSQL", 1),
        ("P2", "SQLite", 7),
        ("P10", "SQLite", 1),
    ]
    assert proofs.exists("tests/house/test_proofs.py::test_an_unknown_promise_is_an_error[x]")
    assert not proofs.exists("tests/house/test_proofs.py::test_of_nothing")
    assert not proofs.exists("tests/house/test_gone.py::test_of_nothing")


def test_the_page_keeps_its_words_and_gets_the_table() -> None:
    page = f"before\n{proofs.BEGIN}\nold\n{proofs.END}\nafter\n"
    shown = proofs.shown(page, [line(note="a|b", injections=1234)])
    assert shown.startswith(f"before\n{proofs.BEGIN}\n| promise |")
    assert "| 1,234 | 0 |  | a\\|b |" in shown
    assert shown.endswith(f"{proofs.END}\nafter\n")
    assert "old" not in shown
    with pytest.raises(ValueError, match="must stand in the page"):
        proofs.shown("no marks", [])


def test_the_page_shows_what_is_written_down() -> None:
    lines = proofs.read(proofs.KEPT)
    page = proofs.SHOWN.read_text("utf-8")
    assert proofs.shown(page, lines) == page, "run `make proofs`"
    assert [json.dumps(x) for x in lines] == [json.dumps(x) for x in proofs.merged(lines)], (
        "run `make proofs`"
    )
