"""Many at once: nobody gets what is not there, and nothing is lost (P8)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction

from catalog import stock
from catalog.models import Balance, Item, Lot, SerialNumber, StockMove
from catalog.stock import ledger
from flow.refusals import Refused
from flow.retry import Busy, retried
from tests.catalog.conftest import Store, broken, want
from tests.database import at_once
from tests.proofs import proven

pytestmark = pytest.mark.django_db(transaction=True)

ZERO = Decimal(0)


def outcomes(calls: list[Callable[[], Any]]) -> Counter[str]:
    """How the calls ended, made at the same moment, each tried again as an action would."""
    results = at_once([lambda call=call: retried(call) for call in calls])  # type: ignore[misc]
    return Counter(type(r).__name__ if isinstance(r, Exception) else "done" for r in results)


def url() -> str:
    """The address of the database of this test, for another process."""
    s = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{s['NAME']}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{s['NAME']}").geturl()


@pytest.mark.rule("WHS-12", "WHS-15")
def test_32_issue_from_a_stock_of_ten(store: Store) -> None:
    frame = store.factory.frame
    store.put(frame, 10)
    assert outcomes([lambda: store.issue(want(frame, 1))] * 32) == {"done": 10, "Refused": 22}
    assert store.there(frame) == (0, 0)
    assert broken() == {}
    proven("P8", injections=32, violations=0, note="32 issue one piece each from a stock of 10")


@pytest.mark.soak
def test_32_issue_and_reserve_a_thousand_times(store: Store) -> None:
    frame = store.factory.frame
    for n in range(500):
        store.put(frame, 10)
        assert outcomes([lambda: store.issue(want(frame, 1))] * 32) == {"done": 10, "Refused": 22}
        store.put(frame, 10)
        subjects = [stock.Subject("orders.order", 32 * n + m) for m in range(32)]
        calls = [lambda who=who: store.reserve(want(frame, 1), subject=who) for who in subjects]
        assert outcomes(calls) == {"done": 10, "Refused": 22}  # type: ignore[arg-type]
        for subject in subjects:
            store.release(subject)
        store.issue(want(frame, 10))
    assert store.there(frame) == (0, 0)
    assert broken() == {}
    proven("P8", injections=32_000, violations=0, note="32 issue or reserve from a stock of 10, 1,000 rounds")


def test_32_reserve_from_a_stock_of_ten(store: Store) -> None:
    frame = store.factory.frame
    store.put(frame, 10)
    calls = [
        lambda n=n: store.reserve(want(frame, 1), subject=stock.Subject("orders.order", n)) for n in range(32)
    ]
    assert outcomes(calls) == {"done": 10, "Refused": 22}  # type: ignore[arg-type]
    assert store.there(frame) == (10, 10)
    assert broken() == {}


def test_the_conditional_update_alone_is_enough(store: Store) -> None:
    """32 callers have all read a stock of ten before any of them writes: ten succeed."""
    store.put(store.factory.frame, 10)
    read = threading.Barrier(32)

    def take() -> bool:
        row = Balance.objects.get()
        read.wait(timeout=30)
        return ledger.change(row, quantity=Decimal(-1), reserved=ZERO)

    assert Counter(at_once([take] * 32)) == {True: 10, False: 22}
    assert Balance.objects.get().quantity == 0


def test_without_the_conditional_update_goods_are_issued_that_do_not_exist(store: Store) -> None:
    """The twin of the test above, with read, check, write: all 32 take a piece of a stock of ten."""
    store.put(store.factory.frame, 10)
    read = threading.Barrier(32)

    def take() -> bool:
        row = Balance.objects.get()
        read.wait(timeout=30)
        if row.quantity < 1:
            return False
        row.quantity -= 1
        row.save(update_fields=["quantity"])
        return True

    assert Counter(at_once([take] * 32)) == {True: 32}
    assert Balance.objects.get().quantity == 9
    proven("P8", injections=32, violations=0, note="the twin: read, check, write takes 32 from a stock of 10")
    assert broken().keys() == {"stock balances are the sums of their moves"}


def test_processes_issue_from_a_stock_of_ten(store: Store) -> None:
    frame = store.factory.frame
    store.put(frame, 10)
    environment = {**os.environ, "DATABASE_URL": url(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.catalog.issuer", str(frame.pk), str(1000 + n), "8"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(4)
    ]
    said = [process.communicate(timeout=120) for process in started]
    assert [err for process, (_out, err) in zip(started, said, strict=True) if process.returncode] == []
    assert sum(int(out) for out, _err in said) == 10
    assert store.there(frame) == (0, 0)
    assert broken() == {}


def test_the_same_paper_at_once_is_posted_once(store: Store) -> None:
    frame, paper = store.factory.frame, store.paper()
    move = stock.Move(frame.pk, store.shelf.pk, Decimal(5), "line-1")

    def post() -> None:
        with transaction.atomic():
            stock.post([move], document=paper, by=store.by)

    assert outcomes([post] * 16) == {"done": 1, "Refused": 15}
    assert store.there(frame) == (5, 0)


def test_papers_that_name_the_same_items_in_other_orders_do_not_lock_each_other_out(store: Store) -> None:
    items = [store.factory.frame, store.factory.cabinet, store.factory.transformer]
    for item in items:
        store.put(item, 100)

    def issue(order: list[Item]) -> None:
        store.issue(*[want(item, 1, f"line-{item.pk}") for item in order])

    calls = [lambda n=n: issue(random.Random(n).sample(items, 3)) for n in range(24)]
    assert outcomes(calls) == {"done": 24}  # type: ignore[arg-type]
    assert {store.there(item)[0] for item in items} == {76}
    assert broken() == {}


def test_a_piece_goes_to_one_of_many(store: Store) -> None:
    meter = Item.objects.create(
        code="METER", name="电能表", unit=store.factory.frame.unit, is_serialised=True
    )
    with transaction.atomic():
        (piece,) = stock.register(item=meter, numbers=["S1"])
        stock.post(
            [stock.Move(meter.pk, store.shelf.pk, Decimal(1), "l1", serial_id=piece.pk)],
            document=store.paper(),
            by=store.by,
        )
    calls = [lambda: store.issue(want(meter, 1, serial_ids=(piece.pk,)))] * 16
    assert outcomes(calls) == {"done": 1, "Refused": 15}
    assert SerialNumber.objects.get().location is None
    assert broken() == {}


def test_a_lot_is_judged_while_others_take_from_it(store: Store) -> None:
    """Whoever comes after the judgement gets nothing; what was kept before is given back."""
    breaker = store.factory.breaker
    lot = store.lot(breaker, "L1")
    store.put(breaker, 100, lot=lot)

    def judge() -> None:
        with transaction.atomic():
            stock.judge(lot, status=Lot.Status.NONCONFORMING, by=store.by)

    calls = (
        [lambda: store.reserve(want(breaker, 1))] * 10
        + [judge]
        + [lambda: store.issue(want(breaker, 1))] * 10
    )
    ended = outcomes(calls)
    assert set(ended) <= {"done", "Refused"}
    assert store.there(breaker, lot=lot)[1] == 0
    assert store.available(breaker) == 0
    assert broken() == {}


def storm(store: Store, *, threads: int, rounds: int) -> None:
    """Each thread puts, takes, keeps, issues and gives back at random."""
    items = [store.factory.frame, store.factory.cabinet, store.factory.transformer]
    for item in items:
        store.put(item, 20)

    def work(seed: int) -> None:
        dice = random.Random(seed)
        subject = stock.Subject("orders.order", seed)
        for _ in range(rounds):
            some = [
                want(i, dice.randint(1, 5), f"line-{i.pk}") for i in dice.sample(items, dice.randint(1, 3))
            ]
            act = dice.choice(
                [
                    lambda: store.put(dice.choice(items), dice.choice([-3, 2, 4])),
                    lambda some=some: store.reserve(*some, subject=subject),
                    lambda some=some: store.reserve(*some, subject=subject, partly=True),
                    lambda some=some: store.issue(*some, subject=subject),
                    lambda: store.release(subject),
                ]
            )
            try:
                retried(act)  # type: ignore[arg-type]
            except (Refused, Busy):
                continue

    failures = [r for r in at_once([lambda n=n: work(n) for n in range(threads)]) if r is not None]  # type: ignore[misc]
    assert failures == []
    assert broken() == {}
    assert not StockMove.objects.filter(quantity=0).exists()


def test_a_storm_of_everything(store: Store) -> None:
    storm(store, threads=8, rounds=12)


@pytest.mark.soak
def test_a_long_storm_of_everything(store: Store) -> None:
    storm(store, threads=32, rounds=1000)
