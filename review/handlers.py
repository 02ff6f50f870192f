"""What the review does when an order asks for it or is gone, and whom it tells (N-03…N-05)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from flow import events
from flow.events import By
from flow.models import Event
from integration.notices import Word, tell, tell_many
from orders.models import Order, OrderChange
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


@events.on("orders.change.review_date", "orders.change.review_all")
def change_is_reviewed(event: Event, change: OrderChange, by: By) -> None:
    """A round about the change: of its date alone, or in full (REV-24, REV-25)."""
    actions.open_round.follow(by=by, cause=event, order=change.order, change=change)


@events.on("orders.change.withdraw", "orders.change.cancel")
def review_of_change_ends(event: Event, change: OrderChange, by: By) -> None:
    """Nobody need answer any more."""
    for round_ in change.rounds.filter(state=Round.State.COLLECTING):
        actions.cancel.follow(round_, by=by, cause=event)


@events.on("orders.order.cancel")
def review_is_cancelled(event: Event, order: Order, by: By) -> None:
    """Nobody need answer any more."""
    for round_ in order.rounds.filter(state=Round.State.COLLECTING):
        actions.cancel.follow(round_, by=by, cause=event)


@events.on("review.round.open", "review.round.give_opinion")
def seats_are_told(event: Event, round_: Round, by: By) -> None:
    """Whose seat has opened hears which order waits for the opinion (REV-02)."""
    title = _("{order}: your opinion is asked").format(order=round_.order)
    seats = round_.seats.filter(pk__in=event.data.get("opened", [])).select_related("person")
    tell_many(
        Word(
            seat.person,
            title,
            str(round_.order.customer),
            round_.path,
            by.at,
            f"seat:{seat.pk}",
            round_.case,
            event,
        )
        for seat in seats
    )


@events.on("review.round.pass", "review.round.decide", "review.round.return_for_rework")
def clerk_is_told(event: Event, round_: Round, by: By) -> None:
    """Who received the order hears the outcome, with the reasons or conditions (REV-04, REV-07, REV-08).

    Of a change the change itself tells."""
    order = round_.order
    if round_.change:
        return
    title = _("{order}, review: {outcome}").format(order=order, outcome=round_.get_state_display())
    tell(
        order.created_by,
        title=title,
        text=round_.conditions or round_.opinion,
        path=order.path,
        at=by.at,
        key=f"event:{event.pk}",
        case=order.case,
        event=event,
    )
