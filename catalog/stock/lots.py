"""Lots and their status: to be inspected, qualified, nonconforming, accepted by concession (SYS-12)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from catalog.models import Balance, Item, Lot, Reservation, SerialNumber, Supplier
from catalog.stock import ledger, reserving
from catalog.stock.terms import Move, Subject, Voucher, in_transaction
from flow.events import By
from flow.refusals import Refused


def open_lot(
    *,
    item: Item,
    number: str,
    received_on: date,
    status: str = Lot.Status.TO_INSPECT,
    supplier: Supplier | None = None,
    supplier_lot: str = "",
    split_from: Lot | None = None,
) -> Lot:
    """Open a lot; nothing lies in it until a move brings it. Raises Refused when the number is taken."""
    in_transaction()
    try:
        with transaction.atomic():
            return Lot.objects.create(
                item=item,
                number=number,
                received_on=received_on,
                status=status,
                supplier=supplier,
                supplier_lot=supplier_lot,
                split_from=split_from,
            )
    except IntegrityError:
        if not Lot.objects.filter(item=item, number=number).exists():
            raise
        raise Refused(_("{item} has a lot {lot} already.").format(item=item, lot=number)) from None


def judge(lot: Lot, *, status: str, by: By) -> list[Subject]:
    """Give the lot another status. What was kept of a lot that may no longer be used is given back; the
    answer names those it was kept for, so that the caller can tell them."""
    in_transaction()
    with transaction.atomic():
        reserving.lock(Balance.objects.filter(lot=lot).values_list("pk", flat=True))
        Lot.objects.filter(pk=lot.pk).update(status=status)
        lot.status = status
        if lot.is_usable:
            return []
        kept = Reservation.objects.filter(balance__lot=lot, state=Reservation.State.OPEN)
        rows = list(kept.select_related("balance").order_by("pk"))
        reserving.give_back(rows, by=by)
        return list(dict.fromkeys(Subject(row.subject_type, row.subject_id) for row in rows))


def split(
    lot: Lot,
    *,
    number: str,
    quantity: Decimal,
    status: str,
    location_id: int,
    document: Voucher,
    key: str,
    by: By,
    serial_ids: tuple[int, ...] = (),
) -> Lot:
    """Carry `quantity` of a lot at a location into a new lot of another status: 90 of 100 passed (QUA-02).

    Serialised items name the pieces. Raises Refused when there is not that much free in the lot.
    """
    in_transaction()
    with transaction.atomic():
        part = open_lot(
            item=lot.item,
            number=number,
            received_on=lot.received_on,
            status=status,
            supplier=lot.supplier,
            supplier_lot=lot.supplier_lot,
            split_from=lot,
        )
        if len(serial_ids) != (quantity if lot.item.is_serialised else 0):
            raise Refused(_("{item} has serial numbers: say which pieces.").format(item=lot.item))
        pieces: list[tuple[int | None, Decimal]] = [(pk, Decimal(1)) for pk in serial_ids]
        for sign, side, name in ((-1, lot, "out"), (1, part, "in")):
            moves = [
                Move(lot.item_id, location_id, sign * size, f"{key}-{name}-{pk or 0}", side.pk, pk)
                for pk, size in pieces or [(None, quantity)]
            ]
            ledger.post(moves, document=document, by=by)
            # Between the two: the pieces are nowhere, and now belong to the new lot.
            SerialNumber.objects.filter(pk__in=serial_ids).update(lot=part)
        return part
