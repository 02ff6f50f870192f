"""One order from the customer's call to the archive, by the real verbs of the people whose turn it is."""

from __future__ import annotations

import pytest

from aftersales.models import Invoice
from catalog import stock
from deadlines.models import Deadline
from flow.events import By
from flow.invariants import violations
from flow.models import Event
from orders.models import Evaluation, Order, Stage
from planning.models import OpenQuantity
from procurement.models import PurchaseOrder, Receipt, Requisition
from production import actions as production
from production.models import Instruction, Packaging, WorkOrder
from tests.story import Story
from warehouse.models import PickList

State = Order.State


@pytest.mark.rule("AFS-20", "DLV-20", "WHS-10", "ORD-54", "ORD-55", "ORD-56")
def test_an_order_goes_the_whole_way(story: Story) -> None:
    story.effective().later(hours=1)
    assert story.order.state == State.EFFECTIVE
    story.acknowledged().later(hours=1)
    story.planned()
    assert story.order.state == State.PLANNED
    for task in story.tasks.values():
        assert task.department.leader is not None
        production.task.accept(task, by=By(task.department.leader, story.at))
    receipts = story.arrived()
    assert story.order.state == State.PROCURING
    story.materials_stocked().later(days=1)
    assert {r.state for r in Receipt.objects.all()} == {Receipt.State.STOCKED}
    assert len(receipts) == PurchaseOrder.objects.filter(state="qualified").count() == 2
    assert story.requisition.state == Requisition.State.CONVERTED
    story.made()
    assert story.order.state == State.INSPECTING
    story.in_stock()
    assert story.order.state == State.STOCKED
    assert {w.state for w in story.work_orders} == {WorkOrder.State.COMPLETED}
    assert {p.state for p in PickList.objects.all()} == {PickList.State.ISSUED}
    assert story.packaging.state == Packaging.State.PACKED
    assert story.instruction.state == Instruction.State.DONE
    assert not OpenQuantity.objects.filter(quantity__gt=0).exists()
    shipment = story.notified()
    assert story.order.state == State.SHIPPING
    story.later(days=2).receipted(story.dispatched(shipment))
    assert story.order.state == State.AFTER_SALES
    story.served(story.ticket())
    story.settle()
    assert story.order.invoices.get().state == Invoice.State.PAID
    assert story.completed().state == State.COMPLETED
    assert story.archived().state == State.CLOSED
    assert story.order.evaluation.state == Evaluation.State.DONE
    _nothing_is_left_over(story)


def _nothing_is_left_over(story: Story) -> None:
    """No stock, no reservation, no running clock, no violation; every stage fully credited."""
    factory = story.factory
    items = [factory.cabinet, factory.frame, factory.breaker, factory.copper]
    levels = stock.balances([item.pk for item in items])
    assert {(level.on_hand, level.reserved) for level in levels} == {(0, 0)}
    assert not Deadline.objects.filter(state__in=Deadline.RUNNING).exists()
    line = story.lines[0]
    tally = story.order.tally
    assert {stage: tally[stage][line.pk] for stage in Stage} == dict.fromkeys(Stage, line.quantity)
    assert not any(violations().values())
    told = (
        Event.objects.filter(verb__startswith="orders.order.").order_by("pk").values_list("verb", flat=True)
    )
    assert [verb.rpartition(".")[2] for verb in told] == [
        "receive", "confirm_requirements", "submit_review", "approve", "quote", "draft_contract", "sign",
        "take_effect", "issue_instruction", "issue_plan", "start_procurement", "start_production",
        "submit_inspection", "stock_in", "issue_shipping_notice", "dispatch_all", "confirm_delivery",
        "open_after_sales", "complete", "close",
    ]  # fmt: skip


@pytest.mark.rule("DLV-19")
def test_an_order_is_shipped_in_two_parts(story: Story) -> None:
    story.with_material().in_stock()
    story.receipted(story.dispatched(story.notified(1)))
    assert story.order.state == State.PARTIALLY_SHIPPED
    story.later(days=3).receipted(story.dispatched(story.notified()))
    assert story.order.state == State.AFTER_SALES
    assert not any(violations().values())


def test_part_that_fails_comes_again(story: Story) -> None:
    story.with_material().released()
    part = next(w for w in story.work_orders if not w.is_final)
    story.pick(part)
    story.inspect(story.make(story.again(part)))
    story.stow(*story.slips())
    product = story.product
    story.pick(product)
    story.inspect(story.make(story.again(product)), qualified_quantity=1)
    assert story.order.state == State.PRODUCING
    story.inspect(story.make(story.again(product)))
    assert story.order.state == State.INSPECTING
    story.in_stock()
    assert story.order.state == State.STOCKED
    assert stock.kept_for("orders.order", [story.order.pk]) == {story.order.pk: {story.factory.cabinet.pk: 2}}
    assert not any(violations().values())
