"""The sweep: small commits, a storm brake, a bad row set aside, nothing lost and nothing doubled (P2, P3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from deadlines import queries, sweep
from deadlines.models import Deadline, Duty, Escalation
from deadlines.rules import hours
from flow import cases, tick
from flow.models import Event
from integration.models import Notice
from org.roles import Role
from tests.deadlines.bench import HOUR, Bench, steps, told
from tests.people import NINE


def many(bench: Bench, n: int) -> list[Deadline]:
    """So many clocks begun at nine."""
    if not bench.rules:
        bench.declare(warn=hours(1))
    return [bench.begun() for _ in range(n)]


@pytest.mark.rule("SYS-08")
def test_up_to_twenty_notices_are_told_each(bench: Bench) -> None:
    many(bench, 20)
    sweep.run(at=NINE + 3 * HOUR)
    assert len(told(bench.people.person(Role.SALES_CLERK))) == 20


@pytest.mark.rule("SYS-08")
def test_more_than_twenty_become_one_summary_and_every_step_is_written(bench: Bench) -> None:
    rows = many(bench, 21)
    assert sweep.run(at=NINE + 3 * HOUR) == 21
    clerk = bench.people.person(Role.SALES_CLERK)
    notice = Notice.objects.get(person=clerk)
    assert notice.title == "Many deadlines at once"
    assert "21 steps" in notice.text
    assert all(steps(row) == [("warn", NINE + 3 * HOUR, False)] for row in rows)
    assert Event.objects.filter(verb=sweep.ESCALATE).count() == 21


def test_the_brake_counts_steps_not_clocks(bench: Bench) -> None:
    many(bench, 11)
    sweep.run(at=NINE + 30 * HOUR)
    # 22 for the clerk (warned and told), 11 for each of those above.
    assert Notice.objects.filter(person=bench.people.person(Role.SALES_CLERK)).count() == 1
    assert len(told(bench.people.person(Role.GM))) == 11


def test_the_brake_is_one_person_s(bench: Bench) -> None:
    many(bench, 21)
    bench.declare("other", owner=Role.BUYER, warn=hours(1), escalation=[Role.GM])
    bench.begun()
    sweep.run(at=NINE + 3 * HOUR)
    assert len(told(bench.people.person(Role.BUYER))) == 1


def test_a_storm_of_several_batches_is_still_one_summary(bench: Bench, monkeypatch: Any) -> None:
    monkeypatch.setattr(sweep, "BATCH", 10)
    many(bench, 35)
    assert sweep.run(at=NINE + 60 * HOUR) == 35 * 4
    for role in (Role.SALES_CLERK, Role.SALES_LEADER, Role.GM):
        assert Notice.objects.filter(person=bench.people.person(role)).count() == 1
    assert Escalation.objects.count() == 35 * 4


def test_few_queries_a_batch_however_many_rows(bench: Bench, django_assert_max_num_queries: Any) -> None:
    many(bench, 40)
    with django_assert_max_num_queries(30):
        sweep.run(at=NINE + 3 * HOUR)


def test_nothing_due_costs_next_to_nothing(bench: Bench, django_assert_max_num_queries: Any) -> None:
    many(bench, 3)
    with django_assert_max_num_queries(1):
        assert sweep.run(at=NINE + HOUR) == 0


def test_a_bad_row_is_set_aside_and_never_stops_the_others(bench: Bench, caplog: Any) -> None:
    rows = many(bench, 9)
    bad = rows[4]
    Deadline.objects.filter(pk=bad.pk).update(subject_id=987654)
    assert sweep.run(at=NINE + 3 * HOUR) == 9
    assert [len(steps(row)) for row in rows] == [1, 1, 1, 1, 0, 1, 1, 1, 1]
    again = bench.again(bad)
    assert again.fault.startswith("SubjectGone")
    assert again.parked_until == NINE + 4 * HOUR
    assert list(queries.parked()) == [again]
    assert "could not be escalated" in caplog.text
    # Left alone for an hour, then tried again; mended, it catches up.
    assert sweep.run(at=NINE + 3.5 * HOUR) == 0
    Deadline.objects.filter(pk=bad.pk).update(subject_id=bad.subject_id)
    assert sweep.run(at=NINE + 4 * HOUR) == 10
    assert len(steps(bad)) == 2
    assert (bench.again(bad).fault, bench.again(bad).parked_until) == ("", None)


def test_a_bad_ladder_is_set_aside_too(bench: Bench) -> None:
    rows = many(bench, 3)
    Deadline.objects.filter(pk=rows[1].pk).update(ladder=[{"kind": "warn", "at": "never", "to": ["owner"]}])
    sweep.run(at=NINE + 3 * HOUR)
    assert [len(steps(row)) for row in rows] == [1, 0, 1]
    assert bench.again(rows[1]).fault.startswith("ValueError")
    Deadline.objects.filter(pk=rows[1].pk).update(ladder=rows[1].ladder)


def test_a_handler_that_fails_takes_nothing_with_it(bench: Bench, monkeypatch: Any) -> None:
    """Claim, event, step and notice are one commit: without the notice there is no step."""
    rows = many(bench, 2)

    def broken(words: Any) -> None:
        raise RuntimeError("no notices today")

    with monkeypatch.context() as patched:
        patched.setattr(sweep, "tell_many", broken)
        sweep.run(at=NINE + 3 * HOUR)
    assert Escalation.objects.count() == Event.objects.filter(verb=sweep.ESCALATE).count() == 0
    assert [bench.again(row).step for row in rows] == [0, 0]
    assert sweep.run(at=NINE + 4 * HOUR) == 4


def test_a_document_that_is_discarded_takes_its_clock_along(bench: Bench) -> None:
    row = many(bench, 1)[0]
    document = Duty.objects.get(pk=row.subject_id)
    bench.say("discard", document, NINE + HOUR)
    assert sweep.run(at=NINE + 10 * HOUR) == 0


def test_the_tick_sweeps(bench: Bench) -> None:
    many(bench, 1)
    assert tick.run(at=NINE + 3 * HOUR)["deadlines"] == 1
    assert tick.run(at=NINE + 3 * HOUR)["deadlines"] == 0


def test_it_locks_no_case(bench: Bench, monkeypatch: Any) -> None:
    many(bench, 2)
    monkeypatch.setattr(cases, "lock", None)
    assert sweep.run(at=NINE + 3 * HOUR) == 2


def test_escalations_are_never_changed(bench: Bench) -> None:
    many(bench, 1)
    sweep.run(at=NINE + 3 * HOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        Escalation.objects.update(late=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Escalation.objects.all().delete()


def test_a_step_is_at_most_a_minute_behind_to_be_in_time(bench: Bench) -> None:
    first, second = many(bench, 2)
    sweep.run(at=NINE + 3 * HOUR + timedelta(seconds=60))
    assert [late for row in (first, second) for _, _, late in steps(row)] == [False, False]
    sweep.run(at=NINE + 4 * HOUR + timedelta(seconds=61))
    assert [late for row in (first, second) for _, _, late in steps(row)] == [False, True] * 2
