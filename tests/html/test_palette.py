"""What the palette finds by a few letters, for whom, and how many questions it asks of the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from desk import palette
from org.models import Person
from tests.story import Story

pytestmark = pytest.mark.django_db


def enter(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def found(client: Client, words: str) -> dict[str, list[str]]:
    answer = client.get("/palette/", {"q": words}).json()
    return {group["title"]: [entry["label"] for entry in group["entries"]] for group in answer["groups"]}


@pytest.mark.parametrize("typed", ["{n}", "{low}", "dd kg", "DD", "{digits}", "{year}-{digits}", "D"])
def test_a_document_is_found_by_its_number_its_beginning_or_its_digits(story: Story, typed: str) -> None:
    story.received()
    number = story.order.number
    assert number
    words = typed.format(n=number, low=number.lower(), digits=str(int(number[-4:])), year=number[-9:-5])
    client = enter(story.factory.person("sales_clerk"))
    assert number in found(client, words)["Documents"]


def test_who_sees_one_company_finds_no_number_of_another(story: Story) -> None:
    story.received()
    stranger = enter(story.factory.person("sales_clerk", story.factory.ct))
    number = str(story.order.number)
    for words in (number, "DD", "1", number[-9:]):
        assert story.order.number not in found(stranger, words).get("Documents", [])
    assert story.order.number in found(enter(story.factory.person("sales_clerk")), "1")["Documents"]


def test_customers_items_pages_and_steps_are_found_by_name(story: Story) -> None:
    story.received()
    client = enter(story.factory.person("sales_clerk"))
    assert "华东电力公司" in found(client, "华东")["Customers"]
    assert any("KYN28A-12" in label or "开关柜" in label for label in found(client, "KYN28A")["Items"])
    assert found(client, "quotat")["Steps"]
    assert "quotations" in [label.lower() for label in found(client, "quotat")["Pages"]]
    assert found(client, "zzz") == {}


def test_every_address_that_is_offered_can_be_opened(story: Story) -> None:
    story.in_review()
    for role in ("sales_clerk", "storekeeper", "buyer", "gm"):
        client = enter(story.factory.person(role))
        for words in ("", "DD", "a", "华东", "KYN28A"):
            for group in client.get("/palette/", {"q": words}).json()["groups"]:
                for entry in group["entries"]:
                    assert client.get(entry["href"]).status_code == 200, entry


def test_steps_are_those_of_ones_own_posts(story: Story) -> None:
    keeper = enter(story.factory.person("storekeeper"))
    assert "Receive order" not in found(keeper, "order").get("Steps", [])
    assert "Receive order" in found(enter(story.factory.person("sales_clerk")), "order")["Steps"]


@pytest.mark.parametrize(
    "words", ["\x00", "%", "_", "'", "𠮷", "DD" * 200, "-", "9" * 30, "<script>", "dd  kg"]
)
def test_rubbish_finds_nothing_and_breaks_nothing(story: Story, words: str) -> None:
    client = enter(story.factory.person("sales_clerk"))
    assert client.get("/palette/", {"q": words}).status_code == 200
    assert client.get("/find/", {"q": words}).status_code == 200


def test_the_number_of_questions_does_not_grow_with_the_house(story: Story) -> None:
    client = enter(story.factory.person("sales_clerk"))

    def asked(words: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/palette/", {"q": words})
        return len(queries)

    story.received()
    few = {words: asked(words) for words in ("DDKG", "DD", "1", "华东")}
    for _ in range(12):
        Story(story.factory).received()
    assert {words: asked(words) for words in few} == few


def test_the_page_of_results_works_without_script(story: Story) -> None:
    story.received()
    client = enter(story.factory.person("sales_clerk"))
    assert client.get("/find/", {"q": story.order.number}).status_code == 302
    page: Any = client.get("/find/", {"q": "DD"})
    assert story.order.number in page.content.decode()
    item = palette.items("KYN28A-12")[0]
    assert "KYN28A-12" in client.get(item.href).content.decode()
    assert client.get("/items/999999/").status_code == 404
