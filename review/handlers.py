"""What the review does when an order asks for it, and when the order is gone."""

from __future__ import annotations

from flow import events
from flow.events import By
from flow.models import Event
from orders.models import Order
from review import actions
from review.models import Round


@events.on("orders.order.submit_review", "orders.order.postpone_agreed")
def review_is_opened(event: Event, order: Order, by: By) -> None:
    """A round for the order as it stands; after a postponement with the new date (REV-10)."""
    actions.open_round.follow(by=by, cause=event, order=order)


@events.on("orders.order.refuse_decline")
def review_is_opened_again(event: Event, order: Order, by: By) -> None:
    """The general manager directs a way out; the next round carries the instruction (REV-09)."""
    actions.open_round.follow(by=by, cause=event, order=order, instruction=event.data["opinion"])


@events.on("orders.order.cancel")
def review_is_cancelled(event: Event, order: Order, by: By) -> None:
    """Nobody need answer any more."""
    for round_ in order.rounds.filter(state=Round.State.COLLECTING):
        actions.cancel.follow(round_, by=by, cause=event)
