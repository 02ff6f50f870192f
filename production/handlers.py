"""What production does when the order moves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F

from flow import events
from flow.events import By
from flow.models import Event
from orders.models import Order
from production.actions import instruction, packaging, plan, work_order
from production.models import Instruction, Packaging, Plan, WorkOrder


@events.on("orders.order.take_effect")
def draft_instruction(event: Event, order: Order, by: By) -> None:
    """An effective order is to be instructed within hours: the draft is ready at once (PRD-01)."""
    instruction.create.follow(by=by, cause=event, order=order)


@events.on("orders.order.fulfil_from_stock")
def drop_instruction(event: Event, order: Order, by: By) -> None:
    """What lies in stock is not made (ORD-15)."""
    _cancel(instruction.cancel, order.instructions.filter(state=Instruction.State.DRAFT), by, event)


@events.on("orders.order.stock_in")
def finish_instruction(event: Event, order: Order, by: By) -> None:
    """Everything is in stock: the instruction is done (PRD-21); one that was only drafted is not needed."""
    state = Instruction.State
    for document in order.instructions.filter(state__in=[state.ISSUED, state.ACKNOWLEDGED, state.PLANNED]):
        instruction.finish.follow(document, by=by, cause=event)
    _cancel(instruction.cancel, order.instructions.filter(state=state.DRAFT), by, event)


@events.on("orders.order.apply_change")
def instruct_anew(event: Event, order: Order, by: By) -> None:
    """What is not issued yet is drafted again from the amended contract; what production works by is
    superseded by a new draft, and work that has not begun on a smaller line is not begun (D3)."""
    change, state = order.changes.get(pk=event.data["change_id"]), Instruction.State
    for draft in order.instructions.filter(state=state.DRAFT):
        instruction.redraft.follow(draft, by=by, cause=event)
    if not change.needs_replan:
        return
    for old in order.instructions.filter(state__in=[state.ISSUED, state.ACKNOWLEDGED, state.PLANNED]):
        instruction.supersede.follow(old, by=by, cause=event)
        instruction.create.follow(by=by, cause=event, order=order)
    smaller = change.lines.filter(quantity__lt=F("old_quantity")).values("order_line")
    waiting = (WorkOrder.State.CREATED, WorkOrder.State.RELEASED, WorkOrder.State.KITTED)
    _cancel(work_order.cancel, order.work_orders.filter(state__in=waiting, order_line__in=smaller), by, event)


@events.on("orders.order.cancel")
def cancel_open_documents(event: Event, order: Order, by: By) -> None:
    """What production has not begun is not begun; work that was begun goes on, its product is for stock."""
    state = WorkOrder.State
    waiting = (state.CREATED, state.RELEASED, state.KITTED)
    _cancel(work_order.cancel, order.work_orders.filter(state__in=waiting), by, event)
    packed = (Packaging.State.PACKED, Packaging.State.CANCELLED)
    _cancel(packaging.cancel, order.packagings.exclude(state__in=packed), by, event)
    replaced = (Plan.State.SUPERSEDED, Plan.State.CANCELLED)
    _cancel(plan.cancel, order.plans.exclude(state__in=replaced), by, event)
    over = (Instruction.State.DONE, Instruction.State.SUPERSEDED, Instruction.State.CANCELLED)
    _cancel(instruction.cancel, order.instructions.exclude(state__in=over), by, event)


def _cancel(verb: Any, documents: Iterable[Any], by: By, event: Event) -> None:
    for document in documents:
        verb.follow(document, by=by, cause=event)
