"""How the documents of after-sales are shown, and what it says of an order: service and money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from aftersales.models import Invoice, Ticket
from aftersales.queries import invoiced
from deadlines.screens import mark_of
from flow import policy, render
from flow.panels import Asked, Fact, Mark, Panel, panel, stage
from flow.screens import Screen
from orders import queries as orders
from orders.models import Contract, Payment

Screen(
    Ticket,
    columns=("number", "customer", "order", "kind", "state", "received_at"),
    filters=("state", "kind", "customer", "order", "received_at"),
    below={"number": "problem"},
    search=("number", "customer__name", "order__number", "problem", "contact"),
    facts=(
        "contact", "phone", "item", "problem", "demand", "telephone_only", "cause", "method", "solution",
        "power_on_checked", "confirmed_by", "satisfaction",
    ),
    related=("customer", "order", "item"),
)  # fmt: skip

Screen(
    Invoice,
    columns=("number", "order", "state", "amount", "issued_on", "sent_on"),
    filters=("state", "order", "issued_on", "sent_on", "amount"),
    below={"order": "order__customer"},
    total="amount",
    search=("number", "order__number", "order__customer__name", "tax_number"),
    facts=("tax_number", "sent_to", "reason"),
    related=("order",),
)


@stage("orders.order", "service")
def service_stage(asked: Asked) -> Mark | None:
    """Until when the customer is to be called about an open ticket (TM-36, TM-37). One query."""
    if not asked.document.tickets.filter(state__in=Ticket.OPEN).exists():
        return None
    return mark_of(asked, "ticket_contact_2h", "ticket_hand_over_60m")


@panel("orders.order")
def money(asked: Asked) -> Panel | None:
    """What is agreed, paid and invoiced, for those who may read all three. Three queries."""
    order = asked.document
    here = asked.viewer.on(order)
    papers = (Payment, Invoice)
    if not policy.may_read(Contract, "amount", here) or not all(
        here.roles & policy.readers(p) for p in papers
    ):
        return None
    contract = orders.contract_of(order)
    if contract is None:
        return None
    paid, billed = orders.paid_for(order), invoiced(order)
    share = int(100 * paid / contract.amount) if contract.amount else 100
    rest = contract.amount - contract.prepayment
    facts = [
        _part(
            _("Prepayment {percent} %").format(percent=_plain(contract.prepayment_percent)),
            contract.prepayment,
            paid,
        ),
        _part(_("Balance"), rest, paid - contract.prepayment),
        Fact(_("Paid so far"), render.words(paid, "amount")),
        Fact(_("Invoiced"), render.words(billed, "amount")),
    ]
    note = _("{share} % paid").format(share=share)
    facts = facts if contract.prepayment else facts[1:]
    return Panel(_("Money"), facts=facts, share=min(share, 100), note=note, aside=True, place=40)


def _part(title: Any, amount: Decimal, paid: Decimal) -> Fact:
    """A part of the contract's amount, and whether what was paid covers it."""
    covered = amount > 0 and paid >= amount
    return Fact(
        title, render.words(amount, "amount"), "good" if covered else "", _("paid") if covered else ""
    )


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
