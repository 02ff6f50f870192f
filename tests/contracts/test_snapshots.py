"""The wiring and the API schema are kept in `docs/`, so that a changed flow is a visible diff."""

from __future__ import annotations

from pathlib import Path

from config import wiring
from tests.contracts import openapi
from tests.contracts.source import ROOT

SENTENCE = "changed on purpose? run `make snapshots` and commit the difference"


def kept(name: str) -> str:
    """The text of a committed snapshot."""
    return (Path(ROOT) / "docs" / name).read_text(encoding="utf-8")


def test_wiring() -> None:
    assert wiring.text() == kept("wiring.txt"), SENTENCE


def test_openapi() -> None:
    assert openapi.text() == kept("openapi.yaml"), SENTENCE


def test_no_migration_is_missing(db: None) -> None:
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
