"""The status of a lot decides whether its goods may be used."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction

from catalog import stock
from catalog.models import Item, Lot, SerialNumber
from flow.refusals import Refused
from tests.catalog.conftest import ORDER, OTHER, Store, broken, want

pytestmark = pytest.mark.django_db


@pytest.mark.rule("SYS-12", "WHS-01", "WHS-07")
def test_a_passed_lot_becomes_available(store: Store) -> None:
    breaker = store.factory.breaker
    lot = store.lot(breaker, "L1", status="to_inspect")
    store.put(breaker, 5, lot=lot)
    with transaction.atomic():
        assert stock.judge(lot, status=Lot.Status.QUALIFIED, by=store.by) == []
    assert Lot.objects.get().status == "qualified"
    assert store.available(breaker) == 5


def test_a_failed_lot_gives_back_what_was_kept_of_it(store: Store) -> None:
    breaker = store.factory.breaker
    lot = store.lot(breaker, "L1")
    store.put(breaker, 5, lot=lot)
    store.reserve(want(breaker, 2))
    store.reserve(want(breaker, 1), subject=OTHER)
    with transaction.atomic():
        freed = stock.judge(lot, status=Lot.Status.NONCONFORMING, by=store.by)
    assert freed == [ORDER, OTHER]
    assert store.there(breaker, lot=lot) == (5, 0)
    assert store.available(breaker) == 0
    assert broken() == {}


@pytest.mark.rule("QUA-02", "WHS-07", "WHS-08")
def test_ninety_of_a_hundred_passed(store: Store) -> None:
    breaker = store.factory.breaker
    lot = store.lot(breaker, "L1", status="to_inspect", day=9)
    store.put(breaker, 100, lot=lot)
    with transaction.atomic():
        bad = stock.split(
            lot,
            number="L1-B",
            quantity=Decimal(10),
            status=Lot.Status.NONCONFORMING,
            location_id=store.shelf.pk,
            document=store.paper(),
            key="line-1",
            by=store.by,
        )
        stock.judge(lot, status=Lot.Status.QUALIFIED, by=store.by)
    assert (store.available(breaker), store.there(breaker, lot=bad)) == (90, (10, 0))
    assert (bad.split_from, bad.received_on, bad.item) == (lot, lot.received_on, breaker)
    assert broken() == {}


def test_no_more_is_split_off_than_there_is(store: Store) -> None:
    breaker = store.factory.breaker
    lot = store.lot(breaker, "L1", status="to_inspect")
    store.put(breaker, 5, lot=lot)
    with pytest.raises(Refused, match=r"L1: needs 6, available 5"), transaction.atomic():
        stock.split(
            lot,
            number="L1-B",
            quantity=Decimal(6),
            status=Lot.Status.NONCONFORMING,
            location_id=store.shelf.pk,
            document=store.paper(),
            key="line-1",
            by=store.by,
        )
    assert Lot.objects.count() == 1


def test_serial_numbers_go_with_the_part_split_off(store: Store) -> None:
    item = Item.objects.create(
        code="METER", name="电能表", unit=store.factory.breaker.unit, is_serialised=True, lot_tracked=True
    )
    lot = store.lot(item, "L1")
    with transaction.atomic():
        first, second = stock.register(item=item, numbers=["S1", "S2"], lot=lot)
        moves = [
            stock.Move(item.pk, store.shelf.pk, Decimal(1), piece.number, lot.pk, piece.pk)
            for piece in (first, second)
        ]
        stock.post(moves, document=store.paper(), by=store.by)
        bad = stock.split(
            lot,
            number="L1-B",
            quantity=Decimal(1),
            status=Lot.Status.NONCONFORMING,
            location_id=store.shelf.pk,
            document=store.paper(),
            key="line-1",
            by=store.by,
            serial_ids=(second.pk,),
        )
    assert dict(SerialNumber.objects.values_list("number", "lot")) == {"S1": lot.pk, "S2": bad.pk}
    assert broken() == {}


def test_a_lot_number_is_used_once_an_item(store: Store) -> None:
    store.lot(store.factory.breaker, "L1")
    store.lot(store.factory.copper, "L1")
    with pytest.raises(Refused, match="has a lot L1 already"):
        store.lot(store.factory.breaker, "L1")


def test_the_status_of_a_lot_is_never_empty(store: Store) -> None:
    assert Lot._meta.get_field("status").null is False
    assert store.lot(store.factory.breaker, "L1", status=Lot.Status.TO_INSPECT).get_status_display()
