"""The proofs find what they are for: a run that should have ended, a step never told, a forgiven breach."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deadlines import sweep
from deadlines.models import Deadline
from deadlines.rules import hours
from flow.invariants import violations
from tests.deadlines.bench import HOUR, Bench
from tests.people import NINE


def found() -> list[str]:
    """What is wrong, without what is right."""
    return [sentence for several in violations().values() for sentence in several]


@pytest.fixture
def row(bench: Bench) -> Deadline:
    """A clock that was swept past its due step."""
    bench.declare(warn=hours(1))
    made = bench.begun()
    sweep.run(at=NINE + 4 * HOUR)
    assert found() == []
    return bench.again(made)


def test_a_step_that_was_not_recorded(row: Deadline) -> None:
    Deadline.objects.filter(pk=row.pk).update(step=3)
    assert found() == [f"deadline {row.pk}: 3 steps taken, 2 recorded, the last is 1"]
    Deadline.objects.filter(pk=row.pk).update(step=2)


def test_a_breach_that_was_forgiven(row: Deadline) -> None:
    Deadline.objects.filter(pk=row.pk).update(breached=False)
    assert found() == [f"deadline {row.pk} is not marked as breached"]
    Deadline.objects.filter(pk=row.pk).update(breached=True)


def test_a_late_end_that_is_not_a_breach(bench: Bench, row: Deadline) -> None:
    document = bench.document()
    bench.say("begin", document)
    bench.say("finish", document, NINE + 5 * HOUR)
    late = Deadline.objects.filter(pk=bench.clock(document).pk)
    late.update(breached=False, late_by=None)
    assert len(found()) == 1
    late.update(breached=True, late_by=timedelta(hours=1))


def test_a_clock_that_runs_on_after_its_end(bench: Bench, row: Deadline) -> None:
    document = bench.document()
    bench.say("begin", document)
    bench.say("finish", document, NINE + HOUR)
    ended = bench.clock(document)
    Deadline.objects.filter(pk=ended.pk).update(state="open", done_at=None)
    assert found() == [f"deadline {ended.pk} (answer) runs on after it was stopped"]
    Deadline.objects.filter(pk=ended.pk).update(state="done", done_at=ended.done_at)


def test_a_start_without_a_clock(bench: Bench, row: Deadline) -> None:
    document = bench.document()
    event = bench.say("begin", document)
    Deadline.objects.filter(started_by=event).delete()
    assert found() == [f"event {event.pk} started no deadline of answer"]
    bench.say("begin", document)
