"""A change that comes when there is little or nothing left to be planned; what was finished meanwhile."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flow.invariants import violations
from orders import actions as orders
from orders.models import Order, OrderChange
from tests.orders.changing import (
    LATER,
    acknowledged,
    again,
    agreed_later,
    classified,
    forwarded,
    issued,
    received,
    reviewed,
)
from tests.story import Story, scan

State = OrderChange.State


def later(story: Story) -> OrderChange:
    """The customer wants it later; all are agreed, the notice is out and acknowledged."""
    change = received(story, [], delivery_on=LATER, confirmation=scan())
    change = reviewed(story, classified(story, change, affects_plan=True))
    return acknowledged(story, forwarded(story, issued(story, agreed_later(story, change))))


@pytest.mark.rule("ORD-28", "ORD-32")
def test_where_everything_is_made_nothing_is_planned_again(story: Story) -> None:
    story.with_material()
    story.made()
    story.in_stock()
    assert story.order.state == Order.State.STOCKED
    change = later(story)
    assert (change.needs_replan, change.state) == (False, State.DONE)
    assert story.order.delivery_on == LATER
    assert not any(violations().values())


@pytest.mark.rule("ORD-32")
def test_what_was_made_before_it_was_planned_again_is_done_all_the_same(story: Story) -> None:
    story.with_material()
    story.released()
    change = later(story)
    assert (change.needs_replan, change.state) == (True, State.FORWARDED)
    story.made()
    story.in_stock()
    assert story.order.state == Order.State.STOCKED
    assert again(change).state == State.DONE
    assert set(story.order.instructions.values_list("state", flat=True)) == {"superseded", "cancelled"}
    assert not any(violations().values())


@pytest.mark.rule("ORD-22", "ORD-30")
def test_an_order_that_becomes_cheaper_takes_effect_once_enough_is_paid(story: Story) -> None:
    story.signed()
    story.pay(story.contract.prepayment - 1)
    assert story.order.state == Order.State.SIGNED
    change = received(story, [{"position": 1, "quantity": Decimal(1)}], confirmation=scan())
    change = reviewed(story, classified(story, change, affects_plan=True))
    issued(story, change)
    assert story.order.state == Order.State.EFFECTIVE
    assert [line.quantity for line in story.instruction.lines.all()] == [1]


@pytest.mark.rule("ORD-31")
def test_a_change_can_be_withdrawn_when_its_order_went_on_without_it(story: Story) -> None:
    story.with_material()
    story.made()
    story.in_stock()
    change = classified(story, received(story, confirmation=scan()), affects_plan=True)
    assert story.order.change_hold
    orders.change_talks.withdraw(again(change), by=story.by("sales_clerk"), reason="客户撤回")
    assert not story.order.change_hold
