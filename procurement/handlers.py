"""What procurement does when the plan is issued and when an order ends."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from flow import cases, events
from flow.events import By
from flow.models import Event
from integration.later import later
from orders.models import Order
from procurement.actions import requisition, supply
from procurement.models import PurchaseOrder, PurchaseOrderLine, Requisition
from production.models import Plan, PlanNeed

State = Requisition.State


@events.on("production.plan.issue")
def request_needs(event: Event, plan: Plan, by: By) -> None:
    """What the plan must buy is drafted as one requisition; nothing to buy, no requisition (PUR-04)."""
    needs = plan.needs.filter(source=PlanNeed.Source.BUY).select_related("item", "order_line")
    if lines := [_line(need) for need in needs]:
        requisition.create.follow(
            by=by, cause=event, kind=Requisition.Kind.MRP, order=plan.order, plan=plan, lines=lines
        )


@events.on("orders.order.cancel")
def stop_requesting(event: Event, order: Order, by: By) -> None:
    """What is not ordered yet is not ordered any more; what is ordered arrives for stock."""
    reason = gettext("The order was cancelled.")
    living = Requisition.objects.filter(order=order).exclude(state__in=[State.CLOSED, State.CANCELLED])
    for document in living.order_by("pk"):
        running = document.state in (State.APPROVED, State.CONVERTED)
        verb = requisition.close if running else requisition.cancel
        verb.follow(document, by=by, cause=event, reason=reason)


@later("orders.order.cancel")
def free_what_is_on_order(event: Event, order: Order, by: By) -> None:
    """What suppliers still deliver for the cancelled order is for whoever needs it."""
    lines = PurchaseOrderLine.objects.filter(
        requisition_line__requisition__order=order, purchase_order__state__in=PurchaseOrder.OPEN
    )
    documents = PurchaseOrder.objects.filter(lines__in=lines).distinct()
    cases.lock(documents.values_list("case_id", flat=True).order_by())
    for document in documents.select_related("company", "case").order_by("pk"):
        rows = [
            line
            for line in supply.lines_of(document)
            if line.requisition_line.requisition.order_id == order.pk
        ]
        supply.stop_expecting(rows, by=by)
        supply.expect(document, [(line, line.quantity - line.stocked) for line in rows], by=by)


def _line(need: PlanNeed) -> dict[str, Any]:
    return {
        "item": need.item,
        "quantity": need.quantity,
        "due_on": need.due_on,
        "order_line": need.order_line,
    }
