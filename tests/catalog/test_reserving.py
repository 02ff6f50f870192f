"""Keeping, giving back and issuing: first in, first out, usable goods only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from catalog import stock
from catalog.models import Lot, Reservation
from flow.refusals import Refused
from tests.catalog.conftest import ORDER, OTHER, Store, broken, want

pytestmark = pytest.mark.django_db


def test_a_reservation_makes_stock_unavailable(store: Store) -> None:
    frame = store.factory.frame
    store.put(frame, 10)
    assert store.reserve(want(frame, 4)) == 4
    assert store.there(frame) == (10, 4)
    assert store.available(frame) == 6
    assert stock.kept_for("orders.order", [1, 2]) == {1: {frame.pk: Decimal(4)}}
    assert store.release() == 4
    assert store.available(frame) == 10
    row = Reservation.objects.get()
    assert (row.state, row.left, row.closed_by, row.closed_at) == ("released", 0, store.by.actor, store.by.at)
    assert store.release() == 0
    assert broken() == {}


def test_all_that_falls_short_is_said_at_once(store: Store) -> None:
    frame, cabinet = store.factory.frame, store.factory.cabinet
    store.put(frame, 3)
    with pytest.raises(Refused) as refused:
        store.reserve(want(frame, 2), want(frame, 3), want(cabinet, 1))
    assert [str(reason) for reason in refused.value.reasons] == [
        "BUSBAR-FRAME 母线框架: needs 5, available 3.",
        "KYN28A-12 铠装移开式开关柜: needs 1, available 0.",
    ]
    assert store.available(frame) == 3


def test_partly_keeps_what_there_is(store: Store) -> None:
    frame, cabinet = store.factory.frame, store.factory.cabinet
    store.put(frame, "2.5")
    assert store.reserve(want(frame, 4), want(cabinet, 1), partly=True) == Decimal("2.5")
    assert store.available(frame) == 0


@pytest.mark.rule("WHS-15")
def test_the_oldest_lot_goes_first(store: Store) -> None:
    breaker = store.factory.breaker
    young, old = store.lot(breaker, "YOUNG", day=20), store.lot(breaker, "OLD", day=3)
    store.put(breaker, 5, lot=young)
    store.put(breaker, 5, lot=old)
    rows = store.issue(want(breaker, 7))
    assert {row.lot: row.quantity for row in rows} == {old: -5, young: -2}


@pytest.mark.rule("WHS-15", "WHS-01")
@pytest.mark.parametrize("status", ["to_inspect", "nonconforming"])
def test_a_lot_that_is_not_qualified_is_not_issued(store: Store, status: str) -> None:
    breaker = store.factory.breaker
    lot = store.lot(breaker, "L1", status=status)
    store.put(breaker, 5, lot=lot)
    assert store.available(breaker) == 0
    for act in (store.issue, store.reserve):
        with pytest.raises(Refused) as refused:
            act(want(breaker, 1, lot_id=lot.pk))
        assert [str(reason) for reason in refused.value.reasons] == [
            f"Lot L1 of VS1-12 真空断路器 may not be used: {Lot.Status(status).label}.",
            "VS1-12 真空断路器: needs 1, available 0.",
        ]


@pytest.mark.rule("WHS-08", "WHS-15")
def test_a_lot_accepted_by_concession_is_issued(store: Store) -> None:
    breaker = store.factory.breaker
    store.put(breaker, 5, lot=store.lot(breaker, "L1", status="concession"))
    assert store.issue(want(breaker, 5))[0].quantity == -5


@pytest.mark.rule("WHS-01")
def test_goods_in_the_inspection_area_are_not_available(store: Store) -> None:
    frame = store.factory.frame
    store.put(frame, 5, at=store.arrivals)
    assert store.available(frame) == 0
    with pytest.raises(Refused):
        store.reserve(want(frame, 1))


def test_what_is_kept_for_me_is_used_first(store: Store) -> None:
    frame = store.factory.frame
    store.put(frame, 10)
    store.reserve(want(frame, 4))
    store.reserve(want(frame, 3), subject=OTHER)
    store.issue(want(frame, 6))
    assert store.there(frame) == (4, 3)
    mine = Reservation.objects.get(subject_id=ORDER.id)
    assert (mine.state, mine.left) == ("consumed", 0)
    with pytest.raises(Refused, match="needs 2, available 1"):
        store.issue(want(frame, 2))
    assert store.issue(want(frame, 3), subject=OTHER)
    assert broken() == {}


def test_a_reservation_is_used_in_parts(store: Store) -> None:
    frame = store.factory.frame
    store.put(frame, 10)
    store.reserve(want(frame, 4))
    store.reserve(want(frame, 2))
    store.issue(want(frame, 5))
    assert list(Reservation.objects.order_by("pk").values_list("left", "state")) == [
        (0, "consumed"),
        (1, "open"),
    ]
    assert store.there(frame) == (5, 1)
    assert store.release() == 1


def test_a_certain_lot_is_served_before_any_lot(store: Store) -> None:
    breaker = store.factory.breaker
    old, young = store.lot(breaker, "OLD", day=1), store.lot(breaker, "YOUNG", day=2)
    store.put(breaker, 5, lot=old)
    store.put(breaker, 5, lot=young)
    rows = store.issue(want(breaker, 5, "any"), want(breaker, 5, "old", lot_id=old.pk))
    assert {row.key.split(":")[2].split("-")[0]: row.lot for row in rows} == {"any": young, "old": old}


def test_issued_goods_can_lie_on_the_workshop_floor(store: Store) -> None:
    breaker = store.factory.breaker
    lot = store.lot(breaker, "L1")
    store.put(breaker, 5, lot=lot)
    store.issue(want(breaker, 3), to=store.floor)
    assert store.there(breaker, lot=lot) == (2, 0)
    assert store.there(breaker, lot=lot, at=store.floor) == (3, 0)
    assert store.available(breaker) == 2
    assert broken() == {}


@pytest.mark.rule("WHS-19")
def test_each_company_has_its_own_stock(store: Store) -> None:
    frame, factory = store.factory.frame, store.factory
    store.put(frame, 5)
    store.put(frame, 7, at=factory.location("raw", factory.hg))
    store.reserve(want(frame, 2))
    levels = {level.company_id: level for level in stock.balances([frame.pk])}
    assert (levels[factory.kg.pk].on_hand, levels[factory.kg.pk].reserved) == (5, 2)
    assert (levels[factory.kg.pk].available, levels[factory.hg.pk].available) == (3, 7)
    assert stock.available([frame.pk])[frame.pk] == 10
    with pytest.raises(Refused, match="needs 6, available 5"):
        store.issue(want(frame, 6))


def test_releasing_some_items_keeps_the_others(store: Store) -> None:
    frame, cabinet = store.factory.frame, store.factory.cabinet
    store.put(frame, 5)
    store.put(cabinet, 5)
    store.reserve(want(frame, 2), want(cabinet, 2))
    with transaction.atomic():
        assert stock.release(subject=ORDER, by=store.by, item_ids=[frame.pk]) == 2
    assert (store.available(frame), store.available(cabinet)) == (5, 3)


def test_what_there_is_takes_one_query(store: Store, django_assert_num_queries: Any) -> None:
    items = [store.factory.frame, store.factory.cabinet, store.factory.transformer]
    for item in items:
        store.put(item, 5)
    for asked in (items[:1], items):
        with django_assert_num_queries(1):
            assert set(stock.available([item.pk for item in asked]).values()) == {Decimal(5)}
