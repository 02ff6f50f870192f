"""What the front office does with its own papers when an order ends early."""

from __future__ import annotations

from flow import events
from flow.events import By
from flow.models import Event
from orders.actions import contract, quotation
from orders.models import Contract, Order, Quotation


@events.on("orders.order.cancel", "orders.order.mark_lost")
def papers_end(event: Event, order: Order, by: By) -> None:
    """Open quotations lapse and the contract is terminated."""
    for offer in order.quotations.filter(state__in=[Quotation.State.DRAFT, Quotation.State.SENT]):
        quotation.lapse.follow(offer, by=by, cause=event)
    for paper in order.contracts.exclude(state=Contract.State.TERMINATED):
        contract.terminate.follow(paper, by=by, cause=event)
