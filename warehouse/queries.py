"""What the warehouse and the departments after it read more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from catalog.models import Location, StockMove, Warehouse
from catalog.stock.terms import STEP, Place
from flow.invariants import invariant
from flow.refusals import Refused
from org.models import Company
from production.models import WorkOrder
from warehouse.models import PickList, StockIn, StockInLine

SHOP_FLOOR = Warehouse.Kind.IN_PROCESS


def place_of(company: Company, kind: str) -> Location:
    """The first place of the company's warehouse of that kind. Raises Refused where it has none."""
    rows = Location.objects.filter(warehouse__company=company, warehouse__kind=kind)
    found = rows.select_related("warehouse").order_by("warehouse__code", "code").first()
    if found is None:
        sentence = _("The company has no “{kind}”: set up its warehouse first.")
        raise Refused(sentence.format(kind=Warehouse.Kind(kind).label))
    return found


def on_the_floor(work_order: WorkOrder) -> dict[Place, Decimal]:
    """What of the material that was issued for the work order still lies on the shop floor, by place."""
    return {place: left for place, (_brought, left) in _drawn(work_order).items() if left > 0}


def used_by(work_order: WorkOrder, quantity: Decimal) -> dict[Place, Decimal]:
    """The material that went into `quantity` more of the product; the last piece takes all that is left."""
    made = work_order.stocked + quantity
    found = {}
    for place, (brought, left) in _drawn(work_order).items():
        share = brought if made >= work_order.quantity else brought * made / work_order.quantity
        used = share.quantize(STEP, ROUND_FLOOR) - (brought - left)
        if used > 0:
            found[place] = used
    return found


def _drawn(work_order: WorkOrder) -> dict[Place, tuple[Decimal, Decimal]]:
    """By place on the shop floor: what the pick lists brought, and what the stock-ins left of it."""
    brought = _moved(PickList.label(), list(work_order.pick_lists.values_list("pk", flat=True)))
    stock_ins = StockIn.objects.filter(inspection__work_order=work_order).values_list("pk", flat=True)
    used = _moved(StockIn.label(), list(stock_ins))
    return {place: (quantity, quantity + used.get(place, Decimal())) for place, quantity in brought.items()}


def _moved(label: str, ids: list[int]) -> dict[Place, Decimal]:
    """What these documents moved to (or, below zero, from) places on the shop floor."""
    rows = StockMove.objects.filter(
        document_type=label, document_id__in=ids, location__warehouse__kind=SHOP_FLOOR
    )
    sums = rows.order_by().values_list("item", "location", "lot").annotate(sum=Sum("quantity"))
    return {Place(item, location, lot): total.quantize(STEP) for item, location, lot, total in sums}


@invariant("a posted stock-in brought what it says, a reversed one nothing")
def brought() -> Iterator[str]:
    """Compare the lines of every stock-in with its moves into a store."""
    rows = StockMove.objects.filter(
        document_type=StockIn.label(), location__warehouse__kind__in=Warehouse.USABLE
    )
    moved: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for stock_in, item, total in (
        rows.order_by().values_list("document_id", "item").annotate(sum=Sum("quantity"))
    ):
        moved[stock_in, item] = total
    said: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    posted = StockInLine.objects.filter(stock_in__state=StockIn.State.POSTED).order_by()
    for stock_in, item, total in posted.values_list("stock_in", "item").annotate(sum=Sum("quantity")):
        said[stock_in, item] = total
    for key in sorted(moved.keys() | said.keys()):
        if moved[key] != said[key]:
            yield f"stock-in {key[0]}: {moved[key]} of item {key[1]} moved, it says {said[key]}"


@invariant("a work order has drawn from the store what its pick lists say")
def drawn() -> Iterator[str]:
    """Compare what every pick list says was issued with what it moved out of the store."""
    rows = StockMove.objects.filter(
        document_type=PickList.label(), location__warehouse__kind__in=Warehouse.USABLE
    )
    moved = dict(rows.order_by().values_list("document_id").annotate(sum=Sum("quantity")))
    said = PickList.objects.order_by("pk").annotate(sum=Sum("lines__issued")).values_list("pk", "sum")
    for pk, total in said:
        if (total or 0) != -moved.get(pk, Decimal()):
            yield f"pick list {pk}: {total} issued, {-moved.get(pk, Decimal())} left the store"
