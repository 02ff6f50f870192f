"""The transitions of the order that are consequences of other documents; nobody calls them by hand.

`line.md` of the design names the cause of each. Those that follow the progress ledger are run by
`advance`; the others are followed directly by the action that causes them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from flow import actions
from flow.events import By
from orders.models import Order


@actions.consequence(Order, _("Return for rework"), rules="REV-04")
def return_for_rework(order: Order, by: By, *, reasons: str) -> dict[str, Any]:
    """The review sends the order back with reasons (O-04)."""
    order.return_for_rework()
    return {"reasons": reasons}


@actions.consequence(Order, _("Review passed"), rules="REV-07")
def approve(order: Order, by: By) -> None:
    """Every seat found it feasible, or the general manager accepted it (O-05)."""
    order.approve()


@actions.consequence(Order, _("Review passed with conditions"), rules="REV-16 REV-17")
def approve_conditionally(order: Order, by: By, *, conditions: str) -> dict[str, Any]:
    """Accepted under conditions that the customer must agree to (O-06)."""
    order.approve_conditionally(conditions)
    return {"conditions": conditions}


@actions.consequence(Order, _("Not accepted"), rules="REV-16")
def reject_by_gm(order: Order, by: By, *, opinion: str) -> dict[str, Any]:
    """The general manager does not accept a non-regular order (O-12)."""
    order.reject_by_gm()
    return {"opinion": opinion}


@actions.consequence(Order, _("Quote"), rules="ORD-16")
def quote(order: Order, by: By) -> None:
    """The first quotation was sent (O-13)."""
    order.quote()


@actions.consequence(Order, _("Quote again"), rules="ORD-19")
def requote(order: Order, by: By) -> None:
    """A further version was sent (O-14)."""
    order.requote()


@actions.consequence(Order, _("Draft contract"), rules="ORD-20")
def draft_contract(order: Order, by: By) -> None:
    """The contract of the accepted quotation was drafted (O-16)."""
    order.draft_contract()


@actions.consequence(Order, _("Sign"), rules="ORD-21")
def sign(order: Order, by: By, *, delivery_on: date) -> dict[str, Any]:
    """Both parties signed (O-17); the date of the contract is that of the order from now on."""
    old, order.delivery_on = order.delivery_on, delivery_on
    order.lines.filter(delivery_on__lt=delivery_on).update(delivery_on=delivery_on)
    order.sign()
    return {"old_delivery_on": old, "delivery_on": delivery_on}


@actions.consequence(Order, _("Take effect"), rules="ORD-22 E-07")
def take_effect(order: Order, by: By) -> None:
    """Signed and paid as agreed (O-18); the clock of the production instruction starts here (TM-01)."""
    order.take_effect()
