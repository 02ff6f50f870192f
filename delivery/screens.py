"""How the documents of delivery are shown, and what delivery says of an order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from delivery.models import Shipment
from flow import html, render
from flow.panels import Asked, Late, Mark, sentence, stage
from flow.screens import Lines, Screen
from orders import queries as orders
from orders.models import Order

Screen(
    Shipment,
    columns=("number", "order", "state", "planned_dispatch_on", "arrival_on", "address", "method"),
    filters=("state", "method", "carrier", "order", "planned_dispatch_on", "arrival_on"),
    below={"order": "order__customer"},
    due="planned_dispatch_on",
    search=("number", "order__number", "order__customer__name", "address", "vehicle"),
    facts=(
        "order__customer", "receiver", "phone", "extras", "payment_release", "goods_prepared", "boxes",
        "carrier", "no_vehicle_reason", "vehicle", "dispatched_on", "delay_reason", "expected_on",
        "missing_parts", "consent_by", "made_good", "received_by", "received_on",
    ),
    lines=(Lines("lines", ("position", "item", "quantity", "order_line")),),
    related=("order__customer", "carrier"),
)  # fmt: skip


@stage("orders.order", "shipping")
def shipping_stage(asked: Asked) -> Mark:
    """The day agreed with the customer, and the last day on which a shipment can be there. Two queries."""
    rows = Shipment.objects.filter(order=asked.document).exclude(state=Shipment.State.CANCELLED)
    shipments = list(rows.select_related("created_by").order_by("pk"))
    days = [_arrival(shipment) for shipment in shipments if shipment.state != Shipment.State.DRAFT]
    owner = shipments[-1].created_by if shipments else ""
    return Mark(owner=owner, due=orders.agreed_on(asked.document), forecast=max(days, default=None))


def _arrival(shipment: Shipment) -> date:
    """When a shipment is or can be with the customer: moved by as much as its dispatch is delayed."""
    delay = timedelta()
    if shipment.expected_on and not shipment.dispatched_on:
        delay = max(shipment.expected_on - shipment.planned_dispatch_on, timedelta())
    return shipment.received_on or shipment.arrival_on + delay


@sentence("orders.order")
def delayed(found: Sequence[Order], at: datetime) -> dict[int, list[Late]]:
    """Shipments that could not be dispatched as planned. One query."""
    rows = Shipment.objects.filter(order__in=found, state=Shipment.State.DELAYED, expected_on__isnull=False)
    said: dict[int, list[Late]] = defaultdict(list)
    for shipment in rows.select_related("created_by__department").order_by("pk"):
        by = shipment.expected_on - shipment.planned_dispatch_on  # type: ignore[operator]
        names = {
            "shipment": shipment,
            "planned": render.words(shipment.planned_dispatch_on),
            "expected": render.words(shipment.expected_on),
            "reason": shipment.delay_reason,
        }
        sentence_ = _("{department} moves {shipment} from {planned} to {expected}: {reason}")
        department = shipment.created_by.department or _("Delivery")
        said[shipment.order_id].append(
            Late(department, sentence_, by, names, html.href(shipment), moves=True)
        )
    return said
