"""What is talked over with the customer about a change: the paper, the day, the agreement (ORD-28…33)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from flow import actions, guards, papers
from flow.events import By
from flow.forms import ContactForm, ReasonForm
from flow.models import Event
from flow.refusals import Invalid
from orders.actions import hold
from orders.actions.change import DESIGNERS, SELLERS, check_date, hear_review, who_changes
from orders.forms.change import AgreeForm, AgreementForm, ConfirmationForm, SettleForm
from orders.models import OrderChange
from orders.models.money import FEN
from org.roles import Role

State = OrderChange.State


@actions.action(
    OrderChange,
    _("Attach written confirmation"),
    ConfirmationForm,
    may=(*SELLERS, *DESIGNERS),
    may_on=who_changes,
    states=OrderChange.OPEN,
    rules="ORD-31 E-17",
    awaited=False,
)
def confirm(
    change: OrderChange,
    by: By,
    *,
    confirmation: Any,
    party: str,
    channel: str,
    content: str,
    next_step: str = "",
) -> dict[str, Any]:
    """The customer confirms in writing; no change takes effect without (ORD-31)."""
    papers.attach(change, "confirmation", confirmation, by=by)
    papers.log_contact(change, by=by, party=party, channel=channel, content=content, next_step=next_step)
    return {"party": party}


@confirm.then
def small_change_goes_on(change: OrderChange, by: By, event: Event) -> None:
    """What only waited for the paper stands still no longer (E-17)."""
    hold.settle(change.order, by=by, cause=event)


@actions.action(OrderChange, _("Customer agrees"), AgreeForm, may=SELLERS, rules="ORD-28 ORD-31")
def agree(
    change: OrderChange,
    by: By,
    *,
    party: str,
    channel: str,
    content: str,
    next_step: str = "",
    delivery_on: date | None = None,
) -> dict[str, Any]:
    """Record that the customer agrees to what the review found, or to a later day still (ORD-28)."""
    check_date(delivery_on, by)
    if delivery_on and change.delivery_on and delivery_on < change.delivery_on:
        sentence = _("The review found {day} the earliest day; an earlier one is not promised.")
        raise Invalid({"delivery_on": sentence.format(day=change.delivery_on.isoformat())})
    change.delivery_on = delivery_on or change.delivery_on
    papers.log_contact(change, by=by, party=party, channel=channel, content=content, next_step=next_step)
    change.agree()
    return {"party": party, "delivery_on": change.delivery_on}


@actions.action(OrderChange, _("Customer refuses"), ContactForm, may=SELLERS, rules="ORD-28 ORD-50")
def refuse(
    change: OrderChange, by: By, *, party: str, channel: str, content: str, next_step: str = ""
) -> dict[str, Any]:
    """Record that the customer does not accept a later day; the general manager settles it (ORD-28)."""
    papers.log_contact(change, by=by, party=party, channel=channel, content=content, next_step=next_step)
    change.refuse()
    return {"party": party}


@actions.action(
    OrderChange,
    _("Settle refusal"),
    SettleForm,
    may=(Role.GM, Role.DEPUTY_GM),
    not_by=("refuse",),
    rules="ORD-28 ORD-50",
)
def settle(change: OrderChange, by: By, *, outcome: str, opinion: str) -> dict[str, Any]:
    """The general manager keeps the agreed day in spite of the review, or leaves the order as it is."""
    if outcome == State.AGREED:
        change.delivery_on = None
        change.lines.update(delivery_on=None)
    change.decision = opinion
    change.settle(outcome)
    return {"outcome": outcome, "opinion": opinion}


@settle.then
@hear_review.then
def rejected_change_lets_go(change: OrderChange, by: By, event: Event) -> None:
    """A change that is not made holds nothing up."""
    hold.settle(change.order, by=by, cause=event)


@actions.action(
    OrderChange,
    _("Sign change agreement"),
    AgreementForm,
    may=SELLERS,
    states=(State.CLASSIFIED, State.AGREED),
    rules="ORD-30 ORD-33",
    awaited=Q(state__in=[State.CLASSIFIED, State.AGREED])
    & (Q(raises_cost=True) | Q(supplement_asked=True) | ~Q(delivery_on=None)),
)
def sign_agreement(
    change: OrderChange,
    by: By,
    *,
    signer: str,
    signed_on: date,
    agreement: Any,
    added_amount: Decimal | None = None,
) -> dict[str, Any]:
    """Keep the agreement that the customer signed, with what it adds to the price (ORD-30, ORD-33)."""
    if signed_on > localtime(by.at).date():
        raise Invalid({"signed_on": _("This day is still to come.")})
    if change.supplement_asked and added_amount is None:
        raise Invalid({"added_amount": _("A supplementary contract says what is added to the price.")})
    # As the database will give it back, so that the signature stays one for the same content.
    change.added_amount = None if added_amount is None else added_amount.quantize(FEN)
    file = papers.attach(change, "change_agreement", agreement, by=by)
    papers.sign(change, "change_agreement", change.content(), by=by, signer=signer, attachment=file)
    return {"signer": signer, "signed_on": signed_on}


@guards.ask("orders.change.sign_agreement")
def nothing_to_sign(change: OrderChange) -> Iterator[Any]:
    """An agreement is signed where the cost or the date moves (ORD-33)."""
    if not change.needs_agreement:
        yield _("This change needs no agreement: it neither raises the cost nor delays the delivery.")


@actions.action(
    OrderChange,
    _("Withdraw change"),
    ReasonForm,
    may=(*SELLERS, *DESIGNERS),
    may_on=who_changes,
    rules="ORD-31",
    awaited=False,
)
def withdraw(change: OrderChange, by: By, *, reason: str) -> dict[str, Any]:
    """The customer leaves the order as it is; nothing stands still for it any more."""
    change.withdraw()
    return {"reason": reason}


@actions.consequence(OrderChange, _("Cancelled with the order"))
def cancel(change: OrderChange, by: By) -> None:
    """The order was cancelled."""
    change.cancel()


@withdraw.then
@cancel.then
def let_go(change: OrderChange, by: By, event: Event) -> None:
    """What stood still for it goes on."""
    hold.settle(change.order, by=by, cause=event)
