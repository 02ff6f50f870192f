"""Chinese first: nobody gets English pages because of what a browser sends by itself."""

from __future__ import annotations

import pytest
from django.test import Client

from integration import tokens
from tests.goods import Factory

ENGLISH = {"Accept-Language": "en-US,en;q=0.9"}


@pytest.fixture(autouse=True)
def house_in_china(settings: object) -> None:
    """The suite reads English sentences; the house as delivered speaks Chinese."""
    settings.LANGUAGE_CODE = "zh-hans"  # type: ignore[attr-defined]


@pytest.fixture
def clerk(factory: Factory) -> Client:
    client = Client(headers=ENGLISH)
    client.force_login(factory.person("sales_clerk"))
    return client


def test_a_browser_that_prefers_english_gets_chinese(clerk: Client) -> None:
    page = clerk.get("/orders/order/")
    assert page.headers["Content-Language"] == "zh-hans"
    assert "订单" in page.content.decode()


def test_who_chose_english_gets_english_until_the_switch_back(clerk: Client) -> None:
    clerk.post("/i18n/setlang/", {"language": "en", "next": "/"})
    assert clerk.get("/orders/order/").headers["Content-Language"] == "en"
    clerk.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
    assert clerk.get("/orders/order/").headers["Content-Language"] == "zh-hans"


@pytest.mark.parametrize("cookie", ["xx", "../../etc", "EN", ""])
def test_an_unknown_choice_is_no_choice(clerk: Client, cookie: str) -> None:
    clerk.cookies["django_language"] = cookie
    assert clerk.get("/orders/order/").headers["Content-Language"] == "zh-hans"


@pytest.mark.parametrize(
    ("asked", "spoken"), [({}, "zh-hans"), (ENGLISH, "en"), ({"Accept-Language": "fr"}, "zh-hans")]
)
def test_a_program_is_answered_as_it_asks(factory: Factory, asked: dict[str, str], spoken: str) -> None:
    _row, secret = tokens.issue(factory.person("sales_clerk"))
    answer = Client().get("/api/v1/orders/order/", headers={"Authorization": f"Token {secret}", **asked})
    assert answer.headers["Content-Language"] == spoken
