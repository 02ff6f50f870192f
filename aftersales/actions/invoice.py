"""The invoice: asked for by sales, issued and sent by finance, paid by what the customer pays."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from aftersales import queries
from aftersales.forms import InvoiceForm, IssueInvoiceForm, SendInvoiceForm
from aftersales.models import Invoice
from flow import actions, guards, papers
from flow.events import By
from flow.forms import ReasonForm
from flow.models import Event
from flow.refusals import Invalid, Refused
from integration.notices import tell_posts
from orders import queries as orders
from orders.models import Order
from org.roles import Role

State = Invoice.State
ASKERS = (Role.SALESPERSON, Role.SALES_CLERK, Role.FINANCE)


@actions.creation(
    Invoice, _("Request invoice"), InvoiceForm, parent="order", may=ASKERS, rules="AFS-15 AFS-16"
)
def create(by: By, *, order: Order, amount: Decimal | None = None) -> Invoice:
    """Ask finance to invoice so much of the contract; without an amount, all that is left of it.

    Raises Refused without a signed contract or with nothing left, Invalid beyond what is left.
    """
    left = _left(order)
    asked = left if amount is None else amount
    if asked <= 0:
        raise Invalid({"amount": _("The amount must be above zero.")})
    if asked > left:
        sentence = _("Only {left} of the contract are not invoiced yet.")
        raise Invalid({"amount": sentence.format(left=left)})
    return actions.draft(Invoice, by=by, case=order.case, company=order.company, order=order, amount=asked)


@guards.ask("aftersales.invoice.create")
def against_asking(order: Order) -> Iterator[Any]:
    """What both signed is invoiced, and once (AFS-15)."""
    if orders.contract_of(order) is None:
        yield _("Only an order whose contract both parties signed is invoiced.")
    elif _left(order) <= 0:
        yield _("The contract is wholly invoiced, or an invoice for the rest is requested already.")


def _left(order: Order) -> Decimal:
    """What no invoice was asked for yet, in yuan."""
    return orders.amount_of(order) - queries.invoiced(order, requested=True)


@create.then
def tell_finance(invoice: Invoice, by: By, event: Event) -> None:
    """Finance hears that an invoice is wanted."""
    tell_posts([Role.FINANCE], _("An invoice is requested."), document=invoice, by=by, event=event)


@actions.action(
    Invoice, _("Issue invoice"), IssueInvoiceForm, may=(Role.FINANCE,), numbers=True, rules="AFS-16"
)
def issue(invoice: Invoice, by: By, *, tax_number: str = "", file: Any = None) -> dict[str, Any]:
    """Write the invoice. Raises Refused, with figures, beyond the amount of the contract."""
    amount, done = orders.amount_of(invoice.order), queries.invoiced(invoice.order)
    if done + invoice.amount > amount:
        sentence = _("{invoice} more on top of {done} invoiced is above the contract's {amount}.")
        raise Refused(sentence.format(invoice=invoice.amount, done=done, amount=amount))
    if file:
        papers.attach(invoice, "invoice", file, by=by)
    invoice.tax_number, invoice.issued_on = tax_number, localtime(by.at).date()
    invoice.issue()
    return {"amount": invoice.amount, "tax_number": tax_number}


@actions.action(Invoice, _("Send invoice"), SendInvoiceForm, may=(Role.FINANCE,), rules="AFS-15 AFS-16")
def send(invoice: Invoice, by: By, *, sent_to: str = "") -> dict[str, Any]:
    """The customer has it; what he paid already is counted against it."""
    invoice.sent_to = sent_to or invoice.order.customer.name
    invoice.sent_on = localtime(by.at).date()
    invoice.send()
    return {"sent_to": invoice.sent_to}


@actions.consequence(Invoice, _("Paid"), rules="AFS-18")
def pay(invoice: Invoice, by: By) -> None:
    """What the customer paid covers it."""
    invoice.pay()


@actions.consequence(Invoice, _("No longer paid"), rules="AFS-18")
def unpay(invoice: Invoice, by: By) -> None:
    """A payment was reversed: what is left does not cover it."""
    invoice.unpay()


@actions.action(Invoice, _("Credit invoice"), ReasonForm, may=(Role.FINANCE,), rules="AFS-16", awaited=False)
def credit(invoice: Invoice, by: By, *, reason: str) -> dict[str, Any]:
    """Take a wrong invoice back; its amount may be invoiced again."""
    invoice.credit()
    invoice.reason = reason
    return {"reason": reason, "amount": invoice.amount}


@send.then
@credit.then
def cover_again(invoice: Invoice, by: By, event: Event) -> None:
    """What was paid may cover other invoices now."""
    cover(invoice.order, by=by, cause=event)


@actions.discard(Invoice, _("Withdraw request"), may=ASKERS, states=(State.REQUESTED,), rules="SYS-03")
def discard(invoice: Invoice, by: By) -> None:
    """The request was wrong; nothing was issued."""


def cover(order: Order, *, by: By, cause: Event) -> None:
    """Count what the customer has paid against the invoices he has, the oldest first."""
    left = orders.paid_for(order)
    rows = order.invoices.filter(state__in=[State.SENT, State.PAID]).order_by("sent_on", "pk")
    for invoice in rows:
        left -= invoice.amount
        if left >= 0 and invoice.state == State.SENT:
            pay.follow(invoice, by=by, cause=cause)
        elif left < 0 and invoice.state == State.PAID:
            unpay.follow(invoice, by=by, cause=cause)
