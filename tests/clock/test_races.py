"""Several sweeps and stops at the same moment: each step once, a stop wins or comes after (P2, P6)."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from deadlines import duties, sweep
from deadlines.models import Deadline, Duty, Escalation
from deadlines.rules import daily, duty, hours
from flow import cases
from flow.invariants import violations
from flow.retry import Busy, retried
from integration.models import Notice
from org.models import Membership
from org.roles import Role
from tests.database import at_once
from tests.deadlines.bench import HOUR, Bench, local
from tests.people import NINE

pytestmark = pytest.mark.django_db(transaction=True)


def swept(at: Any) -> Any:
    """Sweep in a thread."""
    return lambda: sweep.run(at=at)


@pytest.mark.rule("SYS-08")
def test_many_sweeps_at_once_take_each_step_once(bench: Bench, monkeypatch: Any) -> None:
    monkeypatch.setattr(sweep, "BATCH", 7)
    monkeypatch.setattr(sweep, "STORM", 10**9)
    bench.declare(warn=hours(1))
    rows = [bench.begun() for _ in range(40)]
    at = NINE + 60 * HOUR
    results = at_once([swept(at)] * 6)
    assert [r for r in results if isinstance(r, Exception) and not isinstance(r, Busy)] == []
    sweep.run(at=at)
    taken = Counter(Escalation.objects.values_list("deadline_id", "step"))
    assert taken == Counter({(row.pk, step): 1 for row in rows for step in range(4)})
    assert Notice.objects.count() == 40 * 5


def test_sweeps_at_once_in_a_storm_tell_one_summary(bench: Bench) -> None:
    bench.declare(warn=hours(1))
    for _ in range(30):
        bench.begun()
    at = NINE + 3 * HOUR
    at_once([swept(at + timedelta(seconds=n)) for n in range(4)])
    sweep.run(at=at + timedelta(seconds=9))
    assert Escalation.objects.count() == 30
    assert Notice.objects.filter(person__username="sales_clerk").count() >= 1
    assert Notice.objects.filter(key__startswith="deadlines:").count() == 1


@pytest.mark.rule("SYS-08")
def test_a_stop_beside_a_sweep_wins_or_comes_after(bench: Bench) -> None:
    """Whoever comes first: the row is ended, its steps are those recorded, nothing follows the end."""
    bench.declare(warn=hours(1))
    at = NINE + 5 * HOUR
    for _ in range(15):
        document = bench.document()
        bench.say("begin", document)

        def stop(document: Duty = document) -> Any:
            return retried(lambda: bench.say("finish", document, at))

        results = at_once([swept(at), stop, swept(at)])
        assert [r for r in results if isinstance(r, Exception)] == []
        row = bench.clock(document)
        assert (row.state, row.breached, row.next_at) == (Deadline.State.DONE, True, None)
        assert row.escalations.count() == row.step
        assert sweep.run(at=at + 50 * HOUR) == 0


def test_a_sweep_does_not_wait_for_a_locked_case(bench: Bench) -> None:
    """Somebody holds the case for long: the clock goes on."""
    bench.declare(warn=hours(1))
    document = bench.document()
    bench.say("begin", document)
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with cases.transact():
                cases.lock([document.case_id])
                held.set()
                release.wait(timeout=30)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(timeout=30)
    try:
        assert sweep.run(at=NINE + 3 * HOUR) == 1
    finally:
        release.set()
        thread.join()


def test_a_stop_passes_over_nothing_that_a_sweep_holds(bench: Bench) -> None:
    """Ten stops of ten documents beside sweeps: all are ended, none is told afterwards."""
    bench.declare(warn=hours(1))
    documents = bench.documents(10)
    for document in documents:
        bench.say("begin", document)
    at = NINE + 4 * HOUR

    def stop(document: Duty) -> Any:
        return lambda: retried(lambda: bench.say("finish", document, at))

    results = at_once([*(stop(document) for document in documents), swept(at), swept(at)])
    again = [d for d, r in zip(documents, results, strict=False) if isinstance(r, Busy)]
    for document in again:
        bench.say("finish", document, at)
    assert [r for r in results if isinstance(r, Exception) and not isinstance(r, Busy)] == []
    assert not Deadline.objects.filter(rule="answer", state="open").exists()


def test_two_starts_at_once_leave_one_run(bench: Bench) -> None:
    bench.declare()
    document = bench.document()

    def start() -> Any:
        return retried(lambda: bench.say("begin", document))

    results = at_once([start] * 6)
    assert [r for r in results if isinstance(r, Exception) and not isinstance(r, Busy)] == []
    assert Deadline.objects.filter(subject_id=document.pk, state="open").count() == 1


def test_ticks_at_once_open_each_duty_once(bench: Bench) -> None:
    made = duty("race", "TM-10", "…", every=daily(), owner=Role.PROD_LEADER)
    bench.rules.append(made)
    Membership.objects.exclude(role=Role.PROD_LEADER).exclude(role=Role.SALES_CLERK).delete()
    at = local(3, 2, 9)
    results = at_once([lambda: duties.open_due(at=at)] * 4)
    assert [r for r in results if isinstance(r, Exception) and not isinstance(r, Busy)] == []
    duties.open_due(at=at)
    found = Counter(Duty.objects.filter(rule="race").values_list("company__code", flat=True))
    assert found == {"KG": 1, "HG": 1, "CT": 1, "XB": 1}
    assert {name: said for name, said in violations().items() if said} == {}
