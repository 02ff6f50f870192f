"""The bench of the clocks' tests, and the proof after each that the whole system is in order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from flow.invariants import violations
from tests.deadlines.bench import Bench
from tests.people import People


@pytest.fixture
def people(db: None) -> People:
    """The companies with their people."""
    return People()


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """The words of these tests are those of the source."""
    with translation.override("en"):
        yield


@pytest.fixture
def bench(people: People) -> Iterator[Bench]:
    """Rules and documents to try; afterwards every invariant must hold (P22)."""
    made = Bench(people)
    try:
        yield made
        assert {name: found for name, found in violations().items() if found} == {}
    finally:
        made.forget()
