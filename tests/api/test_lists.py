"""Lists over REST: what the screen declares and nothing else, in pages that miss and repeat nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from flow import actions, cases
from flow.events import By
from orders.models import Order
from tests.api.conftest import ORDERS, Caller
from tests.goods import Factory

pytestmark = pytest.mark.django_db


def fill(factory: Factory, count: int) -> None:
    """So many orders, every third without a class, with few different dates."""
    by = By(factory.person("sales_clerk"), timezone.now())
    with cases.transact():
        for n in range(count):
            actions.draft(
                Order,
                by=by,
                company=factory.kg,
                number=f"T-{n:04d}-{Order.objects.count()}",
                customer=factory.customer,
                channel="phone",
                delivery_on=timezone.localdate() + timedelta(days=n % 3),
                order_class="" if n % 3 else "regular",
                is_project=bool(n % 2),
                project_name="P" if n % 2 else "",
            )


def walk(caller: Caller, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """All rows of a list, page after page."""
    answer = caller.get(ORDERS, asked)
    rows = []
    while True:
        assert answer.status_code == 200, answer.json()
        rows += answer.json()["results"]
        if answer.json()["next"] is None:
            return rows
        answer = caller.get(answer.json()["next"])


@pytest.mark.parametrize(
    "ordering",
    ["", "number", "-number", "delivery_on", "-delivery_on", "customer", "order_class", "-created_at"],
)
def test_pages_miss_and_repeat_nothing(factory: Factory, clerk: Caller, ordering: str) -> None:
    fill(factory, 23)
    rows = walk(clerk, {"ordering": ordering, "page_size": 4})
    assert len(rows) == len({row["id"] for row in rows}) == 23
    name = ordering.removeprefix("-")
    if name in ("number", "delivery_on"):
        values = [row[name] for row in rows]
        assert values == sorted(values, reverse=ordering.startswith("-"))


def test_filters_and_search(factory: Factory, clerk: Caller) -> None:
    fill(factory, 12)
    assert len(walk(clerk, {"is_project": "true"})) == 6
    assert len(walk(clerk, {"order_class": "regular", "customer": "C001"})) == 4
    assert len(walk(clerk, {"state": ["received", "confirmed"]})) == 12
    assert [row["number"] for row in walk(clerk, {"q": "T-0007"})] == ["T-0007-7"]
    assert len(walk(clerk, {"q": "华东"})) == 12
    assert walk(clerk, {"q": "%"}) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"state": "nonsense"},
        {"customer": "nobody"},
        {"is_project": "perhaps"},
        {"case__title": "x"},
        {"created_by__password__startswith": "a"},
        {"ordering": "created_by__password"},
        {"ordering": "customer__phone"},
        {"cursor": "nonsense"},
        {"cursor": "\x00"},
        {"page_size": "0"},
        {"page_size": "201"},
        {"page_size": "９"},
        {"page_size": "1e3"},
        {"q": "\x00"},
        {"q": "x" * 101},
        {"customer": "\x00"},
        {"customer": "9" * 50},
    ],
)
def test_a_wrong_question_is_answered_in_order(clerk: Caller, asked: dict[str, str]) -> None:
    answer = clerk.get(ORDERS, asked)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == list(asked)


def test_a_place_belongs_to_its_order(factory: Factory, clerk: Caller) -> None:
    fill(factory, 3)
    following = clerk.get(ORDERS, {"page_size": 1}).json()["next"]
    assert clerk.get(following + "&ordering=number").status_code == 422


@pytest.mark.parametrize(
    "asked",
    [{"verb": "no.such.verb"}, {"case": "x"}, {"subject": "org.person"}, {"cursor": "x"}, {"actor": "1"}],
)
def test_wrong_questions_about_events(clerk: Caller, asked: dict[str, str]) -> None:
    assert clerk.get("/api/v1/events/", asked).status_code == 422


def test_ten_rows_or_a_thousand_take_the_same_queries(factory: Factory, clerk: Caller) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert clerk.get(ORDERS, {"page_size": 200}).status_code == 200
        return len(seen)

    fill(factory, 10)
    queries()
    few = queries()
    fill(factory, 990)
    assert queries() == few
    assert few <= 6
