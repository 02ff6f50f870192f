"""What the receipts of a purchase order do to it: received, qualified, put into stock."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.stock.terms import amount
from flow import actions
from flow.events import By
from flow.refusals import Refused
from procurement.actions import supply
from procurement.models import PurchaseOrder, PurchaseOrderLine

Quantities = Mapping[int, Decimal]
State = PurchaseOrder.State
ARRIVING = (State.PARTIALLY_RECEIVED, State.RECEIVED, State.QUALIFIED, State.SETTLED)


@actions.consequence(PurchaseOrder, _("Goods received"), rules="PUR-38 WHS-04")
def receive(document: PurchaseOrder, by: By, *, quantities: Quantities) -> dict[str, Any]:
    """So much came of each line (by its id). Raises Refused, with figures, for more than is on order."""
    rows = list(document.lines.select_related("item"))
    over = [row for row in rows if quantities.get(row.pk, Decimal()) > row.left]
    if over:
        said = _("Line {line}: {came} came, but {received} of {quantity} are received already: {left} left.")
        raise Refused(*[said.format(**_figures(row, quantities[row.pk])) for row in over])
    for row in rows:
        row.received += quantities.get(row.pk, Decimal())
    PurchaseOrderLine.objects.bulk_update(rows, ["received"])
    document.receive()
    return {"line_ids": [row.pk for row in rows if row.left == 0]}


@actions.consequence(PurchaseOrder, _("Goods inspected"), rules="PUR-32 PUR-37 QUA-02")
def qualify(document: PurchaseOrder, by: By, *, qualified: Quantities, failed: Quantities) -> dict[str, Any]:
    """So much of each line (by its id) passed, so much failed; what failed is to be delivered again."""
    rows = list(document.lines.all())
    for row in rows:
        row.qualified += qualified.get(row.pk, Decimal())
        row.received -= failed.get(row.pk, Decimal())
    PurchaseOrderLine.objects.bulk_update(rows, ["qualified", "received"])
    document.qualify()
    return {"owed": {str(row.position): row.left for row in rows if row.left}}


@actions.consequence(PurchaseOrder, _("Goods in stock"), states=ARRIVING, rules="PUR-39")
def stock(document: PurchaseOrder, by: By, *, quantities: Quantities) -> None:
    """So much of each line (by its id) lies in the store and is no longer on order."""
    _put(document, quantities, 1)
    for row in document.lines.all():
        if quantity := quantities.get(row.pk):
            supply.arrived(row, quantity, by=by)


@actions.consequence(PurchaseOrder, _("Goods out of stock again"), states=ARRIVING, rules="WHS-10")
def unstock(document: PurchaseOrder, by: By, *, quantities: Quantities) -> None:
    """A stock-in was reversed."""
    _put(document, quantities, -1)
    rows = [(row, quantities.get(row.pk, Decimal())) for row in supply.lines_of(document)]
    supply.expect(document, rows, by=by)


def _put(document: PurchaseOrder, quantities: Quantities, sign: int) -> None:
    rows = list(document.lines.all())
    for row in rows:
        row.stocked += sign * quantities.get(row.pk, Decimal())
    PurchaseOrderLine.objects.bulk_update(rows, ["stocked"])


def _figures(row: PurchaseOrderLine, came: Decimal) -> dict[str, Any]:
    return {
        "line": row,
        "came": amount(came),
        "quantity": amount(row.quantity),
        "received": amount(row.received),
        "left": amount(row.left),
    }
