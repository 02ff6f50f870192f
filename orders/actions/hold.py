"""What an open change is about stands still until it is settled (D3)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from flow import actions
from flow.events import By
from flow.models import Event
from orders.models import Order, OrderChange


@actions.consequence(
    Order, _("Put on hold for a change"), states=OrderChange.CHANGEABLE, rules="ORD-28 ORD-29 E-17"
)
def put_on_hold(order: Order, by: By) -> None:
    """An open change touches it."""
    order.change_hold = True


@actions.consequence(
    Order,
    _("Hold released"),
    states=tuple(state for state in Order.State if state not in Order.UNSIGNED),
    rules="ORD-28 ORD-29",
)
def release_hold(order: Order, by: By) -> None:
    """No open change touches it any more."""
    order.change_hold = False


def settle(order: Order, *, by: By, cause: Event) -> None:
    """Let the order stand still, or go on, as its open changes ask."""
    fresh = Order.objects.get(pk=order.pk)
    holds = any(change.holds for change in order.changes.filter(state__in=OrderChange.OPEN))
    if holds and not fresh.change_hold:
        put_on_hold.follow(order, by=by, cause=cause)
    elif fresh.change_hold and not holds:
        release_hold.follow(order, by=by, cause=cause)
