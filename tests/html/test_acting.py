"""Acting by a page: done, refused, denied, stale, wrong, and nothing that was typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from flow.models import Event
from orders import actions as orders
from orders.models import Order
from tests.story import Story

NEW = "/orders/order/new/"
ROWS = {
    "lines-0-item": "KYN28A-12",
    "lines-0-quantity": "2",
    "lines-2-item": "KYN28A-12",
    "lines-2-quantity": "3",
}


def order_data(**changed: Any) -> dict[str, Any]:
    """A new order as the page posts it."""
    day = timezone.localdate() + timedelta(days=90)
    head = {"customer": "C001", "channel": "phone", "delivery_on": day.isoformat()}
    return {**head, **ROWS, **changed}


def version_on(page: Any) -> str:
    found = re.search(r'name="version" value="(\d+)"', page.content.decode())
    assert found
    return found[1]


def test_an_order_is_received_with_its_rows_and_blank_ones_do_not_count(at_desk: Any, story: Story) -> None:
    answer = at_desk("sales_clerk").post(NEW, order_data())
    order = Order.objects.get()
    assert answer.headers["Location"] == f"/{order.path}/"
    assert list(order.lines.values_list("quantity", flat=True)) == [2, 3]


def test_wrong_input_comes_back_with_everything_typed(at_desk: Any, story: Story) -> None:
    data = order_data(customer="", remark="老客户", **{"lines-2-quantity": "3面", "lines-4-item": "没有这个"})
    answer = at_desk("sales_clerk").post(NEW, data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert not Order.objects.exists()
    for typed in ("老客户", "3面", "没有这个"):
        assert typed in page
    assert 'name="lines-2-quantity" value="3面"' in page
    assert re.search(r'class="err num" data-column="quantity"', page)
    assert 'href="#id_lines-2-quantity"' in page
    assert 'href="#id_customer"' in page


def test_what_the_action_finds_stands_beside_its_field(at_desk: Any, story: Story) -> None:
    answer = at_desk("sales_clerk").post(NEW, order_data(delivery_on="2020-01-01"))
    assert answer.status_code == 422
    assert 'href="#id_delivery_on"' in answer.content.decode()


def test_more_rows_are_added_without_judging_what_was_typed(at_desk: Any, story: Story) -> None:
    answer = at_desk("sales_clerk").post(NEW, order_data(customer="", remark="还没写完", more_rows="1"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "还没写完" in page
    assert page.count('data-column="item"') > 6


def test_the_query_string_fills_in_the_form(at_desk: Any, story: Story) -> None:
    page = at_desk("sales_clerk").get(NEW, {"customer": "D001"}).content.decode()
    assert 'value="D001"' in page


def test_a_form_sent_twice_has_one_effect(at_desk: Any, story: Story) -> None:
    client = at_desk("sales_clerk")
    data = order_data(once="a" * 32)
    first, second = client.post(NEW, data), client.post(NEW, data)
    assert Order.objects.count() == 1
    assert first.headers["Location"] == second.headers["Location"]
    assert client.post(NEW, {**data, "remark": "anders"}).status_code == 409


def test_an_existing_order_is_edited_from_what_it_says(at_desk: Any, story: Story) -> None:
    client = at_desk("sales_clerk")
    client.post(NEW, order_data(remark="第一版"))
    order = Order.objects.get()
    page = client.get(f"/{order.path}/edit/")
    text = page.content.decode()
    assert "第一版" in text
    assert 'name="lines-1-item" value="KYN28A-12"' in text
    client.post(f"/{order.path}/edit/", order_data(remark="第二版", version=version_on(page)))
    assert Order.objects.get().remark == "第二版"


def test_a_stale_page_is_told_and_keeps_what_was_typed(at_desk: Any, story: Story) -> None:
    client = at_desk("sales_clerk")
    client.post(NEW, order_data())
    order = Order.objects.get()
    page = client.get(f"/{order.path}/edit/")
    version = version_on(page)
    client.post(f"/{order.path}/edit/", order_data(remark="别人改的", version=version))
    answer = client.post(f"/{order.path}/edit/", order_data(remark="我写的", version=version))
    assert answer.status_code == 409
    assert "我写的" in answer.content.decode()
    assert Order.objects.get().remark == "别人改的"
    assert version_on(answer) == str(Order.objects.get().version)


def test_who_may_not_is_told_who_may(at_desk: Any, story: Story) -> None:
    story.confirmed()
    client = at_desk("buyer")
    for answer in (
        client.get(f"/{story.order.path}/submit_review/"),
        client.post(f"/{story.order.path}/submit_review/"),
    ):
        assert answer.status_code == 403
        assert story.factory.person("sales_clerk").name in answer.content.decode()
    assert story.order.state == Order.State.CONFIRMED
    assert client.get(NEW).status_code == client.post(NEW, order_data()).status_code == 403


def test_the_wrong_state_is_refused_with_its_sentence(at_desk: Any, story: Story) -> None:
    story.received()
    client = at_desk("sales_clerk")
    for answer in (
        client.get(f"/{story.order.path}/submit_review/"),
        client.post(f"/{story.order.path}/submit_review/"),
    ):
        assert answer.status_code == 409
        assert str(orders.submit_review.label) in answer.content.decode()
    assert story.order.state == Order.State.RECEIVED


def test_a_consequence_has_no_page(at_desk: Any, story: Story) -> None:
    story.in_review()
    assert at_desk("gm").post(f"/{story.order.path}/approve/").status_code == 404
    assert at_desk("gm").get(f"/{story.order.path}/receive/").status_code == 404


def test_a_page_that_is_looked_at_changes_nothing(at_desk: Any, story: Story) -> None:
    story.confirmed()
    before = Event.objects.count()
    client = at_desk("sales_clerk")
    for path in ("", "submit_review/", "cancel/", "edit/"):
        client.get(f"/{story.order.path}/{path}")
    assert Event.objects.count() == before


@pytest.mark.parametrize("version", ["999999999999999999999", "-1", "x", "１"])
def test_a_version_that_is_no_number_is_stale(at_desk: Any, story: Story, version: str) -> None:
    story.confirmed()
    answer = at_desk("sales_clerk").post(f"/{story.order.path}/submit_review/", {"version": version})
    assert answer.status_code == 409
    assert story.order.state == Order.State.CONFIRMED


@pytest.mark.parametrize("hostile", ["\x00", "9" * 400, "1e308", "NaN", "-1", "\ud800"])
def test_no_input_brings_the_page_down(at_desk: Any, story: Story, hostile: str) -> None:
    data = {name: hostile.encode("utf-8", "surrogatepass") for name in order_data()}
    answer = at_desk("sales_clerk").post(NEW, data)
    assert answer.status_code == 422
