"""A run is started, stopped, moved and ended by events, in their transaction (table A, edge rules 5 to 8)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from deadlines import engine, sweep
from deadlines.models import Deadline, Duty
from deadlines.rules import before, hours, rule, upon, within
from flow import cases, events
from flow.events import By
from org import calendars
from tests.deadlines.bench import HOUR, Bench, local, moments, steps, told
from tests.people import NINE

State = Deadline.State


def state(bench: Bench, document: Duty) -> list[str]:
    """The states of all runs of a document, the oldest first."""
    rows = Deadline.objects.filter(subject_type=Duty.label(), subject_id=document.pk)
    return list(rows.order_by("pk").values_list("state", flat=True))


def test_a_run_knows_where_it_comes_from(bench: Bench) -> None:
    made = bench.declare(warn=hours(1))
    row = bench.begun()
    assert (row.rule, row.code, row.opened_at, row.due_at) == (made.slug, "TM-01", NINE, NINE + 4 * HOUR)
    assert row.started_by.verb == "deadlines.duty.begin"
    assert row.roles == ("sales_clerk",)
    assert (row.terms["amount"], row.terms["unit"], row.terms["clock"]) == (4, "hour", "elapsed")
    assert moments(row) == [NINE + n * HOUR for n in (3, 4, 5, 6)]
    assert row.next_at == NINE + 3 * HOUR
    assert not row.calendar


@pytest.mark.rule("SYS-08")
def test_in_time(bench: Bench) -> None:
    bench.declare(warn=hours(1))
    document = bench.document()
    bench.say("begin", document)
    event = bench.say("finish", document, NINE + 4 * HOUR)
    row = bench.clock(document)
    assert (row.state, row.stopped_by, row.done_at) == (State.DONE, event, NINE + 4 * HOUR)
    assert (row.breached, row.late_by, row.next_at) == (False, None, None)
    assert sweep.run(at=NINE + 10 * HOUR) == 0


@pytest.mark.rule("SYS-08")
def test_the_closing_act_decides_the_breach_even_if_nothing_swept(bench: Bench) -> None:
    bench.declare(warn=hours(1))
    document = bench.document()
    bench.say("begin", document)
    bench.say("finish", document, NINE + 4 * HOUR + timedelta(minutes=7))
    row = bench.clock(document)
    assert (row.breached, row.late_by) == (True, timedelta(minutes=7))
    assert steps(row) == []


@pytest.mark.rule("SYS-08")
def test_a_late_end_never_erases_a_breach(bench: Bench) -> None:
    bench.declare(warn=hours(1))
    document = bench.document()
    bench.say("begin", document)
    sweep.run(at=NINE + 4 * HOUR)
    # Told afterwards that it was done in time: the overdue mark stays.
    bench.say("finish", document, NINE + 3.5 * HOUR)
    row = bench.clock(document)
    assert (row.state, row.breached, row.late_by) == (State.DONE, True, None)


def test_a_back_dated_start_counts_from_when_it_happened(bench: Bench) -> None:
    bench.declare(warn=hours(1))
    row = bench.begun(at=NINE - 2 * HOUR)
    assert row.due_at == NINE + 2 * HOUR


def test_a_second_start_supersedes_the_first(bench: Bench) -> None:
    bench.declare(warn=hours(1))
    document = bench.document()
    bench.say("begin", document)
    bench.say("begin", document, NINE + HOUR)
    assert state(bench, document) == [State.SUPERSEDED, State.OPEN]
    assert bench.clock(document).due_at == NINE + 5 * HOUR
    bench.say("finish", document, NINE + 2 * HOUR)
    assert state(bench, document) == [State.SUPERSEDED, State.DONE]


def test_a_moved_date_supersedes_in_the_same_transaction(bench: Bench) -> None:
    bench.declare(due=before(bench.dated, days=1), restart="deadlines.duty.replan")
    document = bench.document(on=date(2026, 3, 20))
    bench.say("begin", document)
    bench.dates[document.pk] = date(2026, 3, 25)
    event = bench.say("replan", document, NINE + HOUR)
    old, new = Deadline.objects.filter(subject_id=document.pk, rule="answer").order_by("pk")
    assert (old.state, old.stopped_by, old.due_at) == (State.SUPERSEDED, event, local(3, 20))
    assert (new.state, new.started_by, new.due_at) == (State.OPEN, event, local(3, 25))


def test_the_same_date_again_moves_nothing(bench: Bench) -> None:
    bench.declare(due=before(bench.dated, days=1), restart="deadlines.duty.replan")
    document = bench.document(on=date(2026, 3, 20))
    bench.say("begin", document)
    bench.say("replan", document, NINE + HOUR)
    bench.say("begin", document, NINE + HOUR)
    assert state(bench, document) == [State.OPEN]


def test_moving_starts_nothing_that_does_not_run(bench: Bench) -> None:
    bench.declare(due=before(bench.dated, days=1), restart="deadlines.duty.replan")
    document = bench.document(on=date(2026, 3, 20))
    bench.say("replan", document)
    assert state(bench, document) == []


def test_superseding_an_overdue_run_keeps_its_breach(bench: Bench) -> None:
    bench.declare(due=before(bench.dated, days=1), restart="deadlines.duty.replan")
    document = bench.document(on=date(2026, 3, 10))
    bench.say("begin", document)
    bench.dates[document.pk] = date(2026, 3, 25)
    bench.say("replan", document, local(3, 11, 9))
    old = Deadline.objects.filter(subject_id=document.pk, rule="answer").first()
    assert old is not None
    assert (old.state, old.breached, old.late_by) == (State.SUPERSEDED, True, timedelta(hours=33))


def test_a_date_that_is_not_set_starts_nothing_and_one_taken_away_ends_it(bench: Bench) -> None:
    bench.declare(due=before(bench.dated, days=1), restart="deadlines.duty.replan")
    document = bench.document(on=None)
    bench.say("begin", document)
    assert state(bench, document) == []
    bench.dates[document.pk] = date(2026, 3, 20)
    bench.say("begin", document)
    bench.dates[document.pk] = None
    bench.say("replan", document)
    assert state(bench, document) == [State.CANCELLED]


def test_a_cancelled_document_cancels_its_clocks(bench: Bench) -> None:
    bench.declare(warn=hours(1), cancel="deadlines.duty.abandon")
    for verb in ("cancel", "discard", "abandon"):
        document = bench.document()
        bench.say("begin", document)
        bench.say(verb, document, NINE + HOUR)
        assert state(bench, document) == [State.CANCELLED]
    assert sweep.run(at=NINE + 10 * HOUR) == 0


def test_born_late_is_flagged(bench: Bench) -> None:
    bench.declare(due=before(bench.dated, days=3), warn=hours(1))
    row = bench.begun(on=date(2026, 3, 3))
    assert (row.compressed, row.due_at) == (True, local(3, 2, 14))


def test_a_holiday_is_flagged(bench: Bench) -> None:
    bench.declare(due=before(bench.dated, days=1))
    row = bench.begun(on=date(2026, 10, 8))
    assert (row.moved, row.due_at) == (True, local(10, 1))
    assert row.calendar == calendars.worktime(bench.people.kg).key


def test_a_stop_may_stand_under_a_condition(bench: Bench) -> None:
    bench.declare(stop=upon("deadlines.duty.decide", lambda document, event: event.data["ok"]))
    document = bench.document()
    bench.say("begin", document)
    bench.say("decide", document, ok=False)
    assert state(bench, document) == [State.OPEN]
    bench.say("decide", document, ok=True)
    assert state(bench, document) == [State.DONE]


def test_a_start_may_stand_under_a_condition(bench: Bench) -> None:
    bench.declare("yes", when=lambda document: True)
    bench.declare("no", when=lambda document, event: event.data.get("ok"))
    document = bench.document()
    bench.say("begin", document)
    assert Deadline.objects.get(subject_id=document.pk).rule == "yes"
    bench.say("begin", document, NINE + HOUR, ok=True)
    assert set(Deadline.objects.filter(state="open").values_list("rule", flat=True)) == {"yes", "no"}


def test_one_run_a_line_and_a_stop_of_some(bench: Bench) -> None:
    """Edge rule 5: lines have clocks of their own."""
    lines = bench.documents(3)
    bench.declare(
        lines=lambda document, event: [line for line in lines if line.pk in event.data["lines"]],
        which=lambda document, event: event.data.get("lines"),
        due=before(lambda document, line: date(2026, 3, 17) + timedelta(days=lines.index(line)), days=1),
    )
    document = bench.document()
    ids = [line.pk for line in lines]
    bench.say("begin", document, lines=ids)
    rows = Deadline.objects.filter(subject_id=document.pk).order_by("pk")
    assert [row.line_id for row in rows] == ids
    assert [row.due_at for row in rows] == [local(3, 17), local(3, 18), local(3, 19)]
    assert rows[0].line_label == str(lines[0])
    bench.say("finish", document, NINE + HOUR, lines=ids[:2])
    assert [row.state for row in rows.all()] == [State.DONE, State.DONE, State.OPEN]
    bench.say("finish", document, NINE + HOUR)
    assert [row.state for row in rows.all()] == [State.DONE] * 3


def test_a_line_that_is_gone_is_cancelled_when_the_rest_moves(bench: Bench) -> None:
    lines = bench.documents(2)
    on = {line.pk: date(2026, 3, 20) for line in lines}
    bench.declare(
        lines=lambda document: list(lines),
        due=before(lambda document, line: on[line.pk], days=1),
        restart="deadlines.duty.replan",
    )
    document = bench.document()
    bench.say("begin", document)
    gone = lines.pop()
    bench.say("replan", document)
    rows = dict(Deadline.objects.filter(subject_id=document.pk).values_list("line_id", "state"))
    assert rows == {lines[0].pk: State.OPEN, gone.pk: State.CANCELLED}


def test_one_run_a_slot(bench: Bench) -> None:
    bench.declare(
        slots=lambda document, event: event.data["slots"],
        which=lambda document, event: event.data["slot"],
        owner=lambda document, slot: slot,
    )
    document = bench.document()
    bench.say("begin", document, slots=["buyer", "planner"])
    bench.say("finish", document, slot="buyer")
    rows = Deadline.objects.filter(subject_id=document.pk).order_by("pk")
    assert [(r.slot, r.roles, r.state) for r in rows] == [
        ("buyer", ("buyer",), State.DONE),
        ("planner", ("planner",), State.OPEN),
    ]


def test_opening_further_slots_leaves_the_others_alone(bench: Bench) -> None:
    bench.declare(
        slots=lambda document, event: event.data["slots"],
        start=("deadlines.duty.begin", "deadlines.duty.more"),
    )
    document = bench.document()
    bench.say("begin", document, slots=["a"])
    bench.say("more", document, NINE + HOUR, slots=["b"])
    assert state(bench, document) == [State.OPEN, State.OPEN]


def test_the_stop_of_another_document_finds_the_subject(bench: Bench) -> None:
    """TM-01 runs on the order and is stopped by the instruction."""
    subject, other, alien = bench.documents(3)
    link = {other.pk: [subject], alien.pk: None}
    made = rule(
        "across",
        "TM-01",
        "…",
        subject="bench.subject",
        start="bench.subject.begin",
        stop="deadlines.duty.finish",
        about=lambda document: link[document.pk],
        due=within(hours=4),
        owner="buyer",
    )
    bench.rules.append(made)
    nothing: Any = None
    assert made.subjects(other, nothing) == [subject]
    assert made.subjects(alien, nothing) == []


def test_only_one_run_at_a_time(bench: Bench) -> None:
    bench.declare()
    row = bench.begun()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_a_rolled_back_event_leaves_no_run(bench: Bench) -> None:
    bench.declare()
    document = bench.document()

    def broken() -> None:
        with cases.transact():
            cases.lock([document.case_id])
            events.record("deadlines.duty.begin", document, By(bench.people.person("admin"), NINE))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert state(bench, document) == []


@pytest.mark.rule("E-49")
def test_a_pause_moves_what_is_still_to_come(bench: Bench) -> None:
    bench.declare(warn=hours(1), pause="deadlines.duty.wait", resume="deadlines.duty.resume")
    document = bench.document()
    bench.say("begin", document)
    bench.say("wait", document, NINE + HOUR)
    assert sweep.run(at=NINE + 20 * HOUR) == 0
    bench.say("resume", document, NINE + 11 * HOUR)
    row = bench.clock(document)
    assert (row.state, row.due_at, row.next_at) == (State.OPEN, NINE + 14 * HOUR, NINE + 13 * HOUR)
    bench.say("finish", document, NINE + 14 * HOUR)
    assert not bench.clock(document).breached


@pytest.mark.rule("E-49")
def test_a_pause_of_a_working_clock_counts_working_time(bench: Bench) -> None:
    bench.declare(
        due=within(hours=4, clock="working"), pause="deadlines.duty.wait", resume="deadlines.duty.resume"
    )
    document = bench.document()
    bench.say("begin", document, local(3, 6, 16))
    bench.say("wait", document, local(3, 6, 17))
    bench.say("resume", document, local(3, 9, 9))
    # One hour was used; three are left from Monday nine: 9–12, so due at 12 sharp.
    assert bench.clock(document).due_at == local(3, 9, 12)


def test_a_run_that_ends_in_a_pause_is_judged_by_when_it_paused(bench: Bench) -> None:
    bench.declare(pause="deadlines.duty.wait", resume="deadlines.duty.resume")
    document = bench.document()
    bench.say("begin", document)
    bench.say("wait", document, NINE + HOUR)
    bench.say("finish", document, NINE + 50 * HOUR)
    row = bench.clock(document)
    assert (row.state, row.breached) == (State.DONE, False)


@pytest.mark.rule("E-49")
def test_nothing_pauses_unless_the_rule_says_so(bench: Bench) -> None:
    bench.declare()
    document = bench.document()
    bench.say("begin", document)
    bench.say("wait", document, NINE + HOUR)
    assert state(bench, document) == [State.OPEN]


def test_events_that_concern_no_rule_cost_no_query(bench: Bench, django_assert_num_queries) -> None:
    bench.declare()
    document = bench.document()
    event = bench.say("idle", document)
    with django_assert_num_queries(0):
        engine.keep(event, document)


def test_a_stopped_clock_tells_nobody(bench: Bench) -> None:
    bench.declare(warn=hours(1))
    document = bench.document()
    bench.say("begin", document)
    sweep.run(at=NINE + 3 * HOUR)
    bench.say("finish", document, NINE + 3.5 * HOUR)
    sweep.run(at=NINE + 50 * HOUR)
    assert len(told(bench.people.person("sales_clerk"))) == 1
    assert told(bench.people.person("gm")) == []


def test_a_name_is_declared_once(bench: Bench) -> None:
    bench.declare()
    with pytest.raises(RuntimeError, match="twice"):
        bench.declare()


def test_an_option_that_does_not_exist_is_refused(bench: Bench) -> None:
    with pytest.raises(TypeError, match="escalate"):
        bench.declare(escalate=[])
