"""Each proof about the ledger finds what it is there to find (P22)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import transaction

from catalog import stock
from catalog.models import Balance, BomLine, BomVersion, Item, Lot, Reservation, SerialNumber
from tests.catalog.conftest import Store, broken, want

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(store: Store) -> Store:
    """A store with a lot, a reservation and a serial number."""
    store.put(store.factory.breaker, 5, lot=store.lot(store.factory.breaker, "L1"))
    store.reserve(want(store.factory.breaker, 2))
    meter = Item.objects.create(
        code="METER", name="电能表", unit=store.factory.breaker.unit, is_serialised=True
    )
    with transaction.atomic():
        (piece,) = stock.register(item=meter, numbers=["S1"])
        move = stock.Move(meter.pk, store.shelf.pk, Decimal(1), "l1", serial_id=piece.pk)
        stock.post([move], document=store.paper(), by=store.by)
    return store


def test_all_is_well(full: Store) -> None:
    assert broken() == {}


@pytest.mark.parametrize(
    ("damage", "proof"),
    [
        (lambda _: Balance.objects.filter(lot__isnull=False).update(quantity=6), "sums of their moves"),
        (lambda _: Balance.objects.filter(lot__isnull=False).update(reserved=1), "sum of open reservations"),
        (lambda _: Reservation.objects.update(left=1), "sum of open reservations"),
        (lambda s: SerialNumber.objects.update(location=s.floor), "where its moves left it"),
        (lambda _: SerialNumber.objects.update(location=None), "number of its pieces"),
        (lambda s: Lot.objects.update(item=s.factory.frame), "where its own item lies"),
        (
            lambda _: BomLine.objects.filter(version__in=BomVersion.objects.all()[:1]).delete(),
            "issued bill of material has lines",
        ),
    ],
)
def test_damage_is_found(full: Store, damage: Callable[[Store], object], proof: str) -> None:
    damage(full)
    assert [name for name in broken() if proof in name]
