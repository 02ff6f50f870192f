"""The verbs of the customer's payment (ORD-22, ORD-56)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from flow import actions, guards
from flow.events import By
from flow.forms import ReasonForm
from flow.models import Event
from flow.refusals import Invalid
from orders import queries
from orders.actions.contract import effect_if_paid
from orders.forms.commerce import PaymentForm
from orders.models import Order, Payment
from org.roles import Role

BOOKKEEPERS = (Role.FINANCE,)


@actions.creation(
    Payment,
    _("Create payment"),
    PaymentForm,
    parent="order",
    may=BOOKKEEPERS,
    rules="ORD-22",
    awaited=Q(state=Order.State.SIGNED) & ~Q(payments__state=Payment.State.DRAFT),
)
def create(
    by: By, *, order: Order, amount: Decimal, received_on: date, reference: str = "", method: str = ""
) -> Payment:
    """Draft a payment as the bank tells it. Raises Invalid for nothing received or a day to come."""
    if amount <= 0:
        raise Invalid({"amount": _("The amount must be above zero.")})
    if received_on > localtime(by.at).date():
        raise Invalid({"received_on": _("This day is still to come.")})
    return actions.draft(
        Payment,
        by=by,
        case=order.case,
        company=order.company,
        order=order,
        amount=amount,
        received_on=received_on,
        reference=reference,
        method=method or Payment.Method.TRANSFER,
    )


@guards.ask("orders.payment.create")
def against_drafting(order: Order) -> Iterator[Any]:
    """Nothing is paid for an order that has ended."""
    if order.state in Order.ENDED:
        yield _("The order is “{state}”: nothing is paid for it any more.").format(
            state=order.get_state_display()
        )


@actions.action(Payment, _("Record payment"), may=BOOKKEEPERS, numbers=True, rules="ORD-22 ORD-56 E-07")
def record(payment: Payment, by: By) -> dict[str, Any]:
    """Book the payment; the prepayment lets the order take effect (O-18)."""
    payment.record()
    return {"amount": payment.amount}


@guards.ask("orders.payment.record")
def against_recording(payment: Payment) -> Iterator[Any]:
    """Before both parties signed, beyond the contract's amount, with a reference booked before (ORD-22)."""
    order = payment.order
    contract = queries.contract_of(order)
    if contract is None or order.state == Order.State.CANCELLED:
        yield _("A payment is recorded for a contract that both parties signed.")
        return
    left = contract.amount - queries.paid_for(order)
    if payment.amount > left:
        sentence = _("The payment of {amount} is more than the {left} still to be paid of the contract.")
        yield sentence.format(amount=payment.amount, left=left)
    twice = order.payments.filter(state=Payment.State.RECORDED, reference=payment.reference)
    if payment.reference and twice.exists():
        yield _("A payment with this bank reference is recorded already.")


@record.then
def may_take_effect(payment: Payment, by: By, event: Event) -> None:
    """What was agreed to be paid before may be there now."""
    contract = queries.contract_of(payment.order)
    assert contract is not None, "recorded only with a signed contract"
    effect_if_paid(contract, by, event)


@actions.action(Payment, _("Reverse payment"), ReasonForm, may=BOOKKEEPERS, rules="ORD-56", awaited=False)
def reverse(payment: Payment, by: By, *, reason: str) -> dict[str, Any]:
    """Take a wrong entry back; it stays to be seen. An order in effect stays in effect."""
    payment.reverse()
    return {"reason": reason, "amount": payment.amount}


@actions.discard(
    Payment, _("Discard payment"), may=BOOKKEEPERS, states=(Payment.State.DRAFT,), rules="SYS-03"
)
def discard(payment: Payment, by: By) -> None:
    """Throw away a draft that was never recorded."""
