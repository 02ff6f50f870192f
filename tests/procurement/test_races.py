"""Buyers who order the same requisition lines at once: one wins, and nobody waits for the other for ever.

Two protections stand one behind the other: the cases of the orders are locked, in ascending order, and the
count of a requisition line is a conditional UPDATE. Each is taken away here once to show what it is for.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from flow import cases, invariants
from flow.models import Case
from flow.refusals import Refused
from flow.retry import PASSING
from procurement import actions as procurement
from procurement.actions import booking
from procurement.models import PurchaseOrder, Requisition, RequisitionLine
from tests.catalog.test_races import url
from tests.database import at_once
from tests.procurement.conftest import Two

pytestmark = pytest.mark.django_db(transaction=True)
OVER = "no requisition line is ordered beyond its quantity"


def order(two: Two, lines: Iterable[RequisitionLine], quantity: int) -> PurchaseOrder:
    """The buyer orders so much of each line."""
    return procurement.purchase_order.create(
        by=two.factory.by("buyer"),
        company=two.factory.kg,
        supplier=two.factory.copper_supplier,
        lines=[{"requisition_line": line, "quantity": Decimal(quantity)} for line in lines],
    )


def broken() -> dict[str, list[str]]:
    """The invariants that do not hold."""
    return {name: found for name, found in invariants.violations().items() if found}


def ends(results: list[Any]) -> Counter[str]:
    """How the calls ended."""
    return Counter(type(result).__name__ for result in results)


@pytest.mark.rule("PUR-13", "PUR-14")
def test_of_two_buyers_of_the_same_lines_one_wins(two: Two) -> None:
    """The second is told the figures; nothing of his purchase order is left."""
    lines = two.copper
    results = at_once([lambda: order(two, lines, 25), lambda: order(two, lines[::-1], 25)])
    assert ends(results) == {"PurchaseOrder": 1, "Refused": 1}
    refused = next(result for result in results if isinstance(result, Refused))
    assert len(refused.reasons) == 2
    assert "25 wanted, but 25 of 25 are ordered already: 0 left" in str(refused.reasons[0])
    assert PurchaseOrder.objects.count() == 1
    assert [line.ordered for line in two.copper] == [25, 25]
    assert broken() == {}


def test_many_buyers_bundle_the_same_two_orders_and_never_lock_each_other_out(two: Two) -> None:
    """Twelve at once, naming the lines in this order or that: what fits is ordered, nobody is stuck."""
    lines = two.copper
    calls: list[Callable[[], Any]] = [
        partial(order, two, random.Random(n).sample(lines, 2), 5) for n in range(12)
    ]
    results = at_once(calls)
    assert ends(results) == {"PurchaseOrder": 5, "Refused": 7}
    assert [line.ordered for line in two.copper] == [25, 25]
    assert broken() == {}


def test_ordering_and_giving_back_at_once(two: Two) -> None:
    """While one discards his draft, another orders: he gets the lines or is refused, the sums are right."""
    lines = two.copper
    draft = order(two, lines, 25)
    buyer = two.factory.by("buyer")
    results = at_once(
        [lambda: procurement.purchase_order.discard(draft, by=buyer), lambda: order(two, lines, 25)]
    )
    assert ends(results[:1]) == {"PurchaseOrder": 1}
    ordered = 25 if isinstance(results[1], PurchaseOrder) else 0
    assert [line.ordered for line in two.copper] == [ordered, ordered]
    assert broken() == {}


def test_two_buyers_edit_drafts_that_need_each_others_lines(two: Two) -> None:
    """Each wants to have in his draft what is in the other's: whoever comes first is refused, in turn."""
    first, second = two.copper
    drafts = [order(two, [first], 25), order(two, [second], 25)]

    def swap(draft: PurchaseOrder, line: RequisitionLine) -> PurchaseOrder:
        return procurement.purchase_order.edit(
            draft,
            by=two.factory.by("buyer"),
            supplier=two.factory.copper_supplier,
            lines=[{"requisition_line": line, "quantity": Decimal(25)}],
        )

    results = at_once([lambda: swap(drafts[0], second), lambda: swap(drafts[1], first)])
    assert ends(results) == {"Refused": 2}
    assert [line.ordered for line in two.copper] == [25, 25]
    assert broken() == {}


def test_buyers_in_processes_of_their_own(two: Two) -> None:
    """Four processes, of which each read the lines before any of them ordered: one wins."""
    pks = [str(line.pk) for line in two.copper]
    command = [sys.executable, "-m", "tests.procurement.buyer", str(two.factory.copper_supplier.pk), "25"]
    environment = {**os.environ, "DATABASE_URL": url(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    started = [
        subprocess.Popen(
            [*command, *pks[:: 1 - 2 * (n % 2)]],
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for n in range(4)
    ]
    ready = [process.stdout.readline().strip() for process in started if process.stdout]
    assert ready == ["ready"] * 4
    said = [process.communicate("go\n", timeout=120) for process in started]
    failed = [err for process, (_out, err) in zip(started, said, strict=True) if process.returncode]
    assert failed == []
    assert Counter(out.partition(":")[0] for out, _err in said) == {"ordered 2": 1, "refused": 3}
    assert all("0 left" in out for out, _err in said if out.startswith("refused"))
    assert broken() == {}


# -- the same with a protection taken away ------------------------------------------------------------


def descending(meet: threading.Barrier) -> Callable[[Iterable[int]], None]:
    """A lock of cases that takes the highest first; both callers hold one before either asks for the next."""

    def lock(ids: Iterable[int]) -> None:
        for number, pk in enumerate(sorted(set(ids), reverse=True)):
            Case.objects.select_for_update(no_key=True).get(pk=pk)
            if number == 0:
                meet.wait(timeout=30)
        cases._locked.set(cases._held() | set(ids))

    return lock


def ascending(meet: threading.Barrier) -> Callable[[Iterable[int]], None]:
    """The same, in the order of the house."""

    def lock(ids: Iterable[int]) -> None:
        for number, pk in enumerate(sorted(set(ids))):
            Case.objects.select_for_update(no_key=True).get(pk=pk)
            if number == 0:
                meet.wait(timeout=30)
        cases._locked.set(cases._held() | set(ids))

    return lock


def test_one_who_locks_in_descending_order_is_a_deadlock(
    two: Two, postgresql: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin of the races above: of two bundling purchase orders one locks its cases the other way."""
    meet = threading.Barrier(2)
    locks = {0: ascending(meet), 1: descending(meet)}
    whose = threading.local()
    monkeypatch.setattr(cases, "lock", lambda ids: locks[whose.number](ids))

    def call(number: int) -> PurchaseOrder:
        whose.number = number
        # Inside a transaction of the test's own nothing is tried again: the deadlock is seen.
        with transaction.atomic():
            return order(two, two.copper, 25)

    results = at_once([lambda: call(0), lambda: call(1)])
    assert ends(results) == {"PurchaseOrder": 1, "OperationalError": 1}
    failure = next(result for result in results if isinstance(result, OperationalError))
    assert getattr(failure.__cause__, "pgcode", None) == "40P01"
    assert "40P01" in PASSING, "which is why an action would have tried it once more"


def test_without_the_lock_the_conditional_count_still_holds(
    two: Two, postgresql: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have read that 25 are left before either counts: the database lets one of them."""
    without_the_lock(monkeypatch, both_have_read())
    results = at_once([lambda: order(two, two.copper, 25)] * 2)
    assert ends(results) == {"PurchaseOrder": 1, "Refused": 1}
    assert [line.ordered for line in two.copper] == [25, 25]


def test_without_the_lock_and_with_read_check_write_it_is_ordered_twice(
    two: Two, postgresql: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin that shows what both protections are for: 50 kg of 25 are ordered, the invariant says so."""
    without_the_lock(monkeypatch, None)
    read = threading.Barrier(2)

    def careless(line: RequisitionLine, quantity: Decimal) -> bool:
        row = RequisitionLine.objects.get(pk=line.pk)
        read.wait(timeout=30)
        if row.left < quantity:
            return False
        row.ordered += quantity
        row.save(update_fields=["ordered"])
        return True

    monkeypatch.setattr(booking, "count", careless)
    line = two.copper[0]
    results = at_once([lambda: order(two, [line], 25)] * 2)
    assert ends(results) == {"PurchaseOrder": 2}
    assert broken()[OVER] == [
        f"requisition line {line.pk} says 25.000 are ordered, its purchase orders 50.000",
        f"requisition line {line.pk}: 50.000 ordered of 25.000",
    ]


def both_have_read() -> Callable[..., Any]:
    """A reading of the lines that waits until both callers are through with it."""
    meet, read = threading.Barrier(2), booking.read

    def together(*args: Any, **kwargs: Any) -> Any:
        found = read(*args, **kwargs)
        meet.wait(timeout=30)
        return found

    return together


def without_the_lock(monkeypatch: pytest.MonkeyPatch, reading: Callable[..., Any] | None) -> None:
    """Cases count as locked although nobody locked them."""
    monkeypatch.setattr(cases, "lock", lambda ids: cases._locked.set(cases._held() | set(ids)))
    if reading:
        monkeypatch.setattr(booking, "read", reading)
    assert connection.vendor == "postgresql", "SQLite has one writer at a time, whatever the code does"
    assert Requisition.objects.exists()
