"""Which seats a review opens: by company policy, class and project (REV-06…REV-23, E-61, E-64)."""

import pytest

from flow.events import By
from flow.refusals import Refused
from orders import actions as orders
from org.roles import Role
from tests.people import NINE
from tests.story import Story

ROUTES = {
    "t5_regular": ("order_desk", "prod_mgr"),
    "t7_regular": ("sales_clerk", "prod_mgr", "mat_controller"),
    "t5_non_regular": ("order_mgr", "tech_leader", "qc_leader", "purch_leader", "prod_mgr"),
    "t7_non_regular": ("sales_clerk", "tech_leader", "prod_mgr", "mat_controller"),
    "project": ("marketing", "tech_leader", "purch_leader", "planner"),
    "project_non_regular": ("marketing", "tech_leader", "purch_leader", "planner"),
}


def told(factory, route):
    """A story whose order goes by the route, in review."""
    company = factory.hg if route.startswith("t7") else factory.kg
    story = Story(factory, company=company)
    if route.startswith("project"):
        story.received(is_project=True, project_name="东湖变")
    order_class = "non_regular" if route.endswith("non_regular") else "regular"
    return story.confirmed(order_class=order_class).in_review()


@pytest.mark.rule("REV-02", "REV-06", "REV-11", "REV-18", "REV-19", "E-01", "E-61", "E-64")
@pytest.mark.parametrize("route", ROUTES)
def test_seats_of_each_route_with_their_people(factory, route):
    story = told(factory, route)
    seats = list(story.round.seats.all())
    assert story.round.route == route
    assert [seat.role for seat in seats] == list(ROUTES[route])
    assert [seat.is_chair for seat in seats] == [True] + [False] * (len(seats) - 1)
    assert all(seat.person == story.by(seat.role).actor for seat in seats)
    late = {"t5_non_regular": ["prod_mgr"], "project": ["planner"], "project_non_regular": ["planner"]}
    assert [seat.role for seat in seats if not seat.opened_at] == late.get(route, [])
    assert story.round.number == f"PS{story.company.code}2026-0001"


@pytest.mark.rule("REV-05", "REV-07")
@pytest.mark.parametrize("route", ROUTES)
def test_every_route_ends_in_approval(factory, route):
    story = told(factory, route).approved()
    assert (story.order.state, story.round.state) == ("approved", "passed")


@pytest.mark.rule("ORG-04")
def test_empty_seat_blocks_the_review_and_is_named(story, by):
    story.confirmed()
    story.factory.dismiss("prod_mgr")
    with pytest.raises(Refused) as refused:
        orders.submit_review(story.order, by=by("sales_clerk"))
    assert refused.value.reasons == ["Nobody can take the review seat “Production manager”."]
    assert story.order.state == "confirmed"
    assert not story.order.rounds.exists()


@pytest.mark.rule("ORG-02")
def test_post_at_the_group_fills_an_empty_seat(story, by):
    story.confirmed()
    story.factory.dismiss("prod_mgr")
    stand_by = story.factory.appoint(Role.PROD_MGR, company=story.factory.group, username="group_prod")
    orders.submit_review(story.order, by=by("sales_clerk"))
    assert story.round.seats.get(role="prod_mgr").person == stand_by


def test_who_asks_for_the_review_sits_for_the_clerks(factory):
    second = factory.appoint(Role.SALES_CLERK, company=factory.hg, username="clerk2")
    story = Story(factory, company=factory.hg).confirmed()
    orders.submit_review(story.order, by=By(second, NINE))
    assert story.round.seats.get(is_chair=True).person == second
