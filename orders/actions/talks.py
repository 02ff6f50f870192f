"""What is negotiated around the review: postponement, decline, conditions, important orders, loss."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog import stock
from flow import actions, papers
from flow.events import By
from flow.forms import ContactForm, ReasonForm
from flow.refusals import Invalid, Refused
from orders.actions.progress import credit_lines
from orders.forms.order import OpinionForm, PostponeAgreedForm, PostponeForm
from orders.models import Order, Stage
from org.roles import Role

NEGOTIATORS = (Role.SALES_CLERK, Role.SALESPERSON, Role.ORDER_DESK, Role.MARKETING)
BEFORE_SIGNING = (
    Order.State.CONFIRMED,
    Order.State.IN_REVIEW,
    Order.State.APPROVED,
    Order.State.QUOTED,
    Order.State.CONTRACTING,
)


@actions.action(
    Order, _("Start postponement talks"), PostponeForm, may=NEGOTIATORS, rules="REV-08 REV-17", awaited=False
)
def start_postpone(order: Order, by: By, *, proposed_on: date, reason: str) -> dict[str, Any]:
    """Ask the customer for a later date."""
    if proposed_on <= order.delivery_on:
        raise Invalid({"proposed_on": _("The proposed date must be later than the date asked for.")})
    order.start_postpone()
    return {"proposed_on": proposed_on, "reason": reason}


@actions.action(Order, _("Postponement agreed"), PostponeAgreedForm, may=NEGOTIATORS, rules="REV-10 SYS-10")
def postpone_agreed(
    order: Order, by: By, *, delivery_on: date, party: str, channel: str, content: str
) -> dict[str, Any]:
    """Record the customer's consent and the new date; the review goes on with a new round."""
    if delivery_on <= order.delivery_on:
        raise Invalid({"delivery_on": _("The new date must be later than the date asked for.")})
    papers.log_contact(order, by=by, party=party, channel=channel, content=content)
    old, order.delivery_on = order.delivery_on, delivery_on
    order.lines.filter(delivery_on__lt=delivery_on).update(delivery_on=delivery_on)
    order.conditions, order.conditions_agreed = "", False
    order.postpone_agreed()
    return {"old_delivery_on": old, "delivery_on": delivery_on}


@actions.action(
    Order,
    _("Ask to decline"),
    ContactForm,
    may=(Role.SALES_CLERK, Role.ORDER_DESK),
    rules="REV-09",
)
def request_decline(
    order: Order, by: By, *, party: str, channel: str, content: str, next_step: str = ""
) -> dict[str, Any]:
    """The customer cannot wait (logged): ask the general manager not to accept the order."""
    papers.log_contact(order, by=by, party=party, channel=channel, content=content, next_step=next_step)
    order.request_decline()
    return {"party": party}


@actions.action(
    Order,
    _("Approve decline"),
    OpinionForm,
    may=(Role.GM, Role.DEPUTY_GM),
    not_by=("request_decline",),
    rules="REV-09 E-47",
)
def approve_decline(order: Order, by: By, *, opinion: str) -> dict[str, Any]:
    """Decide that the order is not accepted."""
    order.approve_decline()
    return {"opinion": opinion}


@actions.action(
    Order,
    _("Refuse decline"),
    OpinionForm,
    may=(Role.GM, Role.DEPUTY_GM),
    not_by=("request_decline",),
    rules="REV-09",
)
def refuse_decline(order: Order, by: By, *, opinion: str) -> dict[str, Any]:
    """Direct a way out; the order goes back to review with this instruction."""
    order.refuse_decline()
    return {"opinion": opinion}


@actions.action(
    Order,
    _("Conditions agreed"),
    ContactForm,
    may=NEGOTIATORS,
    states=(Order.State.APPROVED,),
    rules="REV-17",
    awaited=Q(state=Order.State.APPROVED, conditions_agreed=False) & ~Q(conditions=""),
)
def agree_conditions(
    order: Order, by: By, *, party: str, channel: str, content: str, next_step: str = ""
) -> dict[str, Any]:
    """Record that the customer agreed to the conditions of the review; the quotation is open now."""
    if not order.conditions or order.conditions_agreed:
        raise Refused(_("There are no conditions to agree."))
    papers.log_contact(order, by=by, party=party, channel=channel, content=content, next_step=next_step)
    order.conditions_agreed = True
    return {"conditions": order.conditions, "party": party}


@actions.action(
    Order,
    _("Approve important order"),
    OpinionForm,
    may=(Role.SENIOR_MGMT,),
    states=BEFORE_SIGNING,
    not_by=("receive", "edit"),
    rules="ORG-18",
    awaited=Q(state__in=BEFORE_SIGNING, is_important=True, important_approved=False),
)
def approve_important(order: Order, by: By, *, opinion: str) -> dict[str, Any]:
    """Senior management approves an important order; without it the contract is not signed."""
    _ask_important(order)
    order.important_approved = True
    return {"opinion": opinion}


@actions.action(
    Order,
    _("Refuse important order"),
    OpinionForm,
    may=(Role.SENIOR_MGMT,),
    states=BEFORE_SIGNING,
    not_by=("receive", "edit"),
    rules="ORG-18",
    awaited=Q(state__in=BEFORE_SIGNING, is_important=True, important_approved=False),
)
def refuse_important(order: Order, by: By, *, opinion: str) -> dict[str, Any]:
    """Senior management withholds its approval: the order cannot be signed and is cancelled or lost."""
    _ask_important(order)
    order.important_approved = False
    return {"opinion": opinion}


@actions.action(Order, _("Mark as lost"), ReasonForm, may=(Role.SALES_CLERK,), rules="ORD-19", awaited=False)
def mark_lost(order: Order, by: By, *, reason: str) -> dict[str, Any]:
    """The quotation was refused or ran out."""
    order.mark_lost()
    return {"reason": reason}


@actions.action(Order, _("Fulfil from stock"), may=(Role.ORDER_DESK,), rules="ORD-15", awaited=False)
def fulfil_from_stock(order: Order, by: By) -> None:
    """Cover every line from free finished stock and reserve it; no production instruction is needed."""
    lines = list(order.lines.all())
    wants = [stock.Want(line.item_id, line.quantity) for line in lines]
    stock.reserve(wants, company=order.company, subject=stock.Subject.of(order), by=by)
    order.fulfil_from_stock()
    credit_lines(order, Stage.STOCKED, [(line, line.quantity) for line in lines], document=order, by=by)


def _ask_important(order: Order) -> None:
    if not order.is_important:
        raise Refused(_("This order is not marked as important."))
