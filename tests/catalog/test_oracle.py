"""Any sequence of acts leaves the ledger as a plain dictionary says (P8)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Balance, Lot, Reservation
from flow.refusals import Refused
from tests.catalog.conftest import ORDER, OTHER, Store, broken, want

SUBJECTS = {1: ORDER, 2: OTHER}

quantities = st.integers(1, 12_000).map(lambda n: Decimal(n) / 1000)
acts = st.one_of(
    st.tuples(st.just("put"), st.sampled_from("AB"), quantities),
    st.tuples(st.just("take"), st.sampled_from("AB"), quantities),
    st.tuples(st.just("reserve"), st.sampled_from([1, 2]), quantities),
    st.tuples(st.just("issue"), st.sampled_from([1, 2]), quantities),
    st.tuples(st.just("release"), st.sampled_from([1, 2]), st.just(Decimal(1))),
)


class Oracle:
    """What the ledger should be: two lots, A the older, as plain numbers."""

    def __init__(self) -> None:
        self.there = {"A": Decimal(0), "B": Decimal(0)}
        self.kept = {(subject, lot): Decimal(0) for subject in (1, 2) for lot in "AB"}

    def free(self, lot: str) -> Decimal:
        return self.there[lot] - self.kept[1, lot] - self.kept[2, lot]

    def put(self, lot: str, quantity: Decimal) -> bool:
        self.there[lot] += quantity
        return True

    def take(self, lot: str, quantity: Decimal) -> bool:
        if self.free(lot) < quantity:
            return False
        self.there[lot] -= quantity
        return True

    def reserve(self, subject: int, quantity: Decimal) -> bool:
        if self.free("A") + self.free("B") < quantity:
            return False
        for lot in "AB":
            part = min(quantity, self.free(lot))
            self.kept[subject, lot] += part
            quantity -= part
        return True

    def issue(self, subject: int, quantity: Decimal) -> bool:
        mine = self.kept[subject, "A"] + self.kept[subject, "B"]
        if mine + self.free("A") + self.free("B") < quantity:
            return False
        for lot in "AB":
            part = min(quantity, self.kept[subject, lot])
            self.kept[subject, lot] -= part
            self.there[lot] -= part
            quantity -= part
        for lot in "AB":
            part = min(quantity, self.free(lot))
            self.there[lot] -= part
            quantity -= part
        return True

    def release(self, subject: int, _quantity: Decimal) -> bool:
        self.kept[subject, "A"] = self.kept[subject, "B"] = Decimal(0)
        return True


def done(store: Store, lots: dict[str, Lot], act: str, where: Any, quantity: Decimal) -> bool:
    """Do it to the ledger; whether it was not refused."""
    breaker = store.factory.breaker
    try:
        if act == "put":
            store.put(breaker, str(quantity), lot=lots[where])
        elif act == "take":
            store.put(breaker, str(-quantity), lot=lots[where])
        elif act == "reserve":
            store.reserve(want(breaker, str(quantity)), subject=SUBJECTS[where])
        elif act == "issue":
            store.issue(want(breaker, str(quantity)), subject=SUBJECTS[where])
        else:
            store.release(SUBJECTS[where])
    except Refused:
        return False
    return True


def state(lots: dict[str, Lot]) -> tuple[dict[str, Decimal], dict[tuple[int, str], Decimal]]:
    """The ledger in the shape of the oracle."""
    names = {lot.pk: name for name, lot in lots.items()}
    there = {"A": Decimal(0), "B": Decimal(0)}
    for there_is in Balance.objects.exclude(lot=None):
        there[names[there_is.lot_id]] = there_is.quantity  # type: ignore[index]
    kept = {(subject, lot): Decimal(0) for subject in (1, 2) for lot in "AB"}
    for row in Reservation.objects.filter(state="open").select_related("balance"):
        kept[row.subject_id, names[row.balance.lot_id]] += row.left  # type: ignore[index]
    return there, kept


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(acts, max_size=25))
def test_the_ledger_is_what_a_dictionary_says(store: Store, sequence: list[tuple[str, Any, Decimal]]) -> None:
    with transaction.atomic():
        breaker = store.factory.breaker
        lots = {"A": store.lot(breaker, "A", day=1), "B": store.lot(breaker, "B", day=2)}
        oracle = Oracle()
        for act, where, quantity in sequence:
            assert done(store, lots, act, where, quantity) == getattr(oracle, act)(where, quantity)
            assert state(lots) == (oracle.there, oracle.kept)
        assert broken() == {}
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_binary_fractions_do_not_pile_up(store: Store) -> None:
    """0.1 + 0.2 - 0.3 leaves nothing, also where the database computes in binary."""
    frame = store.factory.frame
    for _ in range(30):
        store.put(frame, "0.1")
        store.put(frame, "0.2")
    store.reserve(want(frame, "8.7"))
    assert store.available(frame) == Decimal("0.3")
    store.put(frame, "-0.3")
    for _ in range(29):
        store.issue(want(frame, "0.3"))
    assert store.there(frame) == (0, 0)
    assert broken() == {}
