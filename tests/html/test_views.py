"""Lists as people use them: chips, ranges, views that come along, saved and shared ones, columns, pages."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from desk import columns
from desk.models import SavedView
from flow import actions, cases, listing
from flow.events import By
from flow.policy import Viewer
from flow.screens import Screen
from orders.models import Order
from org.models import Membership
from tests.html.test_lists import LIST, numbers
from tests.people import NINE, SINCE
from tests.story import Story

pytestmark = pytest.mark.django_db
SAVE = f"{LIST}views/"


def fill(story: Story, count: int) -> None:
    """So many orders more, on few different days."""
    by = By(story.factory.person("sales_clerk"), timezone.now())
    with cases.transact():
        for n in range(count):
            actions.draft(
                Order, by=by, company=story.company, number=f"T-{Order.objects.count():05d}",
                customer=story.factory.customer, channel="phone",
                delivery_on=timezone.localdate() + timedelta(days=n % 3),
            )  # fmt: skip


def save(client: Client, **said: Any) -> SavedView:
    """Save the list as a view; the view."""
    client.post(SAVE, {"name": "我的", "query": "", "columns": "", **said})
    return SavedView.objects.latest("pk")


def shown(page: Any) -> list[str]:
    """The conditions that a page says are in force."""
    found = re.findall(r'<span class="cond"><i>([^<]+)</i>([^<]*)<a', page.content.decode())
    return [f"{title}: {text}" for title, text in found]


def test_conditions_are_said_and_each_can_be_taken_away(at_desk: Any, story: Story) -> None:
    story.received(delivery_on=date(2026, 6, 30))
    Story(story.factory).confirmed()
    client = at_desk("sales_clerk")
    asked = {"state": ["received", "confirmed"], "delivery_on__from": "2026-06-01", "created_by": "me"}
    page = client.get(LIST, asked)
    assert shown(page) == [
        "State: Received、Requirements confirmed", "Delivery date: from 2026-06-01", "Created by: me",
    ]  # fmt: skip
    assert len(numbers(page)) == 2
    without = re.search(r'<a href="([^"]+)" aria-label="Take away: state', page.content.decode())
    assert without
    again = client.get(LIST + without[1].replace("&amp;", "&"))
    assert "State" not in "".join(shown(again))
    assert "Delivery date: from 2026-06-01" in shown(again)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"delivery_on__from": "2026-06-30", "delivery_on__to": "2026-06-30"}, 1),
        ({"delivery_on__to": "2026-06-29"}, 0),
        ({"delivery_on": "2026-06-30"}, 1),
        ({"delivery_on": "past"}, 1),
        ({"delivery_on": "next_week"}, 0),
        ({"created_at": "2026-03-02"}, 1),
        ({"created_at__from": "2026-03-03"}, 0),
        ({"created_at__to": "2026-03-02T08:59:59+08:00"}, 0),
        ({"created_by": "me"}, 1),
        ({"created_by": "buyer"}, 0),
        ({"is_project": "true"}, 0),
        ({"is_project": ["true", "false"]}, 1),
        ({"clock": "none"}, 1),
        ({"clock": "late"}, 0),
        ({"clock": ["none", "late"]}, 1),
        ({"waits": "me"}, 1),
    ],
)
def test_what_narrows_a_list(at_desk: Any, story: Story, asked: dict[str, Any], found: int) -> None:
    story.received(delivery_on=date(2026, 6, 30))
    assert len(numbers(at_desk("sales_clerk").get(LIST, asked))) == found


def test_a_period_moves_with_the_day(story: Story) -> None:
    screen = Screen.registry["orders.order"]
    story.received(delivery_on=date(2026, 3, 6))
    clerk = story.factory.person("sales_clerk")
    for later, fits in ((0, True), (4, True), (7, False)):
        viewer = Viewer.of(clerk, NINE + timedelta(days=later))
        rows = listing.matching(screen, viewer, QueryDict("delivery_on=this_week"))
        assert rows.exists() is fits


def test_pages_are_turned_both_ways(at_desk: Any, story: Story) -> None:
    fill(story, 120)
    client = at_desk("sales_clerk")

    def turn(page: Any, way: str) -> Any:
        found = re.search(rf'rel="{way}" href="([^"]+)"', page.content.decode())
        return client.get(LIST + found[1].replace("&amp;", "&")) if found else None

    def keys(page: Any) -> list[str]:
        return re.findall(r">(T-\d+)</a>", page.content.decode())

    first = client.get(LIST, {"ordering": "delivery_on"})
    second = turn(first, "next")
    third = turn(second, "next")
    assert (len(keys(first)), len(keys(second)), len(keys(third))) == (50, 50, 20)
    assert turn(third, "next") is None
    back = turn(third, "prev")
    assert keys(back) == keys(second)
    assert keys(turn(back, "prev")) == keys(first)
    assert turn(turn(back, "prev"), "prev") is None


def test_by_time_left_the_clocked_ones_come_first_and_nothing_is_lost(at_desk: Any, story: Story) -> None:
    plain = [Story(story.factory).received() for _n in range(3)]
    for hours in (5, 1, 3):
        Story(story.factory, at=NINE + timedelta(hours=hours)).effective()
    client = at_desk("sales_clerk")
    found, cursor = [], ""
    viewer = Viewer.of(story.factory.person("sales_clerk"), NINE)
    while True:
        asked = {"ordering": "clock", "page_size": "2", "cursor": cursor}
        page = listing.page(Screen.registry["orders.order"], viewer, asked)
        found += page.rows
        if page.next is None:
            break
        cursor = page.next
    clocked = list(Order.objects.filter(state=Order.State.EFFECTIVE).order_by("created_at"))
    assert found == [*clocked, *sorted((one.order for one in plain), key=lambda one: -one.pk)]
    assert len(numbers(client.get(LIST, {"ordering": "clock"}))) == 6
    before = {"ordering": "clock", "page_size": "2", "cursor": page.previous}
    back = listing.page(Screen.registry["orders.order"], viewer, before)
    assert back.rows == found[2:4]


def test_ten_rows_cost_as_many_queries_as_a_thousand(at_desk: Any, story: Story) -> None:
    client = at_desk("sales_clerk")
    every = list(columns.titles(Screen.registry["orders.order"], _viewer(story)))
    client.post(f"{LIST}columns/", {"column": every})

    def cost(query: str) -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"{LIST}{query}").status_code == 200
        # What is asked of which table: it says at once what came on top.
        return [(re.findall(r'(?:FROM|INTO|UPDATE) ("\w+")', one["sql"]) or [one["sql"]])[0] for one in seen]

    fill(story, 10)
    asked = ("", "?ordering=clock", "?clock=none", "?view=late", "?ordering=delivery_on&created_by=me")
    for query in asked:
        cost(query)
    few = [cost(query) for query in asked]
    fill(story, 990)
    assert [cost(query) for query in asked] == few


def _viewer(story: Story) -> Viewer:
    return Viewer.of(story.factory.person("sales_clerk"), NINE)


# ---- columns ----


def test_columns_are_chosen_and_kept_for_this_person(at_desk: Any, story: Story) -> None:
    story.received(customer_reference="K-77")
    client = at_desk("sales_clerk")
    assert "K-77" not in client.get(LIST).content.decode()
    client.post(f"{LIST}columns/", {"column": ["customer_reference", "nonsense"]})
    page = client.get(LIST).content.decode()
    assert "K-77" in page
    assert story.order.number in page
    assert "KYN28A-12" not in page
    assert "KYN28A-12" in at_desk("sales_leader").get(LIST).content.decode()
    client.post(f"{LIST}columns/", {"reset": "1"})
    assert "KYN28A-12" in client.get(LIST).content.decode()


def test_amounts_are_columns_only_of_who_may_read_them(at_desk: Any, story: Story) -> None:
    story.effective()
    assert "76,000" in at_desk("sales_clerk").get(LIST).content.decode()
    buyer = at_desk("buyer")
    buyer.post(f"{LIST}columns/", {"column": ["contract_amount", "paid", "quantity"]})
    page = buyer.get(LIST).content.decode()
    assert story.order.number in page
    assert "76,000" not in page
    assert "30%" not in page


def test_what_is_closed_is_not_guessed_by_filtering_or_sorting(at_desk: Any, story: Story) -> None:
    story.effective()
    buyer = at_desk("buyer")
    for asked in ({"amount__from": "1"}, {"ordering": "amount"}):
        assert buyer.get("/orders/contract/", asked).status_code == 400
    # A salesman elsewhere who buys here sees the contracts of both companies, but amounts only there.
    person = story.factory.person("buyer")
    Membership.objects.create(person=person, role="sales_clerk", company=story.factory.ct, starts_on=SINCE)
    both = at_desk(person)
    assert story.contract.number in both.get("/orders/contract/").content.decode()
    assert story.contract.number not in both.get("/orders/contract/", {"amount__from": "1"}).content.decode()
    assert both.get("/orders/contract/", {"ordering": "amount"}).status_code == 400
    assert "76,000" not in both.get("/orders/contract/").content.decode()


# ---- views ----


def test_views_that_come_along_answer_what_everybody_asks(at_desk: Any, story: Story) -> None:
    story.received()
    other = Story(story.factory).in_review()
    client = at_desk("sales_clerk")
    assert numbers(client.get(LIST, {"view": "waiting"})) == [story.order.number]
    assert set(numbers(client.get(LIST, {"view": "mine"}))) == {story.order.number, other.order.number}
    assert numbers(client.get(LIST, {"view": "late"})) == [other.order.number]
    counts = client.get(f"{SAVE}counts/").json()["counts"]
    assert (counts["waiting"], counts["mine"], counts["late"]) == ("1", "2", "1")
    assert 'href="/orders/order/?view=mine"' not in at_desk("buyer").get(LIST).content.decode()


def test_a_view_is_saved_changed_and_taken_away(at_desk: Any, story: Story) -> None:
    story.received()
    confirmed = Story(story.factory).confirmed()
    client = at_desk("sales_clerk")
    view = save(client, name="  要  确认 ", query="state=confirmed&nonsense=1", columns="number,state")
    assert (view.name, view.query, view.columns) == ("要 确认", "state=confirmed", ["number", "state"])
    page = client.get(LIST, {"view": view.pk})
    assert numbers(page) == [confirmed.order.number]
    assert "KYN28A-12" not in page.content.decode()
    client.post(SAVE, {"do": "change", "view": view.pk, "name": "已确认"})
    client.post(SAVE, {"do": "replace", "view": view.pk, "query": "state=received"})
    view.refresh_from_db()
    assert (view.name, view.query) == ("已确认", "state=received")
    assert numbers(client.get(LIST, {"view": view.pk})) == [story.order.number]
    client.post(SAVE, {"do": "drop", "view": view.pk})
    assert not SavedView.objects.exists()


def test_a_filter_taken_from_a_view_leaves_the_view_as_it_is(at_desk: Any, story: Story) -> None:
    story.received()
    client = at_desk("sales_clerk")
    view = save(client, query="state=confirmed")
    page = client.get(LIST, {"view": view.pk})
    assert numbers(page) == []
    without = re.search(r'<a href="([^"]+)" aria-label="Take away: state', page.content.decode())
    assert without
    assert numbers(client.get(LIST + without[1].replace("&amp;", "&"))) == [story.order.number]
    assert numbers(client.get(LIST, {"view": view.pk})) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_view_needs_a_name(at_desk: Any, story: Story, name: str) -> None:
    assert at_desk("sales_clerk").post(SAVE, {"name": name}).status_code == 302
    assert not SavedView.objects.exists()


def test_a_name_is_given_once_and_a_wrong_filter_is_not_saved(at_desk: Any, story: Story) -> None:
    client = at_desk("sales_clerk")
    for said in ({}, {}, {"name": "错", "query": "state=nonsense"}):
        save(client, **said) if not said else client.post(SAVE, {"name": "我的", **said})
    assert [view.name for view in SavedView.objects.all()] == ["我的"]


def test_a_view_is_private_until_it_is_shared_with_a_post_of_ones_own(at_desk: Any, story: Story) -> None:
    clerk = at_desk("sales_clerk")
    colleague = at_desk(story.factory.appoint("sales_clerk", username="clerk2"))
    abroad = at_desk(story.factory.person("sales_clerk", story.factory.ct))
    view = save(clerk, name="内勤的")
    assert "内勤的" not in colleague.get(LIST).content.decode()
    assert clerk.post(SAVE, {"name": "别人的", "roles": ["buyer"]}).status_code == 403
    clerk.post(SAVE, {"do": "change", "view": view.pk, "name": "内勤的", "roles": ["sales_clerk"]})
    assert "内勤的" in colleague.get(LIST).content.decode()
    assert "内勤的" not in at_desk("buyer").get(LIST).content.decode()
    assert "内勤的" not in abroad.get(LIST).content.decode()
    for do in ("change", "replace", "drop"):
        assert colleague.post(SAVE, {"do": do, "view": view.pk, "name": "抢"}).status_code == 403
        assert at_desk("buyer").post(SAVE, {"do": do, "view": view.pk, "name": "抢"}).status_code == 404
    admin = at_desk("admin")
    assert admin.post(SAVE, {"do": "drop", "view": view.pk}).status_code == 302
    assert not SavedView.objects.exists()


def test_a_shared_view_shows_nobody_more_than_he_may_see(at_desk: Any, story: Story) -> None:
    story.effective()
    contracts = "/orders/contract/"
    view = SavedView.objects.create(
        label="orders.contract",
        name="大单",
        query="amount__from=1",
        columns=["number", "amount"],
        owner=_viewer(story).person,
        roles=["buyer", "sales_clerk"],
    )
    assert story.contract.number in at_desk("sales_clerk").get(contracts, {"view": view.pk}).content.decode()
    page = at_desk("buyer").get(contracts, {"view": view.pk})
    assert page.status_code == 400
    assert story.contract.number not in page.content.decode()
    stranger = at_desk(story.factory.stranger).get(contracts, {"view": view.pk})
    assert story.contract.number not in stranger.content.decode()


def test_the_value_of_a_filter_is_named_only_to_who_may_see_it(at_desk: Any, story: Story) -> None:
    story.effective()
    asked = {"order": story.order.number}
    assert f"Order: {story.order.number}" in shown(at_desk("sales_clerk").get("/orders/contract/", asked))
    stranger = at_desk(story.factory.stranger).get("/orders/contract/", asked)
    assert stranger.status_code == 400
    assert shown(stranger) == ["Order: —"]


def test_what_narrows_a_list_is_picked_by_name(at_desk: Any, story: Story) -> None:
    client = at_desk("sales_clerk")
    found = client.get(f"{LIST}choices/customer/", {"q": "华东"}).json()["results"]
    assert [entry["value"] for entry in found] == ["C001"]
    assert client.get(f"{LIST}choices/created_by/").json()["results"][0]["value"] == "me"
    assert client.get(f"{LIST}choices/state/").status_code == 404
    assert at_desk("buyer").get("/orders/payment/choices/order/", {"q": "DD"}).status_code == 404


def test_the_bar_offers_steps_and_names_the_filter_not_the_rows(at_desk: Any, story: Story) -> None:
    fill(story, 60)
    page = at_desk("sales_clerk").get(LIST, {"state": "received"}).content.decode()
    assert 'name="verb" value="confirm_requirements" data-from="received returned"' in page
    bar = page[page.index('id="bulk"') :]
    assert 'name="query" value="state=received"' in bar
    assert "all 60 rows of this filter" in bar
    assert 'value="print"' in bar
