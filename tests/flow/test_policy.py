"""Deny by default: role, company, dates of the post, named and second person (P12, P21, C2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from flow import policy
from flow.actions import Action, offers
from flow.events import By
from flow.policy import Viewer
from flow.refusals import Denied
from orders import actions as orders
from orders.models import Order
from org.models import Membership, Person
from org.roles import Role
from tests.goods import Factory
from tests.people import NINE, SINCE
from tests.story import DELIVERY, Story


def viewer(person: Person, *, days: int = 0) -> Viewer:
    return Viewer.of(person, NINE + timedelta(days=days))


def submit(order: Order, by: By) -> Any:
    return orders.submit_review(order, by=by)


@pytest.mark.rule("ORG-03")
@pytest.mark.parametrize(
    "role", sorted(set(Role.values) - {"sales_clerk", "salesperson", "order_desk", "marketing", "pm"})
)
def test_only_the_receiving_posts_receive_orders(factory: Factory, role: str) -> None:
    with pytest.raises(Denied, match=r"Sales clerk|销售内勤"):
        orders.receive(
            by=factory.by(role), company=factory.kg, customer=factory.customer, channel="phone",
            delivery_on=DELIVERY, lines=[{"item": factory.cabinet, "quantity": 1}],
        )  # fmt: skip
    assert not Order.objects.exists()


@pytest.mark.rule("ORG-01", "ORG-20")
def test_all_roles_in_another_company_are_worth_nothing_here(story: Story) -> None:
    order, stranger = story.confirmed().order, story.factory.stranger
    assert not policy.visible_to(Order, viewer(stranger)).exists()
    with pytest.raises(Denied):
        submit(order, By(stranger, NINE))
    assert offers(order, viewer(stranger)) == []


def test_without_the_company_check_the_stranger_would_get_in(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin of the test above."""
    order = story.confirmed().order
    monkeypatch.setattr(Viewer, "holds", lambda self, roles, companies: bool(self.roles & roles))
    orders.submit_review(order, by=By(story.factory.stranger, NINE))
    assert story.order.state == "in_review"


def test_a_post_in_the_group_reaches_every_company(story: Story) -> None:
    order = story.confirmed().order
    boss = Person.objects.create(username="boss")
    Membership.objects.create(
        person=boss, role=Role.SALES_CLERK, company=story.factory.group, starts_on=SINCE
    )
    assert policy.visible_to(Order, viewer(boss)).get() == order
    submit(order, By(boss, NINE))


@pytest.mark.rule("ORG-02")
@pytest.mark.parametrize("change", ["dismissed", "ended", "disabled", "not yet"])
def test_who_lost_the_post_is_out_at_the_next_request(story: Story, change: str) -> None:
    order = story.confirmed().order
    clerk = story.factory.person("sales_clerk")
    post = Membership.objects.filter(person=clerk)
    if change == "dismissed":
        post.delete()
    elif change == "ended":
        post.update(ends_on=NINE.date() - timedelta(days=1))
    elif change == "not yet":
        post.update(starts_on=NINE.date() + timedelta(days=1))
    else:
        clerk.is_active = False
        clerk.save()
    with pytest.raises(Denied):
        submit(order, By(Person.objects.get(pk=clerk.pk), NINE))
    assert not policy.visible_to(Order, viewer(Person.objects.get(pk=clerk.pk))).exists()


@pytest.mark.rule("E-57")
def test_a_dated_stand_in_acts_while_it_lasts(story: Story) -> None:
    order = story.confirmed().order
    colleague = story.factory.person("buyer")
    Membership.objects.create(
        person=colleague, role=Role.SALES_CLERK, company=story.factory.kg, starts_on=NINE.date(),
        ends_on=NINE.date(), stand_in_for=story.factory.person("sales_clerk"),
    )  # fmt: skip
    assert viewer(colleague).holds(frozenset({"sales_clerk"}), {story.factory.kg.pk})
    with pytest.raises(Denied):
        submit(order, By(colleague, NINE + timedelta(days=1)))
    submit(order, By(colleague, NINE))


def test_the_superuser_has_no_business_rights(story: Story) -> None:
    order = story.confirmed().order
    root = Person.objects.create(username="root", is_superuser=True, is_staff=True)
    with pytest.raises(Denied):
        submit(order, By(root, NINE))


def test_offers_are_what_may_be_done_now(story: Story) -> None:
    order = story.confirmed().order
    names = {o.action.name for o in offers(order, viewer(story.factory.person("sales_clerk")))}
    assert "submit_review" in names
    assert names & {"confirm_requirements", "take_effect", "cancel"} == set()
    assert offers(order, viewer(story.factory.person("guard"))) == []


@pytest.mark.parametrize("verb", sorted(v for v, a in Action.registry.items() if a.may_on))
def test_roles_by_document_are_a_part_of_the_roles(verb: str) -> None:
    """What the wiring prints as `may` is never too little; the narrowing is a part of it by declaration."""
    assert Action.registry[verb].may


@pytest.mark.rule("ORD-09")
def test_money_is_closed_to_those_who_only_make_the_goods(story: Story) -> None:
    from orders.models import OrderLine

    closed = OrderLine.confidential["unit_price"]
    assert Role.SALES_CLERK in closed
    assert not closed & {Role.STOREKEEPER, Role.ASSEMBLER, Role.GUARD}
