"""What delivery does when the order moves."""

from __future__ import annotations

from django.utils.translation import gettext as _

from delivery import actions
from delivery.actions.transport import BEFORE_DISPATCH
from flow import events
from flow.events import By
from flow.models import Event
from orders.models import Order


@events.on("orders.order.cancel")
def cancel_open_shipments(event: Event, order: Order, by: By) -> None:
    """What has not left the house stays here."""
    for shipment in order.shipments.filter(state__in=BEFORE_DISPATCH).order_by("pk"):
        actions.cancel.follow(shipment, by=by, cause=event, reason=_("The order was cancelled."))
