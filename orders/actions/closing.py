"""How an order ends: completed, archived, cancelled; and how its date is moved."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from flow import actions, papers
from flow.events import By
from flow.refusals import Invalid
from orders.forms.order import PASSED, CancelForm, CompleteForm, ReplanForm
from orders.models import Order
from org.roles import Role

REPLANNABLE = (*Order.IN_WORK,)


@actions.action(
    Order,
    _("Complete order"),
    CompleteForm,
    may=(Role.SALESPERSON,),
    rules="ORD-54 ORD-55 ORD-56",
)
def complete(
    order: Order, by: By, *, accepted_on: date, signer: str, satisfaction: int, acceptance: Any = None
) -> dict[str, Any]:
    """Record the customer's acceptance; open tickets, invoices and payments speak against it (O-32)."""
    if accepted_on > localtime(by.at).date():
        raise Invalid({"accepted_on": _("This day is still to come.")})
    if acceptance:
        papers.attach(order, "acceptance", acceptance, by=by)
    order.complete()
    return {"accepted_on": accepted_on, "signer": signer, "satisfaction": satisfaction}


@actions.action(Order, _("Archive order"), may=(Role.SALES_LEADER, Role.EVALUATOR), rules="ORD-55 ORD-58")
def close(order: Order, by: By) -> None:
    """Archive the order once it is evaluated (O-33)."""
    order.close()


def _who_cancels(order: Order) -> frozenset[str]:
    return frozenset({Role.SALES_LEADER if order.state in Order.UNSIGNED else Role.GM})


@actions.action(
    Order,
    _("Cancel order"),
    CancelForm,
    may=(Role.SALES_LEADER, Role.GM),
    may_on=_who_cancels,
    rules="ORD-31 ORD-33",
)
def cancel(order: Order, by: By, *, reason: str, proof: Any) -> dict[str, Any]:
    """End the order with the customer's written proof; before signing sales leader, then GM (O-35)."""
    papers.attach(order, "cancellation", proof, by=by)
    order.cancel()
    return {"reason": reason}


def _who_replans(order: Order) -> frozenset[str]:
    return frozenset({Role.MARKETING if order.is_project else Role.ORDER_DESK})


@actions.action(
    Order,
    _("Move delivery date"),
    ReplanForm,
    may=(Role.ORDER_DESK, Role.MARKETING),
    may_on=_who_replans,
    states=REPLANNABLE,
    rules="ORD-40 ORD-44 ORD-45",
)
def replan_date(
    order: Order,
    by: By,
    *,
    delivery_on: date,
    reason: str,
    party: str,
    channel: str,
    agreement: Any = None,
) -> dict[str, Any]:
    """Move the delivery date as agreed with the customer; a later one needs the change agreement (O-36)."""
    if delivery_on < localtime(by.at).date():
        raise Invalid({"delivery_on": PASSED})
    if delivery_on > order.delivery_on and not agreement:
        raise Invalid({"agreement": _("A later date needs the signed change agreement.")})
    if agreement:
        papers.attach(order, "change_agreement", agreement, by=by)
    papers.log_contact(order, by=by, party=party, channel=channel, content=reason)
    old, order.delivery_on = order.delivery_on, delivery_on
    # A line that the customer wants on a day of its own keeps it, unless the order is later now.
    order.lines.filter(Q(delivery_on=old) | Q(delivery_on__lt=delivery_on)).update(delivery_on=delivery_on)
    return {"old_delivery_on": old, "delivery_on": delivery_on, "reason": reason}
