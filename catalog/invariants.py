"""Proofs about the stock ledger that can be run at any time (P8, P22)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Model, Sum

from catalog.models import Balance, BomVersion, Reservation, SerialNumber, StockMove
from catalog.stock.terms import STEP, ZERO
from flow.invariants import invariant


@invariant("stock balances are the sums of their moves")
def sums() -> Iterator[str]:
    """Compare every balance with the moves of its item, location and lot."""
    yield from _differences(_by_place(StockMove, "quantity"), _by_place(Balance, "quantity"), "moves")


@invariant("reserved stock is the sum of open reservations")
def reserved() -> Iterator[str]:
    """Compare what each balance says is reserved with its open reservations."""
    rows = Reservation.objects.filter(state=Reservation.State.OPEN).values_list("balance_id")
    kept = {pk: left.quantize(STEP) for pk, left in rows.annotate(left=Sum("left")).order_by()}
    said = dict(Balance.objects.exclude(reserved=0).values_list("pk", "reserved"))
    yield from _differences(kept, said, "reservations")


@invariant("a serial number is where its moves left it")
def serials() -> Iterator[str]:
    """Every piece has moves that add up to one at its place, and to nothing everywhere else."""
    rows = StockMove.objects.filter(serial__isnull=False).values_list("serial_id", "location_id")
    lies = {
        (serial, place): quantity.quantize(STEP)
        for serial, place, quantity in rows.annotate(quantity=Sum("quantity")).order_by()
        if quantity
    }
    said = SerialNumber.objects.filter(location__isnull=False).values_list("pk", "location_id")
    yield from _differences(lies, {place: Decimal(1) for place in said}, "moves")


@invariant("the balance of a serialised item is the number of its pieces there")
def pieces() -> Iterator[str]:
    """Compare balances of serialised items with the pieces that lie at the same place."""
    rows = SerialNumber.objects.filter(location__isnull=False).values_list("item_id", "location_id", "lot_id")
    counted = {(i, place, lot): Decimal(n) for i, place, lot, n in rows.annotate(n=Count("pk")).order_by()}
    said = Balance.objects.filter(item__is_serialised=True).exclude(quantity=0)
    places = said.values_list("item_id", "location_id", "lot_id", "quantity")
    yield from _differences(counted, {tuple(place): quantity for *place, quantity in places}, "pieces")


@invariant("a lot lies only where its own item lies")
def lots() -> Iterator[str]:
    """No balance of one item names a lot of another."""
    for row in Balance.objects.filter(lot__isnull=False).exclude(lot__item=F("item")):
        yield f"balance {row.pk} of item {row.item_id} names lot {row.lot_id} of another item"


@invariant("an issued bill of material has lines")
def bills() -> Iterator[str]:
    """No issued version is empty."""
    for row in BomVersion.objects.filter(state=BomVersion.State.ISSUED, lines__isnull=True):
        yield f"bill of material {row.pk} (item {row.item_id}, version {row.number}) is issued without lines"


def _by_place(model: type[Model], name: str) -> dict[Any, Decimal]:
    rows = model._default_manager.values_list("item_id", "location_id", "lot_id").order_by()
    summed = rows.annotate(total=Sum(name))
    return {tuple(place): total.quantize(STEP) for *place, total in summed}


def _differences(found: dict[Any, Decimal], said: dict[Any, Decimal], what: str) -> Iterator[str]:
    for key in found.keys() | said.keys():
        if found.get(key, ZERO) != said.get(key, ZERO):
            yield f"{key}: said {said.get(key, ZERO)}, its {what} give {found.get(key, ZERO)}"
