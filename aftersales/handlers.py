"""What after-sales does when money comes in and when goods leave the house."""

from __future__ import annotations

from aftersales.actions import invoice, ticket
from aftersales.models import Ticket
from delivery.models import Shipment
from flow import events
from flow.events import By
from flow.models import Event
from orders.models import Payment


@events.on("orders.payment.record", "orders.payment.reverse")
def count_payment(event: Event, payment: Payment, by: By) -> None:
    """What the customer paid pays his invoices (AFS-18)."""
    invoice.cover(payment.order, by=by, cause=event)


@events.on("delivery.shipment.dispatch")
def owe_missing_parts(event: Event, shipment: Shipment, by: By) -> None:
    """Parts that were left out with the customer's consent are owed until a ticket is closed (DLV-14)."""
    if shipment.missing_parts:
        ticket.create.follow(
            by=by,
            cause=event,
            kind=Ticket.Kind.MISSING_PART,
            order=shipment.order,
            problem=shipment.missing_parts,
            contact=shipment.consent_by,
            telephone_only=True,
        )
