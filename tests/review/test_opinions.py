"""Giving opinions: only the seat's person, in the order of the seats (REV-02, REV-15, REV-23)."""

import pytest

from flow.events import By
from flow.refusals import Denied, Invalid, Refused
from orders import actions as orders
from review import actions as review
from tests.people import NINE
from tests.review.test_routes import told
from tests.story import scan


def opine(story, role, decision="feasible", **said):
    if decision == "infeasible":
        said.setdefault("opinion", "产能不足")
    return review.give_opinion(story.round, by=story.by(role), decision=decision, **said)


@pytest.mark.rule("REV-03", "REV-07")
def test_last_feasible_opinion_passes_a_regular_round(story):
    story.in_review()
    opine(story, "prod_mgr", earliest_on=story.order.delivery_on, opinion="可以")
    assert story.order.state == "in_review"
    opine(story, "order_desk")
    assert (story.round.state, story.order.state) == ("passed", "approved")
    seat = story.round.seats.get(role="prod_mgr")
    assert (seat.decision, seat.opinion, seat.answered_at) == ("feasible", "可以", story.at)


@pytest.mark.rule("ORG-04", "REV-02")
def test_only_the_seats_person_answers(story, by, stranger):
    story.in_review()
    colleague = story.factory.appoint("prod_mgr", username="prod2")
    for actor in (by("buyer"), by("mat_controller"), By(stranger, NINE), By(colleague, NINE)):
        with pytest.raises(Denied):
            review.give_opinion(story.round, by=actor, decision="feasible")
    opine(story, "prod_mgr")
    with pytest.raises(Denied, match="person named"):
        opine(story, "prod_mgr")


def test_infeasible_says_why(story):
    story.in_review()
    with pytest.raises(Invalid) as refused:
        opine(story, "prod_mgr", "infeasible", opinion="")
    assert "opinion" in refused.value.errors
    assert "opinion" in review.give_opinion.form(data={"decision": "infeasible"}).errors


@pytest.mark.rule("REV-12", "REV-13", "REV-15")
def test_production_answers_after_technology_quality_and_purchasing(factory):
    story = told(factory, "t5_non_regular")
    for role in ("tech_leader", "qc_leader", "purch_leader"):
        with pytest.raises(Refused, match="answers after the others"):
            opine(story, "prod_mgr")
        opine(story, role)
    assert story.round.seats.get(role="prod_mgr").opened_at == story.at
    opine(story, "prod_mgr")


@pytest.mark.rule("REV-20", "REV-22", "REV-23")
def test_planner_answers_after_technology_and_purchasing(factory):
    story = told(factory, "project")
    opine(story, "marketing")
    opine(story, "tech_leader")
    with pytest.raises(Refused):
        opine(story, "planner")
    opine(story, "purch_leader")
    opine(story, "planner")
    assert story.order.state == "approved"


def test_one_person_with_two_seats_answers_them_one_by_one(story, by):
    story.confirmed()
    story.factory.dismiss("prod_mgr")
    desk = by("order_desk").actor
    desk.memberships.create(role="prod_mgr", company=story.factory.kg, starts_on=NINE.date())
    story.in_review()
    with pytest.raises(Invalid, match="no open seat of this role"):
        opine(story, "order_desk", seat="gm")
    opine(story, "order_desk", seat="prod_mgr")
    assert [s.role for s in story.round.seats.exclude(answered_at=None)] == ["prod_mgr"]
    opine(story, "order_desk")
    assert story.order.state == "approved"


def test_nobody_answers_for_a_cancelled_order(story, by):
    story.in_review()
    orders.cancel(story.order, by=by("sales_leader"), reason="不要了", proof=scan())
    assert story.round.state == "cancelled"
    with pytest.raises(Refused):
        opine(story, "prod_mgr")
