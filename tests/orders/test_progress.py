"""The progress ledger: the order moves as far as its quantities allow (D2, O-19…O-31)."""

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from flow import cases
from flow.invariants import violations
from flow.models import Event
from flow.panels import Asked, extras_of
from flow.policy import Viewer
from flow.refusals import Refused
from orders import actions as orders
from orders.models import Progress, Stage
from tests.ledger import Ledger, Paper, new_paper
from tests.people import NINE


@pytest.fixture
def ledger(story):
    """Two lines in effect: two cabinets, three transformers."""
    items = story.factory
    story.received(
        lines=[{"item": items.cabinet, "quantity": 2}, {"item": items.transformer, "quantity": 3}]
    ).effective()
    return Ledger(story)


def test_whole_quantities_walk_the_line(ledger):
    walked = [
        ledger.credit(stage)
        for stage in (
            Stage.INSTRUCTED,
            Stage.PLANNED,
            Stage.PROCURING,
            Stage.STARTED,
            Stage.SUBMITTED,
            Stage.PASSED,
            Stage.STOCKED,
            Stage.NOTIFIED,
            Stage.DISPATCHED,
            Stage.DELIVERED,
        )
    ]
    assert walked == [
        "instructed",
        "planned",
        "procuring",
        "producing",
        "inspecting",
        "inspecting",
        "stocked",
        "shipping",
        "shipped",
        "after_sales",
    ]
    assert not any(violations().values())


def test_part_of_the_lines_waits_for_the_rest(ledger):
    assert ledger.credit(Stage.INSTRUCTED, 2) == "effective"
    assert ledger.credit(Stage.INSTRUCTED, 0, 1) == "effective"
    assert ledger.credit(Stage.INSTRUCTED, 0, 2) == "instructed"


def test_order_of_arrival_does_not_matter(ledger):
    assert ledger.credit(Stage.STARTED, 1) == "effective"
    assert ledger.credit(Stage.PROCURING) == "effective"
    assert ledger.credit(Stage.PLANNED) == "effective"
    assert ledger.credit(Stage.INSTRUCTED) == "producing"
    moved = Event.objects.filter(case=ledger.story.order.case, verb__startswith="orders.order.")
    assert [event.verb.rpartition(".")[2] for event in moved.order_by("pk")][-4:] == [
        "issue_instruction",
        "issue_plan",
        "start_procurement",
        "start_production",
    ]


def test_more_than_ordered_is_refused_with_figures(ledger):
    ledger.credit(Stage.INSTRUCTED, 1)
    with pytest.raises(Refused) as refused:
        ledger.credit(Stage.INSTRUCTED, 2, 4)
    assert refused.value.reasons == [
        "Line 1: 2 more at “Instructed” than the 2 ordered (1 so far).",
        "Line 2: 4 more at “Instructed” than the 3 ordered (0 so far).",
    ]
    assert Progress.objects.count() == 1


def test_nothing_comes_back_that_was_not_there(ledger):
    ledger.credit(Stage.SUBMITTED, 1)
    with pytest.raises(Refused, match="Line 1: 2 cannot come back from “Sent to final inspection”: only 1"):
        ledger.credit(Stage.SUBMITTED, -2)


def test_what_one_version_says_counts_once(ledger):
    paper = new_paper()
    ledger.credit(Stage.INSTRUCTED, 1, paper=paper)
    ledger.credit(Stage.INSTRUCTED, 1, paper=paper)
    assert Progress.objects.get().quantity == 1
    ledger.credit(Stage.INSTRUCTED, -1, paper=Paper(paper.pk, version=2))
    assert sum(Progress.objects.values_list("quantity", flat=True)) == 0


def test_line_named_twice_is_added_up(ledger):
    line = ledger.lines[0]
    ledger.lines = [line, line]
    ledger.credit(Stage.INSTRUCTED, 1, 1)
    assert Progress.objects.get().quantity == 2


def test_advance_is_idempotent(ledger):
    ledger.credit(Stage.INSTRUCTED)
    before = ledger.story.order.version
    with cases.transact():
        cases.lock({ledger.story.order.case_id})
        for _again in range(3):
            orders.advance(ledger.story.order, by=ledger.story.by("prod_mgr"))
    assert ledger.story.order.version == before


def test_credit_outside_the_cases_lock_is_an_error(ledger):
    with pytest.raises(RuntimeError, match="locked"):
        orders.credit(
            ledger.story.order, Stage.PLANNED, [], document=ledger.story.order, by=ledger.story.by("prod_mgr")
        )


@pytest.mark.rule("QUA-30")
def test_inspection_loop_sends_the_order_back_and_on(ledger):
    for stage in (Stage.INSTRUCTED, Stage.PLANNED, Stage.PROCURING, Stage.STARTED):
        ledger.credit(stage)
    assert ledger.credit(Stage.SUBMITTED) == "inspecting"
    for _round in range(2):
        assert ledger.credit(Stage.SUBMITTED, -1) == "producing"
        assert ledger.credit(Stage.SUBMITTED, 1) == "inspecting"
    assert ledger.credit(Stage.STOCKED) == "stocked"


@pytest.mark.rule("DLV-19")
def test_partial_shipping_loop(ledger):
    assert ledger.in_stock() == "stocked"
    assert ledger.credit(Stage.NOTIFIED, 1) == "shipping"
    assert ledger.credit(Stage.DISPATCHED, 1) == "partially_shipped"
    assert ledger.credit(Stage.NOTIFIED, 1) == "shipping"
    assert ledger.credit(Stage.NOTIFIED, 0, 3) == "shipping"
    assert ledger.credit(Stage.DISPATCHED, 1) == "shipping", "the second notice is still open"
    assert ledger.credit(Stage.DELIVERED, 2) == "shipping"
    assert ledger.credit(Stage.DISPATCHED, 0, 3) == "shipped"
    assert ledger.credit(Stage.DELIVERED, 0, 3) == "after_sales"


def test_second_notice_after_the_first_is_dispatched(ledger):
    ledger.in_stock()
    ledger.credit(Stage.NOTIFIED, 2)
    assert ledger.credit(Stage.DISPATCHED, 2) == "partially_shipped"
    assert ledger.credit(Stage.NOTIFIED, 0, 3) == "shipping"
    assert ledger.credit(Stage.DISPATCHED, 0, 3) == "shipped"


def test_hold_for_a_change_stops_the_way(ledger):
    order = ledger.story.order
    type(order).objects.filter(pk=order.pk).update(change_hold=True)
    assert ledger.credit(Stage.INSTRUCTED) == "effective"
    type(order).objects.filter(pk=order.pk).update(change_hold=False)
    assert ledger.credit(Stage.PLANNED) == "planned"


@pytest.mark.rule("SYS-03")
def test_ledger_rows_are_never_changed(ledger):
    ledger.credit(Stage.INSTRUCTED)
    for change in (lambda: Progress.objects.update(quantity=9), lambda: Progress.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


@pytest.mark.rule("SYS-01")
def test_page_shows_how_far_each_line_has_come(ledger):
    asked = Asked(ledger.story.order, Viewer.of(ledger.story.by("sales_clerk").actor, NINE), NINE)
    assert extras_of(asked)["progress"]["planned"] == {}
    ledger.credit(Stage.INSTRUCTED)
    ledger.credit(Stage.PLANNED, 1)
    asked = Asked(ledger.story.order, asked.viewer, NINE)
    assert extras_of(asked)["progress"]["planned"] == {str(ledger.lines[0].pk): "1"}
