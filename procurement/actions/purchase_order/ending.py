"""How a purchase order ends: reduced, cancelled, settled, closed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.stock.terms import amount
from flow import actions, papers
from flow.events import By
from flow.forms import ReasonForm
from flow.models import Event
from flow.refusals import Invalid, Refused
from org.roles import Role
from procurement.actions import booking
from procurement.actions import requisition as requisitions
from procurement.actions.lines import named
from procurement.forms.purchase_order import ReduceForm, ReduceLineForm, SettleForm
from procurement.models import PurchaseOrder, PurchaseOrderLine


@actions.action(
    PurchaseOrder,
    _("Reduce purchase order"),
    ReduceForm,
    lines=ReduceLineForm,
    may=(Role.BUYER, Role.PURCH_LEADER),
    cases=lambda document, data: booking.cases_of(document, {}),
    rules="PUR-14 PUR-29 PUR-32",
    awaited=False,
)
def reduce(
    document: PurchaseOrder, by: By, *, reason: str, agreed_with: str, lines: list[dict[str, Any]]
) -> dict[str, Any]:
    """Buy less of some lines, as agreed with who issued the plan; the rest is to be ordered anew.

    Raises Refused below what was received already, Invalid for more than was ordered.
    """
    rows = list(document.lines.select_related("requisition_line__requisition__order", "item"))
    found = list(zip(named(rows, [line["line"] for line in lines]), lines, strict=True))
    less = [(row, row.quantity - line["quantity"]) for row, line in found]
    _check_reduction(document, rows, less)
    for row, quantity in less:
        row.quantity -= quantity
    PurchaseOrderLine.objects.bulk_update([row for row, _quantity in less], ["quantity"])
    booking.give_back(document, less, by=by)
    document.amount = sum((row.amount for row in rows), Decimal())
    document.reduce()
    return {
        "reason": reason,
        "agreed_with": agreed_with,
        "line_ids": [row.pk for row, _quantity in less if row.left == 0],
        "lines": {str(row.position): {"less": quantity, "quantity": row.quantity} for row, quantity in less},
    }


@actions.action(
    PurchaseOrder,
    _("Cancel purchase order"),
    ReasonForm,
    may=(Role.BUYER, Role.PURCH_LEADER),
    cases=lambda document, data: booking.cases_of(document, {}),
    rules="PUR-29",
    awaited=False,
)
def cancel(document: PurchaseOrder, by: By, *, reason: str) -> dict[str, Any]:
    """Give it up before anything is received; its requisition lines are to be ordered again."""
    document.cancel()
    rows = list(document.lines.select_related("requisition_line__requisition__order"))
    taken = [(row, row.quantity) for row in rows]
    for row in rows:
        row.quantity = Decimal()
    booking.give_back(document, taken, by=by)
    return {"reason": reason}


@reduce.then
@cancel.then
def requisitions_reopen(document: PurchaseOrder, by: By, event: Event) -> None:
    """What is not bought here is open for another supplier."""
    requisitions.follow_orders(booking.requisitions_of(document), by=by, cause=event)


@actions.action(PurchaseOrder, _("Settle"), SettleForm, may=(Role.FINANCE,), rules="PUR-40")
def settle(
    document: PurchaseOrder, by: By, *, invoice_number: str, invoice_amount: Decimal, file: Any = None
) -> dict[str, Any]:
    """The supplier is paid for what passed the inspection. Raises Invalid where his invoice asks for more."""
    owed = sum((row.unit_price * row.qualified for row in document.lines.all()), Decimal())
    owed = owed.quantize(Decimal("0.01"))
    if invoice_amount > owed:
        said = _("The invoice asks for {invoice}, the qualified goods cost {owed}: {difference} too much.")
        figures = {"invoice": invoice_amount, "owed": owed, "difference": invoice_amount - owed}
        raise Invalid({"invoice_amount": said.format(**figures)})
    if file:
        papers.attach(document, "invoice", file, by=by)
    document.invoice_number, document.invoice_amount = invoice_number, invoice_amount
    document.settle()
    return {"invoice_number": invoice_number}


@actions.action(PurchaseOrder, _("Close purchase order"), may=(Role.BUYER,), rules="PUR-41")
def close(document: PurchaseOrder, by: By) -> None:
    """Received, inspected, in stock and paid: put it into the archive."""
    document.close()


def _check_reduction(
    document: PurchaseOrder,
    rows: list[PurchaseOrderLine],
    less: list[tuple[PurchaseOrderLine, Decimal]],
) -> None:
    if not less:
        raise Invalid({"lines": _("Say which lines are reduced.")})
    more = {"quantity": _("This is not less than what was ordered.")}
    if wrong := {index: more for index, (_row, quantity) in enumerate(less) if quantity <= 0}:
        raise Invalid(lines=wrong)
    arrived = document.receipts.filter(state="arrived").exists()
    if arrived:
        raise Refused(_("A delivery is at the gate: receive or refuse it first."))
    short = [row for row, quantity in less if row.quantity - quantity < row.received]
    if short:
        said = _("Line {line}: {received} are received already, less than that cannot be ordered.")
        raise Refused(*[said.format(line=row, received=amount(row.received)) for row in short])
    if sum(row.quantity for row in rows) == sum(quantity for _row, quantity in less):
        raise Refused(_("Nothing would be left of it: cancel the purchase order instead."))
