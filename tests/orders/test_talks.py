"""Postponement, decline, conditions, important orders, loss (O-07…O-12, O-15, ORG-18)."""

from datetime import timedelta

import pytest

from flow import papers
from flow.refusals import Denied, Invalid, Refused
from orders import actions as orders
from review import actions as review
from tests.story import DELIVERY, call, scan

LATER = DELIVERY + timedelta(days=20)
LATEST = DELIVERY + timedelta(days=40)


@pytest.fixture
def infeasible(story):
    """An order whose review found the date infeasible."""
    story.in_review()
    say_no(story)
    return story


def say_no(story):
    """Production finds the date infeasible, the chair decides so."""
    review.give_opinion(story.round, by=story.by("prod_mgr"), decision="infeasible", opinion="产能不足")
    review.decide(story.round, by=story.by("order_desk"), decision="infeasible", opinion="产能不足")


def ask_later(story, day):
    orders.start_postpone(story.order, by=story.by("sales_clerk"), proposed_on=day, reason="产能不足")


@pytest.mark.rule("REV-08")
def test_postponement_needs_an_infeasible_review(story):
    story.in_review()
    with pytest.raises(Refused, match="has not found the delivery date infeasible"):
        ask_later(story, LATER)
    say_no(story)
    assert story.order.state == "in_review"
    with pytest.raises(Invalid, match="later than the date asked for"):
        ask_later(story, DELIVERY)
    ask_later(story, LATER)
    assert story.order.state == "postponing"


@pytest.mark.rule("REV-08", "REV-10")
def test_agreed_twice_each_time_with_a_new_round(infeasible):
    story = infeasible
    for round_no, day in ((2, LATER), (3, LATEST)):
        ask_later(story, day)
        with pytest.raises(Invalid, match="later than the date asked for"):
            orders.postpone_agreed(
                story.order, by=story.by("sales_clerk"), delivery_on=story.order.delivery_on, **call()
            )
        orders.postpone_agreed(story.order, by=story.by("sales_clerk"), delivery_on=day, **call("同意延期"))
        assert story.order.state == "in_review"
        assert {line.delivery_on for line in story.lines} == {day} == {story.order.delivery_on}
        assert (story.round.round_no, story.round.delivery_on) == (round_no, day)
        if round_no == 2:
            say_no(story)
    assert [c.content for c in papers.contacts(story.order)].count("同意延期") == 2
    story.approved()
    assert story.order.state == "approved"


def test_only_the_front_office_negotiates(infeasible, by):
    with pytest.raises(Denied):
        orders.start_postpone(infeasible.order, by=by("prod_mgr"), proposed_on=LATER, reason="忙")
    with pytest.raises(Refused, match="not possible"):
        orders.postpone_agreed(infeasible.order, by=by("sales_clerk"), delivery_on=LATER, **call())


@pytest.mark.rule("REV-09", "E-47")
@pytest.mark.parametrize("manager", ["gm", "deputy_gm"])
def test_decline_is_approved_by_a_manager(infeasible, by, manager):
    story = infeasible
    with pytest.raises(Refused):
        orders.request_decline(story.order, by=by("sales_clerk"), **call())
    ask_later(story, LATER)
    orders.request_decline(story.order, by=by("sales_clerk"), **call("不能等"))
    assert story.order.state == "decline_pending"
    with pytest.raises(Denied):
        orders.approve_decline(story.order, by=by("sales_leader"), opinion="算了")
    with pytest.raises(Denied):
        orders.approve_decline(story.order, by=by("gm", company=story.factory.hg), opinion="算了")
    assert orders.approve_decline(story.order, by=by(manager), opinion="不接").state == "declined"
    with pytest.raises(Refused):
        orders.cancel(story.order, by=by("gm"), reason="撤回", proof=scan())


@pytest.mark.rule("REV-09")
def test_manager_refuses_to_decline_and_directs_a_way_out(infeasible, by):
    story = infeasible
    ask_later(story, LATER)
    orders.request_decline(story.order, by=by("order_desk"), **call())
    orders.refuse_decline(story.order, by=by("gm"), opinion="外协母线框架")
    assert story.order.state == "in_review"
    assert (story.round.round_no, story.round.instruction) == (2, "外协母线框架")


def conditional(story):
    """A non-regular order that the general manager accepts under a condition."""
    story.confirmed(order_class="non_regular").in_review()
    while seat := story.round.seats.filter(answered_at=None).exclude(opened_at=None).first():
        review.give_opinion(story.round, by=story.by(seat.role), decision="feasible")
    review.decide(story.round, by=story.by("gm"), decision="conditional", conditions="改用国产断路器")
    return story


@pytest.mark.rule("REV-16", "REV-17")
def test_conditions_are_agreed_before_the_quotation(story, by):
    conditional(story)
    assert (story.order.state, story.order.conditions) == ("approved", "改用国产断路器")
    offer = orders.quotation.create(
        by=by("sales_clerk"), order=story.order, valid_until=DELIVERY, reason="异型"
    )
    with pytest.raises(Refused, match="not agreed with the customer"):
        orders.quotation.send(offer, by=by("sales_clerk"))
    assert story.order.state == "approved"
    orders.agree_conditions(story.order, by=by("sales_clerk"), **call("同意改型"))
    with pytest.raises(Refused, match="no conditions to agree"):
        orders.agree_conditions(story.order, by=by("sales_clerk"), **call())
    orders.quotation.send(offer, by=by("sales_clerk"))
    assert story.order.state == "quoted"


@pytest.mark.rule("REV-17", "REV-08")
def test_conditions_refused_lead_to_postponement(story):
    conditional(story)
    ask_later(story, LATER)
    orders.postpone_agreed(story.order, by=story.by("sales_clerk"), delivery_on=LATER, **call())
    assert (story.order.state, story.order.conditions) == ("in_review", "")


def test_unconditional_approval_is_not_postponed(story):
    story.approved()
    with pytest.raises(Refused, match="nothing to postpone"):
        ask_later(story, LATER)


@pytest.mark.rule("ORG-18")
def test_important_order_is_not_signed_without_senior_management(story, by):
    story.received(is_important=True).contracted()
    orders.contract.record_customer_signature(
        story.contract, by=by("sales_clerk"), signer="王工", signed_on=story.at.date(), file=scan()
    )
    shown = orders.contract.countersign.reasons(story.contract)
    assert [str(reason) for reason in shown] == [
        "An important order is signed only when senior management approved it: ask for their approval."
    ]
    with pytest.raises(Refused, match="senior management"):
        orders.contract.countersign(story.contract, by=by("sales_clerk"))
    with pytest.raises(Denied):
        orders.approve_important(story.order, by=by("gm"), opinion="同意")
    orders.approve_important(story.order, by=by("senior_mgmt"), opinion="同意")
    orders.refuse_important(story.order, by=by("senior_mgmt"), opinion="再想想")
    with pytest.raises(Refused, match="senior management"):
        orders.contract.countersign(story.contract, by=by("sales_clerk"))
    orders.approve_important(story.order, by=by("senior_mgmt"), opinion="同意")
    orders.contract.countersign(story.contract, by=by("sales_clerk"))
    assert story.order.state == "signed"


def test_ordinary_order_asks_nobody(story, by):
    story.confirmed()
    with pytest.raises(Refused, match="not marked as important"):
        orders.approve_important(story.order, by=by("senior_mgmt"), opinion="同意")


@pytest.mark.rule("ORD-19")
def test_lost_order_takes_its_papers_along(story, by):
    story.contracted()
    with pytest.raises(Denied):
        orders.mark_lost(story.order, by=by("buyer"), reason="价高")
    orders.mark_lost(story.order, by=by("sales_clerk"), reason="价高")
    assert story.order.state == "lost"
    assert story.contract.state == "terminated"
    with pytest.raises(Refused):
        orders.contract.record_customer_signature(
            story.contract, by=by("sales_clerk"), signer="王工", signed_on=story.at.date(), file=scan()
        )


@pytest.mark.rule("ORD-19")
def test_only_a_quoted_order_is_lost(story, by):
    story.approved()
    with pytest.raises(Refused):
        orders.mark_lost(story.order, by=by("sales_clerk"), reason="价高")
    story.quoted()
    orders.mark_lost(story.order, by=by("sales_clerk"), reason="价高")
    assert story.quotation.state == "expired"
