"""Moves are posted once, all or none, and never below what is kept for somebody."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from catalog import stock
from catalog.models import Balance, Item, SerialNumber, StockMove
from flow.refusals import Refused
from tests.catalog.conftest import OTHER, Store, broken, want

pytestmark = pytest.mark.django_db


@pytest.fixture
def meter(store: Store) -> Item:
    """A serialised item."""
    unit = store.factory.breaker.unit
    return Item.objects.create(code="METER", name="电能表", unit=unit, is_serialised=True)


def pieces(store: Store, item: Item, *numbers: str) -> list[SerialNumber]:
    """New pieces on the shelf."""
    with transaction.atomic():
        made = stock.register(item=item, numbers=numbers)
        moves = [stock.Move(item.pk, store.shelf.pk, Decimal(1), s.number, serial_id=s.pk) for s in made]
        stock.post(moves, document=store.paper(), by=store.by)
    return made


def test_a_move_changes_the_balance(store: Store) -> None:
    frame = store.factory.frame
    (row,) = store.put(frame, "10.5")
    store.put(frame, -4)
    assert store.there(frame) == (Decimal("6.5"), 0)
    assert (row.document_type, row.document_number, row.by, row.at) == (
        "catalog.opening",
        "QC-1",
        store.by.actor,
        store.by.at,
    )
    assert broken() == {}


def test_a_transfer_is_two_rows(store: Store) -> None:
    frame = store.factory.frame
    store.put(frame, 10)
    moves = stock.transfer(
        item_id=frame.pk, quantity=Decimal(4), key="l1", from_id=store.shelf.pk, to_id=store.floor.pk
    )
    with transaction.atomic():
        rows = stock.post(moves, document=store.paper(), by=store.by)
    assert sorted(row.quantity for row in rows) == [-4, 4]
    assert store.there(frame) == (6, 0)
    assert store.there(frame, at=store.floor) == (4, 0)


def test_what_a_document_says_is_posted_once(store: Store) -> None:
    frame, paper = store.factory.frame, store.paper()
    move = stock.Move(frame.pk, store.shelf.pk, Decimal(5), "line-1")
    with transaction.atomic():
        stock.post([move], document=paper, by=store.by)
    with pytest.raises(Refused, match="not posted twice"), transaction.atomic():
        stock.post([move], document=paper, by=store.by)
    with pytest.raises(Refused, match="not posted twice"), transaction.atomic():
        stock.post([move, move], document=store.paper(), by=store.by)
    assert store.there(frame) == (5, 0)
    assert StockMove.objects.count() == 1


def test_all_shortages_are_said_at_once_and_nothing_is_done(store: Store) -> None:
    frame, cabinet, other = store.factory.frame, store.factory.cabinet, store.factory.transformer
    store.put(frame, 3)
    store.put(other, 9)
    moves = [
        stock.Move(item.pk, store.shelf.pk, Decimal(-5), f"line-{item.pk}")
        for item in (frame, cabinet, other)
    ]
    with transaction.atomic():
        with pytest.raises(Refused) as refused:
            stock.post(moves, document=store.paper(), by=store.by)
        said = [str(reason) for reason in refused.value.reasons]
    # The caller caught it and committed: still nothing was done.
    assert sorted(said) == sorted(
        [
            f"BUSBAR-FRAME 母线框架 at {store.shelf}: needs 5, available 3.",
            f"KYN28A-12 铠装移开式开关柜 at {store.shelf}: needs 5, available 0.",
        ]
    )
    assert store.there(other) == (9, 0)
    assert broken() == {}


@pytest.mark.rule("WHS-24")
def test_what_is_kept_for_somebody_is_not_there_for_others(store: Store) -> None:
    frame = store.factory.frame
    store.put(frame, 10)
    store.reserve(want(frame, 8), subject=OTHER)
    with pytest.raises(Refused, match="needs 3, available 2"):
        store.put(frame, -3)
    store.put(frame, -2)
    assert store.there(frame) == (8, 8)


@pytest.mark.rule("SYS-12")
def test_a_lot_tracked_item_says_its_lot(store: Store) -> None:
    breaker = store.factory.breaker
    with pytest.raises(Refused, match=r"VS1-12 .* say which lot"):
        store.put(breaker, 1)
    with pytest.raises(Refused, match="Lot A is not a lot of"):
        store.put(store.factory.frame, 1, lot=store.lot(breaker, "A"))


@pytest.mark.parametrize("quantity", ["0", "0.0001", "NaN", "Infinity", "1e308", "1000000000000"])
def test_what_the_ledger_cannot_hold_is_an_error(store: Store, quantity: str) -> None:
    with pytest.raises(ValueError, match="no quantity"):
        store.put(store.factory.frame, quantity)


def test_stock_is_written_only_in_a_transaction(transactional_db: None) -> None:
    for write in (
        lambda: stock.post([], document=stock.Opening(1), by=None),  # type: ignore[arg-type]
        lambda: stock.reserve([], company=None, subject=OTHER, by=None),  # type: ignore[arg-type]
        lambda: stock.release(subject=OTHER, by=None),  # type: ignore[arg-type]
        lambda: stock.issue([], company=None, subject=OTHER, document=stock.Opening(1), by=None),  # type: ignore[arg-type]
    ):
        with pytest.raises(RuntimeError, match="transaction of the action"):
            write()


def test_the_ledger_is_append_only(store: Store) -> None:
    store.put(store.factory.frame, 5)
    for change in (lambda rows: rows.update(quantity=6), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change(StockMove.objects.all())


def test_the_database_itself_refuses_a_negative_or_over_reserved_balance(store: Store) -> None:
    store.put(store.factory.frame, 5)
    for change in ({"quantity": -1}, {"reserved": 6}, {"reserved": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Balance.objects.update(**change)


def test_a_serial_number_is_in_one_place(store: Store, meter: Item) -> None:
    piece, _ = pieces(store, meter, "S1", "S2")
    again = stock.Move(meter.pk, store.floor.pk, Decimal(1), "again", serial_id=piece.pk)
    with pytest.raises(Refused, match="Serial number S1 is not where"), transaction.atomic():
        stock.post([again], document=store.paper(), by=store.by)
    moves = stock.transfer(
        item_id=meter.pk,
        quantity=Decimal(1),
        key="l1",
        from_id=store.shelf.pk,
        to_id=store.floor.pk,
        serial_id=piece.pk,
    )
    with transaction.atomic():
        stock.post(moves, document=store.paper(), by=store.by)
    piece = SerialNumber.objects.get(pk=piece.pk)
    assert piece.location == store.floor
    assert store.there(meter) == (1, 0)
    assert broken() == {}


def test_a_serialised_item_names_its_pieces(store: Store, meter: Item) -> None:
    with pytest.raises(Refused, match=r"METER .* say which pieces"):
        store.put(meter, 1)
    (piece,) = pieces(store, meter, "S1")
    wrong = stock.Move(store.factory.frame.pk, store.shelf.pk, Decimal(1), "l1", serial_id=piece.pk)
    with pytest.raises(Refused, match="has no serial numbers"), transaction.atomic():
        stock.post([wrong], document=store.paper(), by=store.by)


def test_no_serial_number_is_given_twice(store: Store, meter: Item) -> None:
    pieces(store, meter, "S1", "S2")
    for numbers in (["S2", "S3"], ["S4", "S4"]):
        with pytest.raises(Refused, match=numbers[0]), transaction.atomic():
            stock.register(item=meter, numbers=numbers)
    assert SerialNumber.objects.count() == 2


def test_pieces_are_issued_by_name(store: Store, meter: Item) -> None:
    made = pieces(store, meter, "S1", "S2", "S3")
    store.reserve(want(meter, 2))
    ids = (made[0].pk, made[2].pk)
    rows = store.issue(want(meter, 2, serial_ids=ids))
    assert sorted(row.serial_id or 0 for row in rows) == sorted(ids)
    assert store.there(meter) == (1, 0)
    with pytest.raises(Refused, match="S1 is not in stock"):
        store.issue(want(meter, 1, serial_ids=ids[:1]))
    with pytest.raises(Refused, match="say which pieces"):
        store.issue(want(meter, 1))
    assert broken() == {}


def test_the_moves_of_a_document(store: Store) -> None:
    first = store.put(store.factory.frame, 5)
    store.put(store.factory.frame, 1)
    paper = stock.Opening(first[0].document_id)
    assert list(stock.moves_of(paper)) == first
