"""The supply and demand ledger: only added to, never more closed than open, what is open its sum."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.stock import Subject
from planning import ledger, queries
from planning.errors import PlanningError
from planning.models import Kind, OpenQuantity, PlanningEntry
from tests.planning.conftest import DUE, ORDER, Shop, line

LATER = DUE + timedelta(7)


def entries() -> list[tuple[Decimal, object]]:
    return list(PlanningEntry.objects.order_by("pk").values_list("quantity", "due_on"))


def test_what_is_announced_is_open_until_it_is_settled(cabinet: Shop):
    cabinet.announce("VS1", "10")
    assert cabinet.open() == [("VS1", "on_order", 10, DUE)]

    assert ledger.settle(source=ORDER, quantity=Decimal(4), by=cabinet.by) == 4
    assert cabinet.open() == [("VS1", "on_order", 6, DUE)]
    assert ledger.settle(source=ORDER, quantity=Decimal(6), by=cabinet.by) == 6
    assert cabinet.open() == []
    assert entries() == [(10, DUE), (-4, DUE), (-6, DUE)]


def test_more_than_is_open_is_closed_only_as_far_as_it_goes(cabinet: Shop):
    cabinet.announce("VS1", "10")
    assert ledger.settle(source=ORDER, quantity=Decimal(12), by=cabinet.by) == 10
    assert ledger.settle(source=ORDER, quantity=Decimal(1), by=cabinet.by) == 0
    assert entries() == [(10, DUE), (-10, DUE)]


def test_the_earliest_is_settled_first(cabinet: Shop):
    cabinet.announce("VS1", "5", due_on=LATER)
    cabinet.announce("VS1", "3", due_on=DUE)
    ledger.settle(source=ORDER, quantity=Decimal(4), by=cabinet.by)
    assert cabinet.open() == [("VS1", "on_order", 4, LATER)]


def test_only_the_kind_that_is_meant_is_settled(cabinet: Shop):
    task = Subject("production.work_order", 1)
    cabinet.announce("steel", "60", kind=Kind.DEPENDENT, source=task)
    cabinet.announce("frame", "5", kind=Kind.ON_MAKE, source=task)
    ledger.settle(source=task, quantity=Decimal(5), kind=Kind.ON_MAKE, by=cabinet.by)
    assert cabinet.open() == [("steel", "dependent", 60, DUE)]


def test_the_same_slot_is_added_to(cabinet: Shop):
    cabinet.announce("VS1", "10")
    same = [cabinet.announcement("VS1", "1"), cabinet.announcement("VS1", "2")]
    ledger.post(company=cabinet.company, announcements=same, by=cabinet.by)
    assert cabinet.open() == [("VS1", "on_order", 13, DUE)]
    assert OpenQuantity.objects.count() == 1


def test_a_slot_that_was_spent_is_used_again(cabinet: Shop):
    cabinet.announce("VS1", "10")
    ledger.clear(sources=[ORDER], by=cabinet.by)
    cabinet.announce("VS1", "4")
    assert cabinet.open() == [("VS1", "on_order", 4, DUE)]


def test_a_cancelled_document_leaves_nothing_open(cabinet: Shop):
    other = Subject("procurement.purchase_order_line", 2)
    cabinet.announce("VS1", "10")
    cabinet.announce("VS1", "5", due_on=LATER)
    cabinet.announce("steel", "7", source=other)
    ledger.clear(sources=[ORDER], by=cabinet.by)
    assert cabinet.open() == [("steel", "on_order", 7, DUE)]
    ledger.clear(sources=[ORDER], by=cabinet.by)
    assert len(entries()) == 5


def test_a_confirmed_day_moves_what_is_open_and_keeps_both_days_in_the_ledger(cabinet: Shop):
    cabinet.announce("VS1", "10", peg=line(1))
    ledger.settle(source=ORDER, quantity=Decimal(4), by=cabinet.by)
    ledger.move(sources=[ORDER], due_on=LATER, by=cabinet.by)
    ledger.move(sources=[ORDER], due_on=LATER, by=cabinet.by)
    assert cabinet.open() == [("VS1", "on_order", 6, LATER)]
    assert entries() == [(10, DUE), (-4, DUE), (-6, DUE), (6, LATER)]
    assert OpenQuantity.objects.get(quantity__gt=0).peg == line(1)


def test_a_move_onto_a_day_that_is_open_already_joins_it(cabinet: Shop):
    cabinet.announce("VS1", "10", due_on=DUE)
    cabinet.announce("VS1", "5", due_on=LATER)
    ledger.move(sources=[ORDER], due_on=LATER, by=cabinet.by)
    assert cabinet.open() == [("VS1", "on_order", 15, LATER)]


def test_several_days_are_moved_onto_one(cabinet: Shop):
    cabinet.announce("VS1", "10", due_on=DUE)
    cabinet.announce("VS1", "5", due_on=DUE + timedelta(1))
    ledger.move(sources=[ORDER], due_on=LATER, by=cabinet.by)
    assert cabinet.open() == [("VS1", "on_order", 15, LATER)]


def test_another_company_does_not_see_it(cabinet: Shop):
    cabinet.announce("VS1", "10")
    other = type(cabinet.company).objects.create(code="HV", name="高压", kind=cabinet.company.kind)
    assert ledger.open_by_item(company=other, item_ids=[cabinet.items["VS1"].pk]) == {}


def test_a_finer_quantity_is_rounded_up_to_the_grain_of_the_ledger(cabinet: Shop):
    cabinet.announce("steel", "1.0001")
    assert cabinet.open() == [("steel", "on_order", Decimal("1.001"), DUE)]


@pytest.mark.parametrize("bad", ["0", "-1", "1e308", "NaN"])
def test_a_senseless_quantity_is_refused(cabinet: Shop, bad: str):
    with pytest.raises(PlanningError, match="above zero"):
        cabinet.announce("VS1", bad)
    with pytest.raises(PlanningError, match="above zero"):
        ledger.settle(source=ORDER, quantity=Decimal(bad), by=cabinet.by)
    assert entries() == []


def test_the_database_refuses_to_change_or_delete_an_entry(cabinet: Shop):
    cabinet.announce("VS1", "10")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PlanningEntry.objects.update(quantity=99)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PlanningEntry.objects.all().delete()
    assert entries() == [(10, DUE)]


def test_the_database_refuses_an_open_quantity_below_zero(cabinet: Shop):
    cabinet.announce("VS1", "10")
    with pytest.raises(DatabaseError), transaction.atomic():
        OpenQuantity.objects.update(quantity=-1)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_written(shop: Shop):
    shop.item("VS1")
    for write in (
        lambda: shop.announce("VS1", "10"),
        lambda: ledger.settle(source=ORDER, quantity=Decimal(1), by=shop.by),
        lambda: ledger.clear(sources=[ORDER], by=shop.by),
        lambda: ledger.move(sources=[ORDER], due_on=LATER, by=shop.by),
    ):
        with pytest.raises(RuntimeError, match="transaction"):
            write()


def test_the_number_of_queries_does_not_grow_with_the_rows(cabinet: Shop):
    def queries_for(first: int, count: int) -> int:
        rows = [
            cabinet.announcement("VS1", "1", source=Subject("procurement.purchase_order_line", n))
            for n in range(first, first + count)
        ]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            ledger.post(company=cabinet.company, announcements=rows, by=cabinet.by)
            ledger.move(sources=[row.source for row in rows], due_on=LATER, by=cabinet.by)
            ledger.clear(sources=[row.source for row in rows], by=cabinet.by)
        return len(seen)

    assert queries_for(100, 2) == queries_for(200, 40)


def test_a_tampered_open_quantity_is_found(cabinet: Shop):
    cabinet.announce("VS1", "10")
    assert list(queries.open_quantities()) == []
    OpenQuantity.objects.update(quantity=9)
    assert len(list(queries.open_quantities())) == 1


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["post", "settle", "clear", "move"]),
        st.integers(1, 3),
        st.decimals(min_value="0.001", max_value=9, places=3),
        st.integers(0, 2),
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STEPS)
def test_any_story_leaves_what_a_plain_dictionary_says(cabinet: Shop, steps: list):
    with transaction.atomic():
        told: dict[tuple[int, int], Decimal] = {}
        for verb, source, quantity, day in steps:
            tell(cabinet, told, verb, source, quantity, day)
        kept = {
            (row.source_id, (row.due_on - DUE).days): row.quantity
            for row in OpenQuantity.objects.filter(quantity__gt=0)
        }
        assert kept == {slot: quantity for slot, quantity in told.items() if quantity}
        assert list(queries.open_quantities()) == []
        transaction.set_rollback(True)


def tell(shop: Shop, told: dict, verb: str, source: int, quantity: Decimal, day: int) -> None:
    """Do one step in the ledger and in the dictionary of (source, day) to open quantity."""
    subject, due_on = Subject("procurement.purchase_order_line", source), DUE + timedelta(day)
    slots = sorted(slot for slot in told if slot[0] == source)
    if verb == "post":
        shop.announce("VS1", str(quantity), source=subject, due_on=due_on)
        told[source, day] = told.get((source, day), Decimal(0)) + quantity
    elif verb == "settle":
        closed = ledger.settle(source=subject, quantity=quantity, by=shop.by)
        assert closed == min(quantity, sum(told[slot] for slot in slots))
        for slot in slots:
            taken = min(told[slot], closed)
            told[slot] -= taken
            closed -= taken
    elif verb == "clear":
        ledger.clear(sources=[subject], by=shop.by)
        told.update(dict.fromkeys(slots, Decimal(0)))
    else:
        ledger.move(sources=[subject], due_on=due_on, by=shop.by)
        total = sum(told[slot] for slot in slots)
        told.update(dict.fromkeys(slots, Decimal(0)))
        if total:
            told[source, day] = total
