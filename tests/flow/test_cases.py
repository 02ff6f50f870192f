"""The case is what is locked: all of an action's at once, in ascending id, and no stronger than needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from flow import cases
from flow.actions import draft
from flow.events import By
from flow.models import Case, Comment
from orders import actions as orders
from orders.models import Order
from org.models import Company, Person
from tests.database import at_once
from tests.people import NINE
from tests.story import Story


@pytest.fixture
def pair(transactional_db: None) -> list[int]:
    company = Company.objects.create(code="KG", name="开关公司", kind="product")
    return [Case.objects.create(company=company, opened_at=NINE).pk for _ in range(2)]


def both(ids: list[int], gate: threading.Barrier | None = None) -> None:
    with cases.transact():
        cases.lock(ids)


@pytest.mark.django_db(transaction=True)
def test_cases_named_in_any_order_never_deadlock(pair: list[int]) -> None:
    def often(ids: list[int]) -> None:
        for _ in range(10):
            both(ids)

    calls: list[Callable[[], Any]] = [partial(often, pair), partial(often, pair[::-1])] * 4
    assert [r for r in at_once(calls) if isinstance(r, Exception)] == []


def one_by_one(ids: Iterable[int], gate: threading.Barrier) -> None:
    """The twin: the cases one after the other, in the order named."""
    with transaction.atomic():
        for pk in ids:
            Case.objects.select_for_update(no_key=True).get(pk=pk)
            if not gate.broken and pk == next(iter(ids)):
                gate.wait(timeout=10)


@pytest.mark.django_db(transaction=True)
def test_locked_one_by_one_they_deadlock(pair: list[int], postgresql: None) -> None:
    gate = threading.Barrier(2)
    results = at_once([lambda: one_by_one(pair, gate), lambda: one_by_one(pair[::-1], gate)])
    assert any(isinstance(r, OperationalError) for r in results)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("weak", [True, False])
def test_rows_that_point_at_a_locked_case_do_not_wait(pair: list[int], postgresql: None, weak: bool) -> None:
    """With the key lock (the twin) they wait until the lock timeout."""
    person = Person.objects.create(username="somebody")
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Case.objects.select_for_update(no_key=weak).get(pk=pair[0])
            held.set()
            over.wait(timeout=20)

    def point() -> str:
        held.wait(timeout=20)
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '300ms'")
                Comment.objects.create(
                    case_id=pair[0], subject_type="orders.order", subject_id=1, by=person, at=NINE, text="…"
                )
            return "written"
        except OperationalError:
            return "waited"
        finally:
            over.set()

    assert at_once([hold, point])[1] == ("written" if weak else "waited")


def test_more_cases_after_the_first_lock_are_an_error(story: Story) -> None:
    story.received()
    other = Story(story.factory).received()
    with cases.transact():
        cases.lock([story.order.case_id])
        with pytest.raises(RuntimeError, match="before its first lock"):
            cases.lock([other.order.case_id])


def test_what_follows_needs_its_case_locked(story: Story) -> None:
    story.received()
    with cases.transact(), pytest.raises(RuntimeError, match="must be locked"):
        orders.take_effect.follow(story.order, by=story.by("sales_clerk"))


def test_an_action_never_calls_another(story: Story) -> None:
    story.received()
    with cases.transact(), pytest.raises(RuntimeError, match="never calls another"):
        orders.submit_review(story.order, by=story.by("sales_clerk"))


def test_nothing_is_locked_outside_an_action(story: Story) -> None:
    story.received()
    with pytest.raises(RuntimeError, match="inside"):
        cases.lock([story.order.case_id])


def test_a_document_is_drafted_into_a_locked_case_only(story: Story) -> None:
    order: Any = story.received().order
    by: By = story.by("sales_clerk")
    with cases.transact(), pytest.raises(RuntimeError, match="must be locked"):
        draft(
            Order,
            by=by,
            case=order.case,
            customer=order.customer,
            channel="phone",
            delivery_on=order.delivery_on,
        )


def test_a_fresh_case_serves_others_once_each(story: Story) -> None:
    served = story.received().order.case
    with cases.transact():
        case = cases.open_case(company=story.company, at=story.at, serves=[served.pk, served.pk])
        cases.link(case, [served.pk, case.pk])
    assert [link.served_id for link in case.serves.all()] == [served.pk]


def test_a_transaction_that_does_not_begin_leaves_nothing_behind(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that is busy or away for a moment: the same thread acts again afterwards."""

    def away(_self: Any) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(transaction.Atomic, "__enter__", away)
        with pytest.raises(OperationalError), cases.transact():
            pass
    with cases.transact():
        cases.lock(())
