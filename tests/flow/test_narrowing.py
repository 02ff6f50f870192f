"""What narrows a list: spans of days seen from a moment, ranges, alternatives; what is none of it is said."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from flow import actions, cases, listing, narrowing
from flow.events import By
from flow.narrowing import PERIODS, period_of
from flow.policy import Viewer
from flow.refusals import Invalid
from flow.screens import Screen
from orders.models import Order
from tests.goods import Factory
from tests.people import NINE, SHANGHAI

# A Monday, the last of March, a Saturday evening, New Year's Eve a minute before midnight.
MOMENTS = (
    NINE,
    datetime(2026, 3, 31, 12, 0, tzinfo=SHANGHAI),
    datetime(2026, 3, 7, 22, 0, tzinfo=SHANGHAI),
    datetime(2026, 12, 31, 23, 59, tzinfo=SHANGHAI),
)


@pytest.mark.parametrize(
    ("word", "spans"),
    [
        ("today", [("03-02", "03-02"), ("03-31", "03-31"), ("03-07", "03-07"), ("12-31", "12-31")]),
        ("this_week", [("03-02", "03-08"), ("03-30", "04-05"), ("03-02", "03-08"), ("12-28", "01-03")]),
        ("next_week", [("03-09", "03-15"), ("04-06", "04-12"), ("03-09", "03-15"), ("01-04", "01-10")]),
        ("this_month", [("03-01", "03-31"), ("03-01", "03-31"), ("03-01", "03-31"), ("12-01", "12-31")]),
        ("next_month", [("04-01", "04-30"), ("04-01", "04-30"), ("04-01", "04-30"), ("01-01", "01-31")]),
        ("next_7_days", [("03-02", "03-08"), ("03-31", "04-06"), ("03-07", "03-13"), ("12-31", "01-06")]),
        ("last_7_days", [("02-24", "03-02"), ("03-25", "03-31"), ("03-01", "03-07"), ("12-25", "12-31")]),
        ("last_30_days", [("02-01", "03-02"), ("03-02", "03-31"), ("02-06", "03-07"), ("12-02", "12-31")]),
    ],
)
def test_a_period_is_seen_from_the_day_of_the_house(word: str, spans: list[tuple[str, str]]) -> None:
    for at, expected in zip(MOMENTS, spans, strict=True):
        first, last = period_of(word, at)
        assert first is not None
        assert last is not None
        assert (f"{first:%m-%d}", f"{last:%m-%d}") == expected


def test_before_today_has_no_beginning() -> None:
    assert period_of("past", NINE) == (None, date(2026, 3, 1))


def test_every_period_holds_whole_days_and_has_a_name() -> None:
    for word, (label, _span) in PERIODS.items():
        first, last = period_of(word, NINE)
        assert str(label)
        assert last is not None
        assert first is None or first <= last


@pytest.mark.parametrize("word", ["", "someday", "2026-02-30", "1600-01-01", "９", "-1"])
def test_what_is_no_day_is_none(word: str) -> None:
    with pytest.raises(ValidationError):
        narrowing.period_of(word or "?", NINE)


@pytest.fixture
def days(factory: Factory) -> list[Order]:
    """Orders made on three evenings a day apart, to be delivered ten days later, every second a project."""
    made = []
    for n in range(3):
        at = NINE + timedelta(days=n, hours=14, minutes=30)
        with cases.transact():
            made.append(
                actions.draft(
                    Order, by=By(factory.person("sales_clerk"), at), company=factory.kg, number=f"T-{n}",
                    customer=factory.customer, channel="phone", delivery_on=(at + timedelta(days=10)).date(),
                    is_project=bool(n % 2), project_name="P" if n % 2 else "",
                )
            )  # fmt: skip
    return made


def found(factory: Factory, query: str, role: str = "sales_clerk", at: datetime = NINE) -> list[str]:
    """The numbers of the orders that a filter leaves."""
    viewer = Viewer.of(factory.person(role), at)
    rows = listing.matching(Screen.registry["orders.order"], viewer, QueryDict(query))
    return sorted(rows.values_list("number", flat=True))


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", "012"),
        ("created_at=2026-03-03", "1"),
        ("created_at=2026-03-02&created_at=2026-03-04", "02"),
        ("created_at__from=2026-03-03", "12"),
        ("created_at__to=2026-03-03", "01"),
        ("created_at__from=2026-03-03&created_at__to=2026-03-03", "1"),
        ("created_at__from=2026-03-03T23:30:00%2B08:00", "12"),
        ("created_at__from=2026-03-03T23:30:01", "2"),
        ("created_at__to=2026-03-02T15:30:00Z", "0"),
        ("created_at__to=2026-03-02T15:29:59Z", ""),
        ("delivery_on__from=2026-03-13&delivery_on__to=2026-03-13", "1"),
        ("delivery_on=next_week", "012"),
        ("delivery_on=this_week", ""),
        ("delivery_on__from=next_week", "012"),
        ("delivery_on__to=this_week", ""),
        ("delivery_on__from=&delivery_on__to=", "012"),
        ("is_project=true", "1"),
        ("is_project=true&is_project=false", "012"),
        ("customer=C001&state=received&state=confirmed", "012"),
        ("created_by=me", "012"),
        ("created_by=me&is_project=true", "1"),
    ],
)
def test_filters_and_their_ranges(factory: Factory, days: list[Order], query: str, numbers: str) -> None:
    assert found(factory, query) == [f"T-{number}" for number in numbers]


def test_me_is_whoever_asks(factory: Factory, days: list[Order]) -> None:
    assert found(factory, "created_by=me", role="sales_leader") == []
    assert found(factory, "created_by=sales_clerk", role="sales_leader") == ["T-0", "T-1", "T-2"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("state__from=received", "state__from"),
        ("customer__to=C001", "customer__to"),
        ("is_project__from=true", "is_project__from"),
        ("remark=x", "remark"),
        ("remark__from=x", "remark__from"),
        ("delivery_on=someday", "delivery_on"),
        ("delivery_on__to=2026-13-01", "delivery_on__to"),
        ("created_at__from=9999-99-99T99:99:99", "created_at__from"),
        ("created_at__from=0001-01-01T00:00:00Z", "created_at__from"),
        ("created_by=nobody", "created_by"),
        ("customer=me", "customer"),
        ("clock=sometimes", "clock"),
        ("clock=late&clock=sometimes", "clock"),
        ("waits=you", "waits"),
        ("company=nowhere", "company"),
        ("case=x", "case"),
        ("delivery_on=%00", "delivery_on"),
        ("created_by__password__startswith=a", "created_by__password__startswith"),
        ("created_by__password__from=a", "created_by__password__from"),
    ],
)
def test_what_a_list_does_not_know_is_said_by_name(
    factory: Factory, days: list[Order], query: str, name: str
) -> None:
    with pytest.raises(Invalid) as told:
        found(factory, query)
    assert list(told.value.errors) == [name]


def test_every_list_is_narrowed_by_what_every_document_has() -> None:
    for screen in Screen.registry.values():
        assert set(narrowing.COMMON) <= set(narrowing.names(screen))
        assert len(set(narrowing.names(screen))) == len(narrowing.names(screen))
        for name in narrowing.names(screen):
            assert narrowing.filter_field(screen.model, name, None) is not None, (screen.model, name)


def test_conditions_stand_beside_the_fields(factory: Factory, days: list[Order]) -> None:
    names = {one.name for one in narrowing.conditions()}
    assert {"clock", "waits"} <= names
    for one in narrowing.conditions():
        for code, label in one.choices:
            assert str(label)
            found(factory, f"{one.name}={code}")


def test_alternatives_of_a_condition_are_added_up(factory: Factory, days: list[Order]) -> None:
    whole: list[Any] = found(factory, "clock=none&clock=late&clock=hold")
    assert whole == found(factory, "clock=none") == ["T-0", "T-1", "T-2"]
