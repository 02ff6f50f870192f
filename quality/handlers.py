"""What quality does when goods or finished work are handed over to it."""

from __future__ import annotations

from decimal import Decimal

from flow import events
from flow.events import By
from flow.models import Event
from procurement.models import Receipt
from production.models import WorkOrder
from quality import actions


@events.on("procurement.receipt.send_to_inspection")
def draft_incoming(event: Event, receipt: Receipt, by: By) -> None:
    """A delivery was handed over: its form opens (材料入库送检单)."""
    actions.request_incoming.follow(by=by, cause=event, receipt=receipt)


@events.on("production.work_order.submit_inspection")
def draft_final(event: Event, work_order: WorkOrder, by: By) -> None:
    """Finished work was handed over: its form opens (产品送检单)."""
    actions.request_final.follow(
        by=by,
        cause=event,
        work_order=work_order,
        quantity=Decimal(event.data["quantity"]),
        missing_parts=event.data.get("missing_parts", ""),
    )
