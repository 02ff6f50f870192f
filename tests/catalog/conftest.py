"""A store with its goods, and short words for what the ledger does with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

import pytest
from django.db import transaction
from django.utils.translation import override

from catalog import stock
from catalog.models import Balance, Item, Location, Lot, StockMove
from flow import invariants
from flow.events import By
from tests.goods import Factory
from tests.people import NINE

ORDER = stock.Subject("orders.order", 1)
OTHER = stock.Subject("orders.order", 2)


@dataclass
class Store:
    """The material store of KG; each act is a transaction and a paper of its own."""

    factory: Factory
    papers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.by: By = self.factory.by("storekeeper")
        self.shelf: Location = self.factory.location("raw")
        self.floor: Location = self.factory.location("in_process")
        self.arrivals: Location = self.factory.location("quarantine")

    def paper(self) -> stock.Opening:
        """A paper that nobody saw before."""
        return stock.Opening(next(self.papers), "QC-1")

    def lot(self, item: Item, number: str, *, status: str = Lot.Status.QUALIFIED, day: int = 1) -> Lot:
        """An empty lot received on that day of March."""
        with transaction.atomic():
            return stock.open_lot(
                item=item, number=number, status=status, received_on=NINE.date().replace(day=day)
            )

    def put(
        self, item: Item, quantity: str | int, *, lot: Lot | None = None, at: Location | None = None
    ) -> list[StockMove]:
        """Post so much (a minus takes it away) at a location, the shelf unless said."""
        place = at or self.shelf
        move = stock.Move(item.pk, place.pk, Decimal(quantity), "line-1", lot.pk if lot else None)
        with transaction.atomic():
            return stock.post([move], document=self.paper(), by=self.by)

    def reserve(self, *wants: stock.Want, subject: stock.Subject = ORDER, partly: bool = False) -> Decimal:
        """Keep it; how much that was."""
        with transaction.atomic():
            rows = stock.reserve(wants, company=self.factory.kg, subject=subject, by=self.by, partly=partly)
        return sum((row.quantity for row in rows), Decimal(0))

    def release(self, subject: stock.Subject = ORDER) -> Decimal:
        """Give back all that is kept for the subject."""
        with transaction.atomic():
            return stock.release(subject=subject, by=self.by)

    def issue(
        self, *wants: stock.Want, subject: stock.Subject = ORDER, to: Location | None = None
    ) -> list[StockMove]:
        """Issue it."""
        with transaction.atomic():
            return stock.issue(
                wants,
                company=self.factory.kg,
                subject=subject,
                document=self.paper(),
                by=self.by,
                to_id=to.pk if to else None,
            )

    def there(
        self, item: Item, *, lot: Lot | None = None, at: Location | None = None
    ) -> tuple[Decimal, Decimal]:
        """(on hand, reserved) at a place."""
        row = Balance.objects.filter(item=item, location=at or self.shelf, lot=lot).first()
        return (row.quantity, row.reserved) if row else (Decimal(0), Decimal(0))

    def available(self, item: Item) -> Decimal:
        """What KG has free of it."""
        return stock.available([item.pk], company=self.factory.kg)[item.pk]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """The tests read the sentences in their source language."""
    with override("en"):
        yield


@pytest.fixture
def store(factory: Factory) -> Store:
    """The material store of KG, empty."""
    return Store(factory)


def want(item: Item, quantity: str | int, key: str = "line-1", **where: object) -> stock.Want:
    """So much of an item."""
    return stock.Want(item.pk, Decimal(quantity), key, **where)  # type: ignore[arg-type]


def broken() -> dict[str, list[str]]:
    """The proofs about the ledger that fail now."""
    return {name: found for name, found in invariants.violations().items() if found and name not in _OTHERS}


_OTHERS = {
    "document numbers are unique and gapless",
    "state and version of a document are those of its last event",
}
