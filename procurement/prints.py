"""What purchasing prints: the purchase order (F-53), and the delivery note for the supplier (F-55)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from flow import prints, render
from flow.capitals import capitals
from flow.policy import Viewer
from flow.prints import Done, said
from flow.sheet import CENTER, LEFT, RIGHT, Cells, Column, Paper, Signs, Table, Text
from procurement.models import PurchaseOrder, PurchaseOrderLine

State = PurchaseOrder.State
# So many lines a delivery note has at least.
ROWS = 8
# Before it is approved it is no order yet (PUR-21).
UNAPPROVED = (State.DRAFT, State.SUBMITTED, State.REJECTED)


@prints.form(
    PurchaseOrder, "order", title=gettext_lazy("Purchase order"), code="F-53",
    draft=UNAPPROVED, void=(State.CANCELLED,),
)  # fmt: skip
def order(document: PurchaseOrder, viewer: Viewer) -> Paper:
    """What the supplier is asked to deliver (PUR-19, PUR-20); without prices for who may not read them."""
    supplier, company = document.supplier, document.company
    done = prints.done(document, "submit", "approve", "send")
    head = Cells(
        [
            (_("Supplier"), supplier.name, 2), (_("Ordered on"), done["send"].at or done["approve"].at),
            (_("Address"), supplier.address, 2), (_("Phone"), supplier.phone),
            (_("Contact person"), supplier.contact), (_("Currency"), _("Chinese yuan")),
            (_("Buyer"), document.created_by),
            (_("Delivery place"), " ".join(filter(None, (company.name, company.address))), 3),
        ]
    )  # fmt: skip
    signs = Signs(
        [
            (_("Made by"), document.created_by, done["submit"].at or prints.moment(document.created_at)),
            done["approve"].under(_("Approved by")),
            Done().under(_("Confirmed by the supplier (seal)")),
        ]
    )
    terms = Text(_("Terms"), document.terms)
    return Paper([head, _table(document, viewer), terms, signs])


def _table(document: PurchaseOrder, viewer: Viewer) -> Table:
    priced = render.readable(PurchaseOrderLine, "unit_price", viewer)
    prices = [Column(_("Unit price"), 22, RIGHT, fixed=True), Column(_("Amount"), 26, RIGHT, fixed=True)]
    columns = [
        Column(_("Row"), 8, CENTER, fixed=True),
        Column(_("Item code"), 3),
        Column(_("Name"), 3),
        Column(_("Model and specification"), 3),
        Column(_("Unit"), 10, CENTER, fixed=True),
        Column(_("Quantity"), 16, RIGHT, fixed=True),
        *(prices if priced else ()),
        Column(_("To arrive on"), 20, CENTER, fixed=True),
    ]
    rows = [_row(line, priced) for line in _lines(document)]
    sums = [_total(document)] if priced and render.readable(PurchaseOrder, "amount", viewer) else []
    return Table(columns, rows, sums=sums, end="" if sums else _("Nothing follows"))


def _lines(document: PurchaseOrder) -> Any:
    """What is still ordered: a line reduced to nothing was given up."""
    return document.lines.filter(quantity__gt=0).select_related("item__unit")


def _row(line: PurchaseOrderLine, priced: bool) -> list[Any]:
    prices = [said(line.unit_price, "unit_price"), said(line.amount, "amount")] if priced else []
    item = line.item
    return [
        line.position, item.code, item.name, item.spec, item.unit.name, said(line.quantity), *prices,
        said(line.expected_on),
    ]  # fmt: skip


def _total(document: PurchaseOrder) -> list[tuple[Any, int, str]]:
    words = _("In words: {words}").format(words=capitals(document.amount))
    return [
        (_("Total"), 2, CENTER),
        (words, 5, LEFT),
        (said(document.amount, "amount"), 1, RIGHT),
        ("", 1, LEFT),
    ]


@prints.form(
    PurchaseOrder, "delivery_note", title=gettext_lazy("Material delivery note"), code="F-55",
    draft=UNAPPROVED, void=(State.CANCELLED,),
)  # fmt: skip
def delivery_note(document: PurchaseOrder, viewer: Viewer) -> Paper:
    """The sole voucher of a delivery, made ready for the supplier to fill in (PUR-36, WHS-02)."""
    head = Cells(
        [
            (_("Supplier"), document.supplier.name, 2), (_("Purchase order"), document.number),
            (_("Delivered to"), document.company.name, 2), (_("Delivery note number"), None),
            (_("Delivered on"), None), (_("Delivered by"), None), (_("Vehicle"), None),
        ]
    )  # fmt: skip
    columns = [
        Column(_("Row"), 8, CENTER, fixed=True),
        Column(_("Item code"), 3),
        Column(_("Name"), 3),
        Column(_("Model and specification"), 3),
        Column(_("Unit"), 10, CENTER, fixed=True),
        Column(_("Still to be delivered"), 22, RIGHT, fixed=True),
        Column(_("Delivered quantity"), 22, RIGHT, fixed=True),
        Column(_("Lot"), 26, CENTER, fixed=True),
    ]
    rows = [
        (x.position, x.item.code, x.item.name, x.item.spec, x.item.unit.name, said(x.left), None, None)
        for x in _lines(document)
        if x.left > 0
    ]
    signs = Signs([Done().under(who) for who in (_("Delivered by"), _("Storekeeper"))])
    foot = _("Fill in every line. Goods without this note are not received.")
    return Paper([head, Table(columns, rows, blank=ROWS), signs], foot)
