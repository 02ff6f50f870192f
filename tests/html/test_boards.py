"""The board of a document type: its columns, its cards, and what happens when a card is moved."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from flow import html
from orders.models import Order
from tests.html.test_lists import LIST, told
from tests.html.test_views import fill
from tests.story import Story

pytestmark = pytest.mark.django_db
BOARD = f"{LIST}board/"
MOVE = f"{BOARD}move/"
State = Order.State


def move(client: Client, story: Story, to: str, version: int | None = None) -> Any:
    """Drop the card of an order on a column."""
    order = story.order
    seen = order.version if version is None else version
    return client.post(MOVE, {"id": str(order.public_id), "to": to, "version": seen})


def cards(page: Any, state: str) -> list[str]:
    """The numbers of the cards in a column."""
    lane = page.content.decode().split(f'data-lane="{state}"', 1)[1].split("</ol>", 1)[0]
    return re.findall(r">(DDKG2026-\d{4})</a>", lane)


def test_documents_stand_in_the_column_of_their_state(at_desk: Any, story: Story) -> None:
    story.received()
    review = Story(story.factory).in_review()
    page = at_desk("sales_clerk").get(BOARD)
    assert cards(page, "received") == [story.order.number]
    assert cards(page, "in_review") == [review.order.number]
    assert cards(page, "quoted") == []
    assert 'data-lane="cancelled"' not in page.content.decode()


def test_a_long_column_shows_the_newest_and_leads_to_the_rest(at_desk: Any, story: Story) -> None:
    told(story, 23)
    page = at_desk("sales_clerk").get(BOARD)
    assert len(cards(page, "received")) == 20
    assert f'href="{LIST}?state=received"' in page.content.decode()
    assert "<span data-many>20+</span>" in page.content.decode()


def test_ten_cards_cost_as_many_queries_as_a_thousand(at_desk: Any, story: Story) -> None:
    client = at_desk("sales_clerk")
    fill(story, 10)
    client.get(BOARD)
    with CaptureQueriesContext(connection) as few:
        client.get(BOARD)
    fill(story, 990)
    with CaptureQueriesContext(connection) as many:
        client.get(BOARD)
    assert len(many) == len(few)


def test_the_board_is_narrowed_as_the_list_is(at_desk: Any, story: Story) -> None:
    story.received()
    other = Story(story.factory).received(customer_reference="K-77")
    client = at_desk("sales_clerk")
    assert cards(client.get(BOARD, {"q": "K-77"}), "received") == [other.order.number]
    assert cards(client.get(BOARD, {"customer": "C001", "state": "received"}), "received")
    assert client.get(BOARD, {"state": "nonsense"}).status_code == 400
    assert client.get(BOARD, {"delivery_on__from": "x"}).status_code == 400


def test_nobody_sees_a_card_of_another_company(at_desk: Any, story: Story) -> None:
    story.received()
    stranger = at_desk(story.factory.stranger)
    assert story.order.number not in stranger.get(BOARD).content.decode()
    assert move(stranger, story, State.CONFIRMED).status_code == 404
    assert story.order.state == State.RECEIVED


def test_a_card_offers_the_steps_of_its_reader_as_links(at_desk: Any, story: Story) -> None:
    story.confirmed()
    link = f'href="{html.href(story.order)}submit_review/"'
    assert link in at_desk("sales_clerk").get(BOARD).content.decode()
    assert link not in at_desk("buyer").get(BOARD).content.decode()


def test_a_step_that_asks_nothing_is_taken_at_once(at_desk: Any, story: Story) -> None:
    plan = story.drafted().plan
    client, path = at_desk("prod_mgr"), "/production/plan/board/"
    answer = client.post(f"{path}move/", {"id": plan.public_id, "to": "issued", "version": plan.version})
    assert answer.status_code == 200
    plan = type(plan).objects.get(pk=plan.pk)
    assert (plan.state, plan.version) == ("issued", answer.json()["version"])
    assert f'data-version="{plan.version}"' in answer.json()["card"]
    assert plan.number in answer.json()["said"]
    again = client.post(f"{path}move/", {"id": plan.public_id, "to": "draft", "version": plan.version})
    assert again.status_code == 409


def test_a_step_that_asks_something_opens_its_form(at_desk: Any, story: Story) -> None:
    story.received()
    answer = move(at_desk("sales_clerk"), story, State.CONFIRMED)
    assert answer.json() == {"go": f"{html.href(story.order)}confirm_requirements/"}
    assert story.order.state == State.RECEIVED


def test_where_no_step_leads_there_it_says_where_it_goes_instead(at_desk: Any, story: Story) -> None:
    story.received()
    answer = move(at_desk("sales_clerk"), story, State.QUOTED)
    assert answer.status_code == 409
    first, *ways = answer.json()["reasons"]
    assert first == "No step leads from “Received” to “Quoted”."
    assert any("Requirements confirmed" in way and "Sales clerk" in way for way in ways)
    assert not any("Cancelled" in way for way in ways)
    assert story.order.state == State.RECEIVED


def test_what_follows_by_itself_is_not_done_by_hand(at_desk: Any, story: Story) -> None:
    story.in_review()
    answer = move(at_desk("sales_clerk"), story, State.APPROVED)
    assert answer.status_code == 409
    assert "by itself" in answer.json()["reasons"][0]


def test_who_may_not_hears_who_may(at_desk: Any, story: Story) -> None:
    story.received()
    answer = move(at_desk("buyer"), story, State.CONFIRMED)
    assert answer.status_code == 409
    assert "Sales clerk" in answer.json()["reasons"][0]


def test_all_that_speaks_against_it_is_said(at_desk: Any, story: Story) -> None:
    story.received()
    story.order.lines.all().delete()
    answer = move(at_desk("sales_clerk"), story, State.CONFIRMED)
    assert answer.status_code == 409
    assert "has no lines" in answer.json()["reasons"][0]


def test_an_old_card_is_refused(at_desk: Any, story: Story) -> None:
    story.confirmed()
    client = at_desk("sales_clerk")
    for version in (0, 99):
        answer = move(client, story, State.IN_REVIEW, version=version)
        assert answer.status_code == 409
    assert story.order.state == State.CONFIRMED


@pytest.mark.parametrize("said", [{}, {"id": "x"}, {"to": "nowhere"}, {"to": "\x00"}, {"version": "9" * 40}])
def test_nonsense_is_answered_in_order(at_desk: Any, story: Story, said: dict[str, str]) -> None:
    story.received()
    asked = {"id": str(story.order.public_id), "to": "cancelled", "version": "1", **said}
    client = at_desk("sales_clerk")
    assert client.post(MOVE, asked).status_code in (200, 404, 409)
    assert client.post(MOVE, said).status_code in (404, 409)
    assert client.get(MOVE).status_code == 405
    assert story.order.state == State.RECEIVED
