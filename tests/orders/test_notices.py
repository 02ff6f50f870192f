"""Whom the front office and the review tell (N-03…N-07)."""

import pytest

from integration.models import Notice
from orders import actions as orders
from review import actions as review
from tests.review.test_opinions import opine
from tests.story import call


def told(role, story):
    return [n.title for n in Notice.objects.filter(person=story.by(role).actor).order_by("pk")]


@pytest.mark.rule("REV-02", "REV-07")
def test_seats_hear_the_question_and_the_clerk_the_outcome(story):
    story.in_review()
    assert told("prod_mgr", story) == [f"{story.order}: your opinion is asked"]
    assert told("sales_clerk", story) == []
    story.approved()
    assert told("sales_clerk", story) == [f"{story.order}, review: Passed"]


@pytest.mark.rule("REV-08", "REV-09", "E-47")
def test_decline_is_told_upwards_and_its_decision_back(story):
    story.received(is_important=True).in_review()
    assert told("senior_mgmt", story) == [f"{story.order}: Important order to be approved"]
    opine(story, "prod_mgr", "infeasible")
    review.decide(story.round, by=story.by("order_desk"), decision="infeasible", opinion="不行")
    later = story.order.delivery_on.replace(month=8)
    orders.start_postpone(story.order, by=story.by("sales_clerk"), proposed_on=later, reason="产能")
    orders.request_decline(story.order, by=story.by("sales_clerk"), **call())
    for role in ("gm", "deputy_gm"):
        assert told(role, story) == [f"{story.order}: An order is to be declined"]
    assert len(told("senior_mgmt", story)) == 2
    orders.approve_decline(story.order, by=story.by("gm"), opinion="不接")
    assert told("sales_clerk", story)[-1] == f"{story.order}: Decided: Declined"
