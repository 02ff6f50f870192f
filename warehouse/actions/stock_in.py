"""The stock-in slip: drafted from an inspection, posted by the keeper, reversed where it was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from catalog import stock
from catalog.models import Item, Location, Lot, Warehouse
from catalog.stock import Move, Subject, Want
from flow import actions
from flow.events import By
from flow.forms import ReasonForm
from flow.models import Event
from flow.refusals import Invalid, Refused
from orders import actions as orders
from orders.models import Order, Stage
from org.roles import Role
from procurement.actions import receipt as receipts
from production.actions import work_order as work_orders
from production.models import WorkOrder
from quality.models import Inspection, InspectionLine
from warehouse import queries
from warehouse.forms import PostForm
from warehouse.models import StockIn, StockInLine

Kind = StockIn.Kind
KEEPERS = (Role.STOREKEEPER, Role.FG_KEEPER)
STORES = {
    Kind.MATERIAL: Warehouse.Kind.RAW,
    Kind.SEMI_FINISHED: Warehouse.Kind.RAW,
    Kind.FINISHED: Warehouse.Kind.FINISHED,
}


@actions.creation(
    StockIn, _("Draft stock-in"), parent="inspection", numbers=True, rules="WHS-06 WHS-07 WHS-10"
)
def create(by: By, *, inspection: Inspection) -> StockIn:
    """The slip for what of an inspection passed; only that goes into stock."""
    work_order = inspection.work_order
    stock_in = actions.draft(
        StockIn,
        by=by,
        case=inspection.case,
        company=inspection.company,
        kind=_kind(work_order),
        inspection=inspection,
        order=work_order.order if work_order else None,
    )
    rows = inspection.lines.filter(qualified__gt=0).select_related("receipt_line")
    StockInLine.objects.bulk_create(_line(stock_in, row) for row in rows)
    return stock_in


def _keepers(stock_in: StockIn) -> frozenset[str]:
    """Finished goods are kept by the finished goods keeper, all else by the storekeeper."""
    return frozenset({Role.FG_KEEPER if stock_in.kind == Kind.FINISHED else Role.STOREKEEPER})


def _cases_of_orders(stock_in: StockIn, _data: dict[str, Any]) -> set[int]:
    """The cases of the orders that bought goods are kept for; else an order could end meanwhile."""
    return {order.case_id for _line, order in _kept_for(stock_in) if order}


@actions.action(
    StockIn,
    _("Put into stock"),
    PostForm,
    may=KEEPERS,
    may_on=_keepers,
    cases=_cases_of_orders,
    rules="WHS-07 WHS-10 WHS-15 E-21 PRD-21 SYS-12",
)
def post(stock_in: StockIn, by: By, *, location: Location | None = None) -> dict[str, Any]:
    """Put what passed into its store and keep it for the orders it is for (O-26).

    Raises Refused for finished goods that are not packed, Invalid for a place of another store.
    """
    stock_in.post()
    stock_in.location = _place(stock_in, location)
    work_order = stock_in.inspection.work_order
    moves = _from_the_floor(stock_in, work_order, by) if work_order else _from_quarantine(stock_in)
    stock.post(moves, document=stock_in, by=by)
    _keep(stock_in, by)
    return {"location": str(stock_in.location)}


@post.then
def carry_on(stock_in: StockIn, by: By, event: Event) -> None:
    """The delivery or the work order is that much further; finished goods carry the order along."""
    inspection = stock_in.inspection
    if inspection.receipt:
        receipts.stock.follow(inspection.receipt, by=by, cause=event)
        return
    assert inspection.work_order is not None, "an inspection is of a delivery or of a work order"
    quantity = _quantity(stock_in)
    work_orders.stock_in.follow(inspection.work_order, by=by, cause=event, quantity=quantity)
    _credit(stock_in, inspection.work_order, quantity, by, event)


@actions.action(
    StockIn,
    _("Reverse stock-in"),
    ReasonForm,
    may=KEEPERS,
    may_on=_keepers,
    cases=_cases_of_orders,
    rules="WHS-07 WHS-10",
    awaited=False,
)
def reverse(stock_in: StockIn, by: By, *, reason: str) -> dict[str, Any]:
    """Take a wrong posting back by counter-moves; a new slip is drafted for the same goods.

    Raises Refused when the goods are no longer there: issued, kept for others, or on a shipping notice.
    """
    _refuse_notified(stock_in)
    stock_in.reverse()
    stock_in.reason = reason
    kept = _release(stock_in, by)
    back = [
        Move(
            m.item_id,
            m.location_id,
            -m.quantity,
            f"{m.key.rpartition(':')[2]}-back",
            m.lot_id,
            reason=reason[:200],
        )
        for m in stock.moves_of(stock_in)
    ]
    stock.post(back, document=stock_in, by=by)
    for order, wants in kept.items():
        stock.reserve(wants, company=stock_in.company, subject=Subject.of(order), by=by, partly=True)
    return {"reason": reason}


@reverse.then
def go_back(stock_in: StockIn, by: By, event: Event) -> None:
    """The delivery or the work order waits for its stock-in again."""
    inspection = stock_in.inspection
    if inspection.receipt:
        receipts.unstock.follow(inspection.receipt, by=by, cause=event)
    else:
        assert inspection.work_order is not None, "an inspection is of a delivery or of a work order"
        quantity = _quantity(stock_in)
        work_orders.reverse_stock_in.follow(inspection.work_order, by=by, cause=event, quantity=quantity)
        _credit(stock_in, inspection.work_order, -quantity, by, event)
    create.follow(by=by, cause=event, inspection=inspection)


def _kind(work_order: WorkOrder | None) -> str:
    if work_order is None:
        return Kind.MATERIAL
    return Kind.FINISHED if work_order.is_final else Kind.SEMI_FINISHED


def _line(stock_in: StockIn, row: InspectionLine) -> StockInLine:
    return StockInLine(
        stock_in=stock_in,
        position=row.position,
        item_id=row.item_id,
        quantity=row.qualified,
        receipt_line=row.receipt_line,
        lot_id=row.receipt_line.lot_id if row.receipt_line else None,
    )


def _quantity(stock_in: StockIn) -> Decimal:
    return sum((line.quantity for line in stock_in.lines.all()), Decimal())


def _place(stock_in: StockIn, said: Location | None) -> Location:
    """Where it is put. Raises Invalid for a place of another company or another kind of store."""
    kind = STORES[Kind(stock_in.kind)]
    if said is None:
        return queries.place_of(stock_in.company, kind)
    if (said.warehouse.company_id, said.warehouse.kind) != (stock_in.company_id, kind):
        sentence = _("This goes into the company's “{kind}”.")
        raise Invalid({"location": sentence.format(kind=kind.label)})
    return said


def _from_quarantine(stock_in: StockIn) -> Iterator[Move]:
    """Bought goods are carried from where they were inspected; their lot is judged already."""
    place = queries.place_of(stock_in.company, Warehouse.Kind.QUARANTINE)
    assert stock_in.location_id is not None, "the place was set before"
    for line in stock_in.lines.all():
        yield from stock.transfer(
            item_id=line.item_id,
            quantity=line.quantity,
            key=f"line-{line.position}",
            from_id=place.pk,
            to_id=stock_in.location_id,
            lot_id=line.lot_id,
        )


def _from_the_floor(stock_in: StockIn, work_order: WorkOrder, by: By) -> Iterator[Move]:
    """The product comes in, and the material that went into it is no longer on the shop floor."""
    assert stock_in.location_id is not None, "the place was set before"
    for line in stock_in.lines.select_related("item"):
        if line.item.lot_tracked:
            line.lot = _new_lot(stock_in, line.item, by)
            line.save(update_fields=["lot"])
        key = f"line-{line.position}-in"
        yield Move(line.item_id, stock_in.location_id, line.quantity, key, line.lot_id)
        for place, used in queries.used_by(work_order, line.quantity).items():
            key = f"used-{place.item_id}-{place.location_id}-{place.lot_id or 0}"
            yield Move(place.item_id, place.location_id, -used, key, place.lot_id)


def _new_lot(stock_in: StockIn, item: Item, by: By) -> Lot:
    return stock.open_lot(
        item=item,
        number=str(stock_in.number),
        received_on=localtime(by.at).date(),
        status=Lot.Status.QUALIFIED,
    )


def _kept_for(stock_in: StockIn) -> Iterator[tuple[StockInLine, Order | None]]:
    """For which order each line is kept; None: for nobody in particular."""
    lines = stock_in.lines.select_related("item", "receipt_line__line__requisition_line__order_line__order")
    for line in lines:
        if line.receipt_line is None:
            yield line, stock_in.order
        else:
            order_line = line.receipt_line.line.requisition_line.order_line
            yield line, order_line.order if order_line else None


def _keep(stock_in: StockIn, by: By) -> None:
    """Keep each line for its order, unless that has ended: then it is free stock."""
    for line, order in _kept_for(stock_in):
        if order and order.state not in (Order.State.CANCELLED, Order.State.COMPLETED, Order.State.CLOSED):
            want = Want(line.item_id, line.quantity, location_id=stock_in.location_id, lot_id=line.lot_id)
            stock.reserve([want], company=stock_in.company, subject=Subject.of(order), by=by)


def _release(stock_in: StockIn, by: By) -> dict[Order, list[Want]]:
    """Give back what is kept of these items for the orders; the answer says what they must keep after."""
    left: dict[Order, dict[int, Decimal]] = {}
    for line, order in _kept_for(stock_in):
        if order is None:
            continue
        if order not in left:
            left[order] = stock.kept_for(Order.label(), [order.pk]).get(order.pk, {})
        if line.item_id in left[order]:
            left[order][line.item_id] -= line.quantity
    found: dict[Order, list[Want]] = {}
    items = {line.item_id for line in stock_in.lines.all()}
    for order, kept in left.items():
        stock.release(subject=Subject.of(order), by=by, item_ids=items)
        found[order] = [Want(item, kept[item]) for item in items & kept.keys() if kept[item] > 0]
    return found


def _refuse_notified(stock_in: StockIn) -> None:
    """Goods that a shipping notice speaks of stay in stock."""
    work_order = stock_in.inspection.work_order
    if work_order is None or not work_order.is_final or work_order.order_line is None:
        return
    line, order = work_order.order_line.pk, work_order.order
    stocked = orders.progress.reached(order, Stage.STOCKED).get(line, Decimal())
    notified = orders.progress.reached(order, Stage.NOTIFIED).get(line, Decimal())
    if stocked - _quantity(stock_in) < notified:
        raise Refused(_("These goods are on a shipping notice: cancel the shipment first."))


def _credit(stock_in: StockIn, work_order: WorkOrder, quantity: Decimal, by: By, cause: Event) -> None:
    """Only the product of the order carries its line along."""
    if work_order.is_final and work_order.order_line:
        rows = [(work_order.order_line, quantity)]
        orders.credit(work_order.order, Stage.STOCKED, rows, document=stock_in, by=by, cause=cause)
