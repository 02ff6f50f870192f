"""Deciding a round: the chair says what the seats say, the manager decides (REV-04, REV-08, REV-16)."""

from datetime import timedelta

import pytest

from flow.refusals import Denied, Invalid, Refused
from orders import actions as orders
from review import actions as review
from tests.review.test_opinions import opine
from tests.review.test_routes import told
from tests.story import call


def decide(story, role, decision, **said):
    return review.decide(story.round, by=story.by(role), decision=decision, **said)


def all_advised(factory, route="t5_non_regular", no=""):
    """A round with all its opinions in; the seat `no` found it infeasible."""
    story = told(factory, route)
    while seat := story.round.seats.filter(answered_at=None).exclude(opened_at=None).first():
        opine(story, seat.role, "infeasible" if seat.role == no else "feasible")
    return story


@pytest.mark.rule("REV-08")
def test_chair_decides_infeasible_and_the_order_stays_in_review(story):
    story.in_review()
    with pytest.raises(Refused, match="No seat has found"):
        decide(story, "order_desk", "infeasible", opinion="不行")
    opine(story, "prod_mgr", "infeasible")
    for role in ("prod_mgr", "gm"):
        with pytest.raises(Denied):
            decide(story, role, "infeasible", opinion="不行")
    with pytest.raises(Invalid):
        decide(story, "order_desk", "infeasible")
    with pytest.raises(Refused, match="found the order infeasible"):
        decide(story, "order_desk", "passed")
    decide(story, "order_desk", "infeasible", opinion="产能不足")
    assert (story.round.state, story.order.state) == ("infeasible", "in_review")


@pytest.mark.rule("REV-07")
def test_chair_does_not_pass_over_open_seats(story):
    story.in_review()
    opine(story, "order_desk")
    with pytest.raises(Refused, match="not answered yet: Production manager"):
        decide(story, "order_desk", "passed")


@pytest.mark.rule("REV-16")
@pytest.mark.parametrize("decision", ["conditional", "rejected"])
def test_chair_sets_no_conditions_and_rejects_nothing(story, decision):
    story.in_review()
    opine(story, "prod_mgr", "infeasible")
    with pytest.raises(Denied, match="Only the general manager"):
        decide(story, "order_desk", decision, opinion="不", conditions="改型")


@pytest.mark.rule("REV-16", "E-61")
@pytest.mark.parametrize("route", ["t5_non_regular", "project_non_regular"])
@pytest.mark.parametrize("manager", ["gm", "deputy_gm"])
def test_manager_decides_when_all_opinions_are_in(factory, route, manager):
    story = told(factory, route)
    with pytest.raises(Refused, match="not answered yet"):
        decide(story, manager, "passed")
    story = all_advised(factory, route)
    assert (story.round.state, story.order.state) == ("collecting", "in_review")
    with pytest.raises(Denied):
        decide(story, "marketing" if route.startswith("project") else "order_mgr", "passed")
    decide(story, manager, "passed")
    assert story.order.state == "approved"


@pytest.mark.rule("REV-16")
def test_manager_may_accept_against_advice(factory):
    story = all_advised(factory, no="purch_leader")
    decide(story, "gm", "passed", opinion="断路器调拨")
    assert story.order.state == "approved"


@pytest.mark.rule("REV-16")
def test_conditional_acceptance_names_a_condition(factory):
    story = all_advised(factory)
    for conditions in ("", "  "):
        with pytest.raises(Invalid) as refused:
            decide(story, "gm", "conditional", conditions=conditions)
        assert "conditions" in refused.value.errors
    decide(story, "gm", "conditional", conditions="交货期延至 7 月 31 日")
    assert (story.order.state, story.order.conditions) == ("approved", "交货期延至 7 月 31 日")
    assert not story.order.conditions_agreed


@pytest.mark.rule("REV-16")
def test_manager_rejects_with_reasons(factory):
    story = all_advised(factory)
    with pytest.raises(Invalid):
        decide(story, "gm", "rejected")
    decide(story, "gm", "rejected", opinion="无此资质")
    assert (story.round.state, story.order.state) == ("rejected", "declined")
    with pytest.raises(Refused):
        decide(story, "gm", "passed")


@pytest.mark.rule("REV-16", "REV-08")
def test_managers_infeasible_opens_the_postponement(factory):
    story = all_advised(factory)
    decide(story, "gm", "infeasible", opinion="只差交货期")
    assert story.order.state == "in_review"
    later = story.order.delivery_on.replace(month=8)
    orders.start_postpone(story.order, by=story.by("sales_clerk"), proposed_on=later, reason="产能")
    orders.postpone_agreed(story.order, by=story.by("sales_clerk"), delivery_on=later, **call())
    assert (story.round.round_no, story.round.state) == (2, "collecting")


@pytest.mark.rule("REV-04")
@pytest.mark.parametrize(
    ("route", "chair"),
    [("t5_regular", "order_desk"), ("t7_regular", "sales_clerk"), ("t5_non_regular", "order_mgr")],
)
def test_chair_returns_the_order_and_the_next_round_follows(factory, route, chair):
    story = told(factory, route)
    with pytest.raises(Denied):
        review.return_for_rework(story.round, by=story.by("prod_mgr"), reasons="缺图")
    review.return_for_rework(story.round, by=story.by(chair), reasons="缺图")
    assert (story.round.state, story.round.opinion, story.order.state) == ("returned", "缺图", "returned")
    story.told -= {"confirmed", "in_review"}
    story.in_review()
    assert (story.round.round_no, story.order.state) == (2, "in_review")
    assert story.order.rounds.count() == 2


@pytest.mark.rule("REV-04")
def test_infeasible_round_may_still_be_returned(story):
    story.in_review()
    opine(story, "prod_mgr", "infeasible")
    decide(story, "order_desk", "infeasible", opinion="产能不足")
    review.return_for_rework(story.round, by=story.by("order_desk"), reasons="改小数量")
    assert story.order.state == "returned"
    with pytest.raises(Refused):
        review.return_for_rework(story.round, by=story.by("order_desk"), reasons="再来")


@pytest.mark.rule("REV-04")
def test_postponed_order_is_not_returned(story):
    story.in_review()
    opine(story, "prod_mgr", "infeasible")
    decide(story, "order_desk", "infeasible", opinion="产能不足")
    later = story.order.delivery_on.replace(month=8)
    orders.start_postpone(story.order, by=story.by("sales_clerk"), proposed_on=later, reason="产能")
    with pytest.raises(Refused, match="not in review any more"):
        review.return_for_rework(story.round, by=story.by("order_desk"), reasons="改")


@pytest.mark.rule("REV-04", "REV-10")
def test_only_the_newest_round_sends_the_order_back(story):
    """An older one that found the date infeasible has nothing to say about the new date."""
    story.in_review()
    opine(story, "prod_mgr", "infeasible")
    decide(story, "order_desk", "infeasible", opinion="产能不足")
    old = story.round
    later = story.order.delivery_on + timedelta(days=20)
    clerk = story.by("sales_clerk")
    orders.start_postpone(story.order, by=clerk, proposed_on=later, reason="产能不足")
    orders.postpone_agreed(story.order, by=clerk, delivery_on=later, **call("同意"))
    with pytest.raises(Refused, match="newer round"):
        review.return_for_rework(old, by=story.by("order_desk"), reasons="改")
    assert story.order.state == "in_review"
    review.return_for_rework(story.round, by=story.by("order_desk"), reasons="改")
    assert story.order.state == "returned"
