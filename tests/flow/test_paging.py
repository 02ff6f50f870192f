"""Pages by key: forth and back they show every row once, in any order; no cursor fits another list."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from flow import actions, cases, listing, paging
from flow.events import By
from flow.listing import Page
from flow.paging import Stretch
from flow.policy import Viewer
from flow.refusals import Invalid
from flow.screens import Screen
from orders.models import Order
from tests.goods import Factory
from tests.people import NINE

SIZE, MANY = 4, 23


@pytest.fixture
def clerk(factory: Factory) -> Viewer:
    """Somebody who sees orders on few different days, some of them without an end customer."""
    by = By(factory.person("sales_clerk"), NINE)
    with cases.transact():
        for n in range(MANY):
            actions.draft(
                Order, by=by, company=factory.kg, number=f"T-{n:02d}" if n % 4 else None, channel="phone",
                customer=factory.customer, end_customer=factory.customer if n % 3 else None,
                delivery_on=date(2026, 6, 1) + timedelta(days=n % 3),
            )  # fmt: skip
    return Viewer.of(factory.person("sales_clerk"), NINE)


def page(viewer: Viewer, ordering: str, cursor: str | None = "", **more: Any) -> Page:
    """One page of the orders."""
    asked = {"ordering": ordering, "cursor": cursor or "", "page_size": str(SIZE), **more}
    return listing.page(Screen.registry["orders.order"], viewer, asked)


ORDERS = ["", "number", "-number", "delivery_on", "-delivery_on", "end_customer", "-end_customer", "clock"]


@pytest.mark.parametrize("ordering", ORDERS)
def test_forth_and_back_every_row_stands_once(clerk: Viewer, ordering: str) -> None:
    pages = [page(clerk, ordering)]
    assert pages[0].previous is None
    while pages[-1].next:
        pages.append(page(clerk, ordering, pages[-1].next))
    rows = [row.pk for one in pages for row in one.rows]
    assert len(rows) == len(set(rows)) == MANY
    assert [len(one.rows) for one in pages] == [4, 4, 4, 4, 4, 3]
    back = pages[-1]
    for earlier in reversed(pages[:-1]):
        back = page(clerk, ordering, back.previous)
        assert [row.pk for row in back.rows] == [row.pk for row in earlier.rows]
        assert back.next is not None
    assert back.previous is None


@pytest.mark.parametrize("ordering", ORDERS)
def test_all_rows_at_once_run_in_the_same_order(clerk: Viewer, ordering: str) -> None:
    first = listing.page(
        Screen.registry["orders.order"],
        clerk,
        {"ordering": ordering, "page_size": str(listing.MAX_PAGE_SIZE)},
    )
    every = listing.every(Screen.registry["orders.order"], clerk, {"ordering": ordering})
    assert [row.pk for row in every] == [row.pk for row in first.rows]
    assert first.next is None


def test_what_is_empty_comes_last_either_way(clerk: Viewer) -> None:
    for ordering in ("end_customer", "-end_customer"):
        rows = list(listing.every(Screen.registry["orders.order"], clerk, {"ordering": ordering}))
        filled = [row.end_customer_id is not None for row in rows]
        assert filled == sorted(filled, reverse=True)


def test_a_row_made_meanwhile_moves_no_page(clerk: Viewer, factory: Factory) -> None:
    first = page(clerk, "")
    with cases.transact():
        actions.draft(
            Order, by=By(clerk.person, NINE), company=factory.kg, customer=factory.customer, channel="phone",
            delivery_on=date(2026, 6, 1),
        )  # fmt: skip
    second = page(clerk, "", first.next)
    assert not {row.pk for row in first.rows} & {row.pk for row in second.rows}
    assert second.rows[0].pk == first.rows[-1].pk - 1


def test_a_cursor_belongs_to_its_order(clerk: Viewer) -> None:
    cursor = page(clerk, "delivery_on").next
    for other in ("", "-delivery_on", "number", "clock"):
        with pytest.raises(Invalid):
            page(clerk, other, cursor)
    assert page(clerk, "delivery_on", cursor, state="received").rows


@pytest.mark.parametrize("cursor", ["x", "\x00", "ab:cd:ef", "𝟙", "x" * 5000])
def test_what_is_no_cursor_is_said(clerk: Viewer, cursor: str) -> None:
    with pytest.raises(Invalid) as told:
        page(clerk, "", cursor)
    assert list(told.value.errors) == ["cursor"]


def test_a_signed_place_of_another_shape_is_refused(clerk: Viewer) -> None:
    for key in (["forth", 0, []], ["forth", 7, [1]], ["back", 0, ["x"]], ["forth", 0, [1, 2, 3]]):
        way, stretch, values = key
        cursor = paging.signing.dumps(["-", way, stretch, values], salt=paging._SALT)
        with pytest.raises(Invalid):
            listing.page(Screen.registry["orders.order"], clerk, {"cursor": cursor})


def test_an_order_that_runs_one_way_is_not_turned_round(clerk: Viewer) -> None:
    with pytest.raises(Invalid):
        page(clerk, "-clock")


def test_what_a_stretch_cannot_read_any_more_is_left_out(clerk: Viewer) -> None:
    rows = Order.objects.order_by("pk")
    stretch = Stretch(
        rows, (("pk", False),), lambda found: [None if n == 1 else one for n, one in enumerate(found)]
    )
    leaf = paging.turn([stretch], "x", "", SIZE)
    assert len(leaf.rows) == SIZE - 1
    assert leaf.next is not None
    assert len(list(paging.all_of([stretch]))) == MANY - 1


def test_long_lists_are_sorted_by_what_an_index_runs_along() -> None:
    quick = {name for name in ("number", "state", "delivery_on", "clock") if listing.quick(Order, name)}
    assert quick == {"number", "state", "delivery_on", "clock"}
    assert not any(listing.quick(Order, name) for name in ("customer", "remark", "is_project", "nonsense"))
