"""The generic list: what it shows, finds, sorts, pages and exports, and what it costs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Item
from orders.models import Order
from tests.story import Story

LIST = "/orders/order/"


def told(story: Story, count: int, **fields: Any) -> None:
    """So many more orders in the first state."""
    for _number in range(count):
        Story(story.factory).received(**fields)


def numbers(page: Any) -> list[str]:
    return re.findall(r">(DDKG2026-\d{4})</a>", page.content.decode())


def test_the_list_shows_the_columns_of_its_screen(at_desk: Any, story: Story) -> None:
    story.received()
    page = at_desk("sales_clerk").get(LIST).content.decode()
    assert story.order.number in page
    assert "华东电力公司" in page
    assert f'href="/{story.order.path}/"' in page


def test_ten_rows_cost_as_many_queries_as_fifty(at_desk: Any, story: Story) -> None:
    client = at_desk("sales_clerk")
    told(story, 10)
    client.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(LIST)
    told(story, 40)
    with CaptureQueriesContext(connection) as many:
        assert len(numbers(client.get(LIST))) == 50
    assert len(many) == len(few)


def test_home_costs_the_same_however_much_waits(at_desk: Any, story: Story) -> None:
    client = at_desk("sales_clerk")
    told(story, 2)
    client.get("/")
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    told(story, 30)
    with CaptureQueriesContext(connection) as many:
        page = client.get("/")
    assert len(many) == len(few)
    assert len(set(numbers(page))) == 20


def test_next_leads_through_all_rows_once(at_desk: Any, story: Story) -> None:
    told(story, 60)
    client = at_desk("sales_clerk")
    page = client.get(LIST, {"ordering": "delivery_on"})
    seen = numbers(page)
    follow = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
    assert follow
    rest = numbers(client.get(LIST + follow[1].replace("&amp;", "&")))
    assert len(seen) == 50
    assert len(rest) == 10
    assert not set(seen) & set(rest)


def test_search_and_filters_narrow_the_list(at_desk: Any, story: Story) -> None:
    story.received()
    confirmed = Story(story.factory).confirmed()
    client = at_desk("sales_clerk")
    assert numbers(client.get(LIST, {"state": "confirmed"})) == [confirmed.order.number]
    assert numbers(client.get(LIST, {"q": story.order.number})) == [story.order.number]
    assert numbers(client.get(LIST, {"customer": "D001"})) == []


@pytest.mark.parametrize(
    "wrong",
    [{"state": "nonsense"}, {"customer": "nobody"}, {"ordering": "case__company__id"}, {"cursor": "x" * 50}],
)
def test_what_the_list_does_not_know_is_said(at_desk: Any, story: Story, wrong: dict[str, str]) -> None:
    story.received()
    page = at_desk("sales_clerk").get(LIST, wrong)
    assert page.status_code == 400
    assert numbers(page) == []


def test_hx_request_gets_the_rows_alone(at_desk: Any, story: Story) -> None:
    story.received()
    page = at_desk("sales_clerk").get(LIST, headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith("<tr data-row")
    assert "<html" not in page


def test_the_export_cannot_carry_a_formula(at_desk: Any, story: Story) -> None:
    story.received(customer_reference='=HYPERLINK("http://x")')
    Story(story.factory).received(customer_reference="-1+1")
    answer = at_desk("sales_clerk").get(LIST, {"format": "csv"})
    text = answer.getvalue().decode("utf-8-sig")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "'=HYPERLINK" in text
    assert "'-1+1" in text
    assert story.order.number in text


def test_the_export_obeys_the_filters_and_takes_every_page(at_desk: Any, story: Story) -> None:
    told(story, 55)
    Story(story.factory).confirmed()
    answer = at_desk("sales_clerk").get(LIST, {"format": "csv", "state": "received"})
    assert len(answer.getvalue().decode().splitlines()) == 56


def test_another_company_sees_an_empty_list(at_desk: Any, story: Story) -> None:
    story.received()
    assert numbers(at_desk(story.factory.stranger).get(LIST)) == []


def test_only_who_may_create_is_offered_a_new_one(at_desk: Any, story: Story) -> None:
    assert f'href="{LIST}new/"' in at_desk("sales_clerk").get(LIST).content.decode()
    assert f'href="{LIST}new/"' not in at_desk("buyer").get(LIST).content.decode()


def test_nobody_sees_a_list_without_logging_in(client: Any, db: None) -> None:
    assert client.get(LIST).headers["Location"] == f"/login/?next={LIST}"


def test_a_number_jumps_to_its_document(at_desk: Any, story: Story) -> None:
    story.received()
    client = at_desk("sales_clerk")
    number = str(story.order.number)
    found = client.get("/find/", {"q": number.lower()})
    assert found.headers["Location"] == f"/{story.order.path}/"
    assert number in client.get("/find/", {"q": number[:8]}).content.decode()
    nothing = at_desk(story.factory.stranger).get("/find/", {"q": number})
    assert nothing.status_code == 200


def test_the_picker_offers_entries_only_to_who_fills_in_the_form(at_desk: Any, story: Story) -> None:
    address = "/pick/orders.order.receive/lines/item/"
    offered = at_desk("sales_clerk").get(address, {"q": "铠装"}).json()["results"]
    assert [entry["value"] for entry in offered] == ["KYN28A-12"]
    assert at_desk("buyer").get(address).status_code == 404
    assert at_desk("sales_clerk").get("/pick/orders.order.receive/form/channel/").status_code == 404


def test_the_picker_offers_first_what_begins_with_the_letters(at_desk: Any, story: Story) -> None:
    Item.objects.create(code="BUSBAR-KYN", name="母线", unit=story.factory.cabinet.unit)
    address = "/pick/orders.order.receive/lines/item/"
    offered = at_desk("sales_clerk").get(address, {"q": "kyn"}).json()["results"]
    assert [entry["value"] for entry in offered] == ["KYN28A-12", "BUSBAR-KYN"]


def test_the_workbench_lists_what_waits_for_this_post(at_desk: Any, story: Story) -> None:
    story.received()
    assert Order.objects.get().number in at_desk("sales_clerk").get("/").content.decode()
    assert Order.objects.get().number not in at_desk("buyer").get("/").content.decode()
    assert Order.objects.get().number not in at_desk(story.factory.stranger).get("/").content.decode()
