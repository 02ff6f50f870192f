"""The receipt: a delivery is registered, counted, sent to inspection; what fails goes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from catalog import stock as store
from catalog.models import Balance, Location, Lot, Warehouse
from catalog.stock.terms import Move, amount
from flow import actions, guards
from flow.events import By
from flow.forms import ReasonForm
from flow.models import Event
from flow.refusals import Invalid, Refused
from integration.notices import tell_posts
from org.models import Company
from org.roles import Role
from procurement.actions import purchase_order as orders
from procurement.actions.lines import named
from procurement.forms.receipt import CountLineForm, ReceiptForm, ReceiptLineForm
from procurement.models import PurchaseOrder, Receipt, ReceiptLine
from procurement.models.receipt import something_qualified

State = Receipt.State
KEEPER = (Role.STOREKEEPER,)
TWICE = _("A delivery of this supplier with this delivery note is registered already.")


@actions.creation(
    Receipt,
    _("Register delivery"),
    ReceiptForm,
    lines=ReceiptLineForm,
    parent="purchase_order",
    may=KEEPER,
    numbers=True,
    rules="WHS-01 WHS-02 WHS-04 PUR-36",
)
def create(
    by: By,
    *,
    purchase_order: PurchaseOrder,
    delivery_note: str,
    lines: list[dict[str, Any]],
    deliverer: str = "",
) -> Receipt:
    """Register what arrived for a purchase order, as the delivery note has it.

    Raises Invalid without a delivery note, for one registered before, for lines that are not on the order.
    """
    if not delivery_note.strip():
        raise Invalid({"delivery_note": _("Without a delivery note nothing is received.")})
    if not lines:
        raise Invalid({"lines": _("Say which lines of the purchase order arrived.")})
    rows = list(purchase_order.lines.select_related("item"))
    found = named(rows, [line["line"] for line in lines])
    receipt = _register(by, purchase_order, delivery_note=delivery_note.strip(), deliverer=deliverer)
    ReceiptLine.objects.bulk_create(
        ReceiptLine(
            receipt=receipt,
            position=position,
            line=row,
            item=row.item,
            quantity=line["quantity"],
            supplier_lot=line.get("supplier_lot") or "",
        )
        for position, (row, line) in enumerate(zip(found, lines, strict=True), start=1)
    )
    return receipt


@guards.ask("procurement.receipt.create")
def against_registering(order: PurchaseOrder) -> Iterable[Any]:
    """Only what a supplier was asked to deliver, and still owes, is registered (WHS-04)."""
    if order.state not in PurchaseOrder.RUNNING:
        yield _("The purchase order is “{state}”: nothing is delivered for it now.").format(
            state=order.get_state_display()
        )


@actions.action(
    Receipt, _("Receive"), lines=CountLineForm, may=KEEPER, rules="WHS-01 WHS-03 WHS-04 PUR-38 SYS-12"
)
def receive(receipt: Receipt, by: By, *, lines: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Take over what was counted, into the area of goods to be inspected, each line as a lot.

    Raises Refused where the count is not what the delivery note says (then the delivery is refused, WHS-03),
    and where more came than is on order.
    """
    rows = list(receipt.lines.select_related("item", "line"))
    _check_count(rows, lines or [])
    place = _quarantine(receipt.company)
    receipt.receive()
    for row in rows:
        row.counted = row.quantity
        row.lot = store.open_lot(
            item=row.item,
            number=f"{receipt.number}-{row.position}",
            received_on=localtime(by.at).date(),
            supplier=receipt.supplier,
            supplier_lot=row.supplier_lot,
        )
    ReceiptLine.objects.bulk_update(rows, ["counted", "lot"])
    moves = [Move(r.item_id, place.pk, r.counted, f"line-{r.position}-in", r.lot_id) for r in rows]
    store.post(moves, document=receipt, by=by)
    return {"counted": {str(row.position): row.counted for row in rows}}


@receive.then
def order_receives(receipt: Receipt, by: By, event: Event) -> None:
    """The purchase order has that much less to come."""
    came = _by_order_line(receipt.lines.all(), "counted")
    orders.receive.follow(receipt.purchase_order, by=by, cause=event, quantities=came)


@actions.action(Receipt, _("Refuse delivery"), ReasonForm, may=KEEPER, rules="WHS-03 PUR-37 E-66")
def refuse(receipt: Receipt, by: By, *, reason: str) -> dict[str, Any]:
    """Do not take the goods: wrong count, damage, an incomplete note. Nothing is stocked."""
    receipt.refuse()
    receipt.refusal = reason
    return {"reason": reason}


@refuse.then
def tell_buyers(receipt: Receipt, by: By, event: Event) -> None:
    """The buyers hear of it at once and turn to the supplier (WHS-03)."""
    said = _("{document} was refused: contact the supplier.")
    tell_posts([Role.BUYER], said, document=receipt, by=by, event=event, text=receipt.refusal)


@actions.action(Receipt, _("Send to inspection"), may=KEEPER, rules="WHS-05 QUA-01")
def send_to_inspection(receipt: Receipt, by: By) -> None:
    """Hand the inspection form to quality; its eight hours begin (TM-24)."""
    receipt.send_to_inspection()


@actions.consequence(Receipt, _("Inspected"), rules="QUA-02 PUR-32")
def inspect(receipt: Receipt, by: By, *, qualified: Mapping[int, Decimal]) -> dict[str, Any]:
    """Quality has judged; `qualified` by the id of the receipt line, what is not named failed."""
    rows = list(receipt.lines.all())
    for row in rows:
        row.qualified = qualified.get(row.pk, Decimal())
    ReceiptLine.objects.bulk_update(rows, ["qualified"])
    receipt.inspect()
    return {"qualified": {str(row.position): row.qualified for row in rows}}


@inspect.then
def order_qualifies(receipt: Receipt, by: By, event: Event) -> None:
    """What passed is settled later, what failed is to be delivered again (PUR-32)."""
    rows = list(receipt.lines.all())
    passed, failed = _by_order_line(rows, "qualified"), _by_order_line(rows, "failed")
    order = receipt.purchase_order
    orders.qualify.follow(order, by=by, cause=event, qualified=passed, failed=failed)


@actions.consequence(Receipt, _("Put into stock"), rules="WHS-06 PUR-39")
def stock(receipt: Receipt, by: By) -> None:
    """All that passed lies in the store."""
    receipt.stock()


@stock.then
def order_stocks(receipt: Receipt, by: By, event: Event) -> None:
    """It is no longer on order."""
    quantities = _by_order_line(receipt.lines.all(), "qualified")
    orders.stock.follow(receipt.purchase_order, by=by, cause=event, quantities=quantities)


@actions.consequence(Receipt, _("Out of stock again"), rules="WHS-10")
def unstock(receipt: Receipt, by: By) -> None:
    """The stock-in was reversed."""
    receipt.unstock()


@unstock.then
def order_unstocks(receipt: Receipt, by: By, event: Event) -> None:
    """It is on order again until it is stocked."""
    quantities = _by_order_line(receipt.lines.all(), "qualified")
    orders.unstock.follow(receipt.purchase_order, by=by, cause=event, quantities=quantities)


@actions.action(
    Receipt, _("Return failed goods"), ReasonForm, may=KEEPER, rules="QUA-16 PUR-32 PUR-37", awaited=False
)
def return_goods(receipt: Receipt, by: By, *, reason: str) -> dict[str, Any]:
    """Give what failed the inspection back to the supplier; it leaves the area of goods to be inspected."""
    receipt.return_goods()
    place = _quarantine(receipt.company)
    back = {}
    for row in receipt.lines.select_related("lot", "item"):
        if row.failed > row.returned:
            assert row.lot is not None
            bad = _failed_lot(row.lot)
            quantity = row.failed - row.returned
            move = Move(
                row.item_id, place.pk, -quantity, f"line-{row.position}-back", bad.pk, reason=reason[:200]
            )
            store.post([move], document=receipt, by=by)
            back[str(row.position)] = quantity
            row.returned = row.failed
            row.save(update_fields=["returned"])
    return {"reason": reason, "returned": back, "all": not something_qualified(receipt)}


@return_goods.then
def tell_buyers_of_return(receipt: Receipt, by: By, event: Event) -> None:
    """The buyers chase what is still owed (PUR-32)."""
    said = _("{document}: failed goods went back to the supplier.")
    tell_posts([Role.BUYER], said, document=receipt, by=by, event=event, text=event.data["reason"])


def _register(by: By, order: PurchaseOrder, **said: Any) -> Receipt:
    """Insert the receipt; the database knows whether the supplier's delivery note was here before."""
    supplier = order.supplier
    try:
        with transaction.atomic():
            return actions.draft(
                Receipt,
                by=by,
                case=order.case,
                company=order.company,
                purchase_order=order,
                supplier=supplier,
                **said,
            )
    except IntegrityError as twice:
        if not Receipt.objects.filter(supplier=supplier, delivery_note=said["delivery_note"]).exists():
            raise
        raise Invalid({"delivery_note": TWICE}) from twice


def _check_count(rows: list[ReceiptLine], lines: list[dict[str, Any]]) -> None:
    counted = zip(named(rows, [line["line"] for line in lines]), lines, strict=True)
    off = [(row, line["quantity"]) for row, line in counted if row.quantity != line["quantity"]]
    if off:
        said = _("Line {line}: {counted} counted, {noted} on the delivery note: refuse the delivery.")
        figures = [{"line": r, "counted": amount(q), "noted": amount(r.quantity)} for r, q in off]
        raise Refused(*[said.format(**figure) for figure in figures])


def _quarantine(company: Company) -> Location:
    """Where goods wait for their inspection. Raises Refused where the company has no such place."""
    rows = Location.objects.filter(
        warehouse__company=company, warehouse__kind=Warehouse.Kind.QUARANTINE
    ).order_by("pk")
    found = rows.first()
    if found is None:
        raise Refused(_("The company has no area of goods to be inspected: set up its warehouse first."))
    return found


def _failed_lot(lot: Lot) -> Lot:
    """Where what failed lies: the lot itself if all of it failed, else the lot that was split from it."""
    bad = Lot.objects.filter(Q(pk=lot.pk) | Q(split_from=lot), status=Lot.Status.NONCONFORMING)
    lying = Balance.objects.filter(lot__in=bad, quantity__gt=0).values("lot")
    return bad.filter(pk__in=lying).get()


def _by_order_line(rows: Iterable[ReceiptLine], name: str) -> dict[int, Decimal]:
    """A quantity of the rows by the id of the purchase order's line."""
    return {row.line_id: getattr(row, name) for row in rows}
