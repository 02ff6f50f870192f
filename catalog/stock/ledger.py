"""Posting: moves are written once; balances follow in the same transaction, never below what is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from catalog.models import Balance, Item, Location, Lot, SerialNumber, StockMove
from catalog.stock.terms import (
    ZERO,
    Move,
    Place,
    Voucher,
    checked,
    in_transaction,
    items_of,
    plus,
    short,
)
from flow.events import By
from flow.refusals import Refused

Changes = Mapping[Place, tuple[Decimal, Decimal]]


def post(moves: Iterable[Move], *, document: Voucher, by: By) -> list[StockMove]:
    """Post `moves` on the word of `document`: all of them or none, each key once.

    Raises Refused with a sentence for every place where there is less than is taken (what is reserved does
    not count as there), for an item whose lot or serial number is not said, and for a key that was posted
    before. Raises RuntimeError outside a transaction, ValueError for a quantity finer than a thousandth.
    """
    in_transaction()
    asked = list(moves)
    with transaction.atomic():
        items = items_of(move.item_id for move in asked)
        _refuse(_unsaid(asked, items))
        changes: dict[Place, Decimal] = defaultdict(lambda: ZERO)
        for move in asked:
            changes[move.place] += checked(move.quantity, signed=True)
        apply({place: (change, ZERO) for place, change in changes.items()})
        return write(asked, document=document, by=by)


def apply(changes: Changes) -> None:
    """Change quantity and reserved of balances, in lock order. Raises Refused naming all that fall short."""
    rows = balances_at(changes)
    lacking = []
    for place in sorted(changes, key=lambda place: place.rank):
        quantity, reserved = changes[place]
        if not change(rows[place], quantity=quantity, reserved=reserved):
            lacking.append(place)
    if lacking:
        raise Refused(*_shortages(lacking, changes))


def change(row: Balance, *, quantity: Decimal, reserved: Decimal) -> bool:
    """Add to quantity and reserved of a balance if both allow it; the database decides, not what we read."""
    rows = Balance.objects.filter(pk=row.pk)
    if quantity < reserved:
        rows = rows.annotate(loose=Round(F("quantity") - F("reserved"), precision=3))
        rows = rows.filter(loose__gte=reserved - quantity)
    if reserved < 0:
        rows = rows.filter(reserved__gte=-reserved)
    return rows.update(quantity=plus("quantity", quantity), reserved=plus("reserved", reserved)) == 1


def balances_at(places: Iterable[Place]) -> dict[Place, Balance]:
    """The balances of these places; those that are missing are opened empty, in lock order."""
    wanted = set(places)
    found = _read(wanted)
    if missing := sorted(wanted - found.keys(), key=lambda place: place.rank):
        Balance.objects.bulk_create([Balance(**place._asdict()) for place in missing], ignore_conflicts=True)
        found |= _read(set(missing))
    return found


def write(moves: Sequence[Move], *, document: Voucher, by: By) -> list[StockMove]:
    """Write the rows of the ledger and carry the serial numbers along. The balances are changed already."""
    rows = [
        StockMove(
            key=f"{document.label()}:{document.pk}:{move.key}",
            item_id=move.item_id,
            location_id=move.location_id,
            lot_id=move.lot_id,
            serial_id=move.serial_id,
            quantity=move.quantity,
            document_type=document.label(),
            document_id=document.pk,
            document_number=document.number or "",
            reason=move.reason,
            by=by.actor,
            at=by.at,
        )
        for move in moves
    ]
    _carry(moves)
    keys = [row.key for row in rows]
    try:
        with transaction.atomic():
            return StockMove.objects.bulk_create(sorted(rows, key=lambda row: row.key))
    except IntegrityError:
        if len(set(keys)) == len(keys) and not StockMove.objects.filter(key__in=keys).exists():
            raise
        raise Refused(_("This was posted to stock already; it is not posted twice.")) from None


def register(*, item: Item, numbers: Sequence[str], lot: Lot | None = None) -> list[SerialNumber]:
    """Register new serial numbers of an item; they are nowhere until a move brings them in (P8).

    Raises Refused naming those that the item has already, or that are said twice.
    """
    in_transaction()
    known = set(SerialNumber.objects.filter(item=item, number__in=numbers).values_list("number", flat=True))
    taken = sorted(known | {number for number in numbers if list(numbers).count(number) > 1})
    rows = [SerialNumber(item=item, number=number, lot=lot) for number in numbers]
    if not taken:
        try:
            with transaction.atomic():
                return SerialNumber.objects.bulk_create(rows)
        except IntegrityError:
            taken = list(numbers)
    raise Refused(
        _("{item}: these serial numbers are given already: {numbers}.").format(
            item=item, numbers=", ".join(taken)
        )
    )


def _refuse(reasons: Sequence[Any]) -> None:
    if reasons:
        raise Refused(*reasons)


def _unsaid(moves: Sequence[Move], items: Mapping[int, Item]) -> list[Any]:
    """What is missing or wrong in the naming of lots and serial numbers."""
    lots = Lot.objects.in_bulk({move.lot_id for move in moves if move.lot_id})
    reasons: dict[Any, Any] = {}
    for move in moves:
        item = items[move.item_id]
        if item.lot_tracked and move.lot_id is None:
            reasons[item.pk, "lot"] = _("{item} is tracked by lot: say which lot.").format(item=item)
        if move.lot_id and lots[move.lot_id].item_id != item.pk:
            reasons[item.pk, move.lot_id] = _("Lot {lot} is not a lot of {item}.").format(
                lot=lots[move.lot_id], item=item
            )
        if item.is_serialised != (move.serial_id is not None):
            reasons[item.pk, "serial"] = (
                _("{item} has serial numbers: say which pieces.").format(item=item)
                if item.is_serialised
                else _("{item} has no serial numbers.").format(item=item)
            )
    return list(reasons.values())


def _carry(moves: Sequence[Move]) -> None:
    """Move the serial numbers, out before in. Raises Refused for one that is not where it should be."""
    carried = [(move.serial_id, move) for move in moves if move.serial_id is not None]
    lost = []
    for pk, move in sorted(carried, key=lambda pair: (pair[0], pair[1].quantity)):
        piece = Q(pk=pk, item=move.item_id)
        piece &= Q(lot__isnull=True) if move.lot_id is None else Q(lot=move.lot_id)
        here = Q(location=move.location_id) if move.quantity < 0 else Q(location__isnull=True)
        target = None if move.quantity < 0 else move.location_id
        if not SerialNumber.objects.filter(piece & here).update(location=target):
            lost.append(pk)
    if lost:
        numbers = SerialNumber.objects.filter(pk__in=lost).order_by("number")
        raise Refused(
            *[_("Serial number {number} is not where it was said to be.").format(number=s) for s in numbers]
        )


def _read(places: set[Place]) -> dict[Place, Balance]:
    rows = Balance.objects.filter(
        item_id__in={place.item_id for place in places},
        location_id__in={place.location_id for place in places},
    )
    found = {Place(row.item_id, row.location_id, row.lot_id): row for row in rows}
    return {place: row for place, row in found.items() if place in places}


def _shortages(lacking: Sequence[Place], changes: Changes) -> list[Any]:
    items = items_of(place.item_id for place in lacking)
    rows = balances_at(lacking)
    locations = Location.objects.select_related("warehouse").in_bulk({place.location_id for place in lacking})
    lots = Lot.objects.in_bulk({place.lot_id for place in lacking if place.lot_id})
    sentences = []
    for place in lacking:
        quantity, reserved = changes[place]
        where = str(locations[place.location_id])
        if place.lot_id:
            where = f"{where}, {lots[place.lot_id]}"
        sentences.append(short(items[place.item_id], reserved - quantity, rows[place].free, where))
    return sentences
