"""Each seat of a review has a responsible person and a due time (TM-38: one working day, a clock a seat)."""

from datetime import datetime

import pytest

from deadlines import sweep
from deadlines.models import Deadline
from flow.invariants import violations
from orders import actions as orders
from review import actions as review
from tests.people import SHANGHAI
from tests.review.test_opinions import opine
from tests.review.test_routes import told
from tests.story import scan


def clocks(story):
    """The state of the clock of every seat, by its role."""
    rows = Deadline.objects.filter(rule="review_opinion", subject_id=story.round.pk)
    seats = dict(story.round.seats.values_list("pk", "role"))
    return {seats[row.line_id]: row for row in rows}


def states(story):
    return {role: row.state for role, row in clocks(story).items()}


@pytest.mark.rule("REV-02", "TM-38")
def test_each_open_seat_has_its_person_and_due_time(factory):
    story = told(factory, "t5_non_regular")
    found = clocks(story)
    assert set(found) == {"order_mgr", "tech_leader", "qc_leader", "purch_leader"}
    assert all(row.owner == story.by(role).actor for role, row in found.items())
    assert {row.due_at for row in found.values()} == {datetime(2026, 3, 3, 9, 0, tzinfo=SHANGHAI)}


@pytest.mark.rule("REV-15", "TM-38")
def test_waiting_seat_is_clocked_when_it_opens(factory):
    story = told(factory, "t5_non_regular")
    story.later(hours=3)
    for role in ("tech_leader", "qc_leader", "purch_leader"):
        opine(story, role)
    assert states(story) == {
        "order_mgr": "open",
        "tech_leader": "done",
        "qc_leader": "done",
        "purch_leader": "done",
        "prod_mgr": "open",
    }
    assert clocks(story)["prod_mgr"].opened_at == story.at


@pytest.mark.rule("TM-38", "SYS-08")
def test_silent_seat_is_warned_told_and_passed_up_each_once(story):
    story.in_review()
    opine(story, "order_desk")
    due = clocks(story)["prod_mgr"].due_at
    for _again in range(2):
        sweep.run(at=due)
    row = clocks(story)["prod_mgr"]
    assert list(row.escalations.order_by("step").values_list("step", flat=True)) == [0, 1]
    story.at = due
    story.later(minutes=1)
    opine(story, "prod_mgr")
    assert (states(story)["prod_mgr"], clocks(story)["prod_mgr"].breached) == ("done", True)
    assert not any(violations().values())


@pytest.mark.rule("TM-38")
@pytest.mark.parametrize("end", ["return", "infeasible", "cancel"])
def test_clocks_of_open_seats_end_with_the_round(story, end):
    story.in_review()
    opine(story, "prod_mgr", "infeasible")
    if end == "return":
        review.return_for_rework(story.round, by=story.by("order_desk"), reasons="缺图")
    elif end == "infeasible":
        review.decide(story.round, by=story.by("order_desk"), decision="infeasible", opinion="不行")
    else:
        orders.cancel(story.order, by=story.by("sales_leader"), reason="不要了", proof=scan())
    assert states(story) == {"order_desk": "cancelled", "prod_mgr": "done"}
