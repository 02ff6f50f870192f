"""Keeping stock for somebody, giving it back, issuing it: first in, first out, usable goods only (WHS-15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from catalog.models import Balance, Item, Lot, Reservation, SerialNumber, StockMove, Warehouse
from catalog.stock import ledger
from catalog.stock.terms import (
    ZERO,
    Move,
    Place,
    Subject,
    Voucher,
    Want,
    checked,
    in_transaction,
    items_of,
    plus,
    short,
)
from flow.events import By
from flow.refusals import Refused
from org.models import Company


def reserve(
    wants: Iterable[Want], *, company: Company, subject: Subject, by: By, partly: bool = False
) -> list[Reservation]:
    """Keep usable stock of `company` for `subject`, oldest lots first; all wants or none.

    With `partly` what there is is kept, and the caller reads from the answer how much that was. Raises
    Refused with a sentence for every item that falls short, RuntimeError outside a transaction.
    """
    in_transaction()
    with transaction.atomic():
        stock = _Stock.locked(list(wants), company=company, subject=None)
        takes = stock.allocated(partly=partly)
        kept = _sums((take.place, take.quantity) for take in takes)
        ledger.apply({place: (ZERO, quantity) for place, quantity in kept.items()})
        rows = [
            Reservation(
                balance=stock.rows[place],
                subject_type=subject.type,
                subject_id=subject.id,
                quantity=quantity,
                left=quantity,
                by=by.actor,
                at=by.at,
            )
            for place, quantity in kept.items()
        ]
        return Reservation.objects.bulk_create(rows)


def release(*, subject: Subject, by: By, item_ids: Collection[int] | None = None) -> Decimal:
    """Give back all that is kept for `subject` (of these items); the quantity given back."""
    in_transaction()
    mine = Reservation.objects.filter(
        subject_type=subject.type, subject_id=subject.id, state=Reservation.State.OPEN
    )
    if item_ids is not None:
        mine = mine.filter(balance__item_id__in=item_ids)
    with transaction.atomic():
        lock(Balance.objects.filter(reservations__in=mine.values("pk")).values_list("pk", flat=True))
        return give_back(list(mine.select_related("balance")), by=by)


def give_back(reservations: Sequence[Reservation], *, by: By) -> Decimal:
    """Close open reservations, whose balances are locked, and free what they kept."""
    kept: dict[Place, Decimal] = defaultdict(lambda: ZERO)
    for row in reservations:
        kept[_place(row.balance)] += row.left
    ledger.apply({place: (ZERO, -quantity) for place, quantity in kept.items()})
    for row in reservations:
        _take_from(row, row.left, Reservation.State.RELEASED, by)
    return sum(kept.values(), ZERO)


def issue(
    wants: Iterable[Want],
    *,
    company: Company,
    subject: Subject,
    document: Voucher,
    by: By,
    to_id: int | None = None,
) -> list[StockMove]:
    """Issue what is wanted for `subject`: what is kept for it first, then free stock, oldest lots first.

    `to_id`: the location it goes to; without it the goods leave the ledger. All wants or none. Raises Refused
    with a sentence for every item that falls short and every named lot that may not be used.
    """
    in_transaction()
    with transaction.atomic():
        stock = _Stock.locked(_with_pieces(wants), company=company, subject=subject)
        takes = stock.allocated()
        moves = _moves(takes, to_id)
        quantities = _sums((move.place, move.quantity) for move in moves)
        kept = _sums((take.place, take.kept) for take in takes)
        ledger.apply({place: (change, -kept.get(place, ZERO)) for place, change in quantities.items()})
        stock.consume(takes, by)
        return ledger.write(moves, document=document, by=by)


class _Take(NamedTuple):
    """So much from one place for one want, of which `kept` was reserved for the subject."""

    want: Want
    place: Place
    quantity: Decimal
    kept: Decimal


@dataclass
class _Stock:
    """The usable balances of what is wanted, locked, oldest first, with what the subject has kept of them."""

    wants: list[Want]
    items: dict[int, Item]
    rows: dict[Place, Balance]
    kept: dict[Place, list[Reservation]]
    spoilt: dict[int, Lot]
    order: list[Place] = field(default_factory=list)

    @classmethod
    def locked(cls, wants: list[Want], *, company: Company, subject: Subject | None) -> _Stock:
        items = items_of(want.item_id for want in wants)
        rows = lock(
            Balance.objects.filter(
                item_id__in=items.keys(),
                location__warehouse__company=company,
                location__warehouse__kind__in=Warehouse.USABLE,
                quantity__gt=0,
            ).values_list("pk", flat=True)
        )
        # Read after the lock: a lot may have been judged while we waited.
        named = {want.lot_id for want in wants if want.lot_id}
        lots = Lot.objects.in_bulk({row.lot_id for row in rows if row.lot_id} | named)
        spoilt = {pk: lot for pk, lot in lots.items() if not lot.is_usable}
        usable = {_place(row): row for row in rows if row.lot_id not in spoilt}
        stock = cls(wants, items, usable, _kept(usable.values(), subject), spoilt)
        since = {place: lots[place.lot_id].received_on if place.lot_id else date.min for place in usable}
        stock.order = sorted(usable, key=lambda place: (since[place], place.rank))
        return stock

    def allocated(self, *, partly: bool = False) -> list[_Take]:
        """Which place serves which want. Raises Refused with all shortages, unless `partly`."""
        kept = {place: sum((row.left for row in rows), ZERO) for place, rows in self.kept.items()}
        free = {place: row.free for place, row in self.rows.items()}
        takes: list[_Take] = []
        lacking: dict[int, Decimal] = defaultdict(lambda: ZERO)
        # Who asks for a certain place or lot is served before who takes whatever there is.
        for want in sorted(self.wants, key=lambda want: (want.location_id is None) + (want.lot_id is None)):
            open_ = checked(want.quantity)
            for source in (kept, free):
                for place in self.order:
                    if (quantity := min(open_, source.get(place, ZERO))) > 0 and want.takes(place):
                        source[place] -= quantity
                        open_ -= quantity
                        takes.append(_Take(want, place, quantity, quantity if source is kept else ZERO))
            lacking[want.item_id] += open_
        if not partly and (reasons := self._reasons(lacking)):
            raise Refused(*reasons)
        return takes

    def consume(self, takes: Sequence[_Take], by: By) -> None:
        """Close or reduce the subject's reservations by what was taken from them."""
        for place, quantity in _sums((take.place, take.kept) for take in takes).items():
            for row in self.kept.get(place, ()):
                part = min(quantity, row.left)
                if part > 0:
                    _take_from(row, part, Reservation.State.CONSUMED, by)
                    quantity -= part

    def _reasons(self, lacking: Mapping[int, Decimal]) -> list[Any]:
        """A sentence for every named lot that may not be used and for every item that falls short."""
        reasons = [
            _("Lot {lot} of {item} may not be used: {status}.").format(
                lot=lot, item=self.items[lot.item_id], status=lot.get_status_display()
            )
            for pk, lot in sorted(self.spoilt.items())
            if any(want.lot_id == pk for want in self.wants)
        ]
        wanted = _sums((want.item_id, checked(want.quantity)) for want in self.wants)
        reasons += [
            short(self.items[pk], wanted[pk], wanted[pk] - missing)
            for pk, missing in lacking.items()
            if missing > 0
        ]
        return reasons


def _with_pieces(wants: Iterable[Want]) -> list[Want]:
    """The wants, with those of serialised items split by where their pieces lie. Raises Refused if unsaid."""
    asked = list(wants)
    items = items_of(want.item_id for want in asked)
    pieces = SerialNumber.objects.in_bulk({pk for want in asked for pk in want.serial_ids})
    split: list[Want] = []
    for want in asked:
        item = items[want.item_id]
        if not item.is_serialised:
            split.append(want)
            continue
        if len(set(want.serial_ids)) != want.quantity:
            raise Refused(_("{item} has serial numbers: say which pieces.").format(item=item))
        for pk in want.serial_ids:
            piece = pieces[pk]
            if piece.item_id != item.pk or piece.location_id is None:
                raise Refused(_("Serial number {number} is not in stock.").format(number=piece))
            split.append(
                replace(
                    want,
                    quantity=Decimal(1),
                    key=f"{want.key}-{pk}",
                    location_id=piece.location_id,
                    lot_id=piece.lot_id,
                    serial_ids=(pk,),
                )
            )
    return split


def lock(pks: Any) -> list[Balance]:
    """Lock these balances in lock order and read them."""
    rows = Balance.objects.select_for_update(no_key=True).filter(pk__in=pks)
    return list(rows.order_by("item_id", "location_id", F("lot_id").asc(nulls_first=True)))


def _kept(rows: Iterable[Balance], subject: Subject | None) -> dict[Place, list[Reservation]]:
    """What is kept for the subject of these balances, oldest first."""
    if subject is None:
        return {}
    places = {row.pk: _place(row) for row in rows}
    found: dict[Place, list[Reservation]] = defaultdict(list)
    for row in Reservation.objects.filter(
        subject_type=subject.type,
        subject_id=subject.id,
        state=Reservation.State.OPEN,
        balance_id__in=places.keys(),
    ).order_by("pk"):
        found[places[row.balance_id]].append(row)
    return dict(found)


def _take_from(row: Reservation, quantity: Decimal, closed_as: str, by: By) -> None:
    """Reduce an open reservation; what reaches nothing is closed. Its balance is locked."""
    row.left -= quantity
    changes: dict[str, Any] = {"left": plus("left", -quantity)}
    if not row.left:
        row.state = closed_as
        changes |= {"state": closed_as, "closed_by": by.actor, "closed_at": by.at}
    open_ = Reservation.objects.filter(pk=row.pk, state=Reservation.State.OPEN, left__gte=quantity)
    if open_.update(**changes) != 1:
        raise RuntimeError(f"Reservation {row.pk} was changed without the lock of its balance.")


def _moves(takes: Sequence[_Take], to_id: int | None) -> list[Move]:
    """The rows of the ledger for what was taken; one a want, place and piece."""
    moves: list[Move] = []
    whole: dict[tuple[str, Place], Decimal] = defaultdict(lambda: ZERO)
    pieces: dict[str, int | None] = {}
    for take in takes:
        whole[take.want.key, take.place] += take.quantity
        pieces[take.want.key] = next(iter(take.want.serial_ids), None)
    for (key, place), quantity in whole.items():
        name = f"{key}-{place.location_id}-{place.lot_id or 0}"
        out = Move(place.item_id, place.location_id, -quantity, f"{name}-out", place.lot_id, pieces[key])
        moves.append(out)
        if to_id is not None:
            moves.append(replace(out, location_id=to_id, quantity=quantity, key=f"{name}-in"))
    return moves


def _sums(pairs: Iterable[tuple[Any, Decimal]]) -> dict[Any, Decimal]:
    """The quantities added up by key."""
    total: dict[Any, Decimal] = defaultdict(lambda: ZERO)
    for key, quantity in pairs:
        total[key] += quantity
    return dict(total)


def _place(row: Balance) -> Place:
    return Place(row.item_id, row.location_id, row.lot_id)
