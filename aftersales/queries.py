"""What is open after the delivery: service and collection (AFS-20)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from aftersales.models import Invoice, Ticket
from flow.guards import ask
from flow.invariants import invariant
from orders import queries as orders
from orders.models import Contract, Order


def invoiced(order: Order, *, requested: bool = False) -> Decimal:
    """What of the contract is invoiced, in yuan; with `requested` also what is only asked for."""
    states = [*Invoice.COUNTED, *([Invoice.State.REQUESTED] if requested else [])]
    rows = order.invoices.filter(state__in=states)
    return rows.aggregate(sum=Sum("amount"))["sum"] or Decimal()


@ask("orders.order.complete")
def not_finished(order: Order) -> Iterator[object]:
    """An order ends when service and collection both are finished (ORD-55, ORD-56, AFS-20)."""
    for ticket in order.tickets.filter(state__in=Ticket.OPEN).order_by("pk"):
        yield _("The service ticket {ticket} is “{state}”: close it first.").format(
            ticket=ticket, state=ticket.get_state_display()
        )
    amount = orders.amount_of(order)
    if (done := invoiced(order)) != amount:
        yield _("{invoiced} of the contract's {amount} are invoiced.").format(invoiced=done, amount=amount)
    if left := orders.unpaid(order):
        yield _("{left} of the contract's {amount} are not paid.").format(left=left, amount=amount)


@invariant("no order is invoiced beyond its contract")
def over_invoiced() -> Iterator[str]:
    """Compare the invoices of every order with its signed contract."""
    rows = Invoice.objects.filter(state__in=Invoice.COUNTED).values("order").annotate(sum=Sum("amount"))
    agreed = dict(Contract.objects.filter(state__in=orders.SIGNED).values_list("order", "amount"))
    for row in rows.order_by("order"):
        if row["order"] in agreed and row["sum"] > agreed[row["order"]]:
            yield f"order {row['order']}: invoiced {row['sum']} of {agreed[row['order']]}"
