"""The words of the stock ledger: what is moved or wanted, for whom, and which paper says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from catalog.models import Item

ZERO = Decimal(0)
STEP = Decimal("0.001")
MOST = Decimal(10) ** 12


class Voucher(Protocol):
    """The paper that says so: any document, or an opening."""

    @property
    def pk(self) -> Any:
        """Its id."""

    @property
    def number(self) -> Any:
        """Its number, if it has one."""

    def label(self) -> str:
        """The public name of its type."""


@dataclass(frozen=True)
class Opening:
    """期初: the count taken when the ledger was opened; there was no document before it."""

    pk: int
    number: str = ""

    @classmethod
    def label(cls) -> str:
        """The public name among the documents."""
        return "catalog.opening"


class Subject(NamedTuple):
    """For whom stock is kept: an order, an order line, a work order."""

    type: str
    id: int

    @classmethod
    def of(cls, document: Voucher) -> Subject:
        """A document as the one for whom stock is kept."""
        return cls(document.label(), document.pk)


class Place(NamedTuple):
    """Where something lies: the identity of a balance. Its sort order is the lock order."""

    item_id: int
    location_id: int
    lot_id: int | None = None

    @property
    def rank(self) -> tuple[int, int, int]:
        """The lock order; goods without a lot come first."""
        return self.item_id, self.location_id, self.lot_id or 0


@dataclass(frozen=True)
class Move:
    """A signed quantity at a place. `key` is unique within the document that says so (`line-12-in`)."""

    item_id: int
    location_id: int
    quantity: Decimal
    key: str
    lot_id: int | None = None
    serial_id: int | None = None
    reason: str = ""

    @property
    def place(self) -> Place:
        """The balance it changes."""
        return Place(self.item_id, self.location_id, self.lot_id)


@dataclass(frozen=True)
class Want:
    """So much of an item, wherever it lies, or from one location or lot; serialised items name the pieces.

    `key` is unique within the document that issues it; a mere reservation needs none.
    """

    item_id: int
    quantity: Decimal
    key: str = ""
    location_id: int | None = None
    lot_id: int | None = None
    serial_ids: tuple[int, ...] = ()

    def takes(self, place: Place) -> bool:
        """Whether goods from that place serve it."""
        return (
            self.item_id == place.item_id
            and self.location_id in (None, place.location_id)
            and self.lot_id in (None, place.lot_id)
        )


def transfer(
    *,
    item_id: int,
    quantity: Decimal,
    key: str,
    from_id: int,
    to_id: int,
    lot_id: int | None = None,
    serial_id: int | None = None,
    reason: str = "",
) -> tuple[Move, Move]:
    """The two moves that carry `quantity` from one location to another."""
    out = Move(item_id, from_id, -quantity, f"{key}-out", lot_id, serial_id, reason)
    return out, Move(item_id, to_id, quantity, f"{key}-in", lot_id, serial_id, reason)


def in_transaction() -> None:
    """Raise RuntimeError outside a transaction: stock moves only with the action that moves it."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Stock is written in the transaction of the action that says so.")


def checked(quantity: Decimal, *, signed: bool = False) -> Decimal:
    """The quantity if the ledger can hold it exactly. Raises ValueError: input forms refuse it before."""
    if not isinstance(quantity, Decimal | int) or not Decimal(quantity).is_finite():
        raise ValueError(f"{quantity!r} is no quantity.")
    exact = Decimal(quantity)
    if not 0 < abs(exact) < MOST or exact != exact.quantize(STEP) or (exact < 0 and not signed):
        raise ValueError(f"{quantity} is no quantity that stock can hold.")
    return exact.quantize(STEP)


def plus(name: str, change: Decimal) -> Round:
    """Column plus change, rounded: SQLite computes in binary fractions, which must not pile up."""
    return Round(F(name) + change, precision=3)


def amount(quantity: Decimal) -> str:
    """A quantity as people write it: 5 and not 5.000."""
    return f"{Decimal(quantity).normalize():f}"


def short(item: Item, wanted: Decimal, available: Decimal, place: str = "") -> Any:
    """The sentence that there is not enough: 需 5 可用 3."""
    words = {"item": item, "wanted": amount(wanted), "available": amount(available), "place": place}
    if place:
        return _("{item} at {place}: needs {wanted}, available {available}.").format(**words)
    return _("{item}: needs {wanted}, available {available}.").format(**words)


def items_of(item_ids: Iterable[int]) -> dict[int, Item]:
    """The items by id. Raises Item.DoesNotExist for one that is not there. One query."""
    wanted = set(item_ids)
    found = Item.objects.in_bulk(wanted)
    if missing := wanted - found.keys():
        raise Item.DoesNotExist(f"items {sorted(missing)}")
    return found
