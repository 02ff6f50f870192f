"""The log-in page: bare in a real house, with names, password and a path in a demo house."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from config.demo import house
from config.demo.doors import PATH
from org.models import Membership


@pytest.fixture
def demo(db: None, settings: Any) -> None:
    settings.DEMO_MODE = True
    began = timezone.now() - timedelta(days=1)
    house.build(at=began, since=began.date())


def test_a_real_house_names_nobody(client: Any, factory: Any) -> None:
    page = client.get("/login/?as=buyer").content.decode()
    assert "buyer" not in page.replace("?as=buyer", "").replace("as%3Dbuyer", "")
    assert house.PASSWORD not in page


def test_the_demo_names_everybody_who_may_enter_by_department(client: Any, demo: None) -> None:
    page = client.get("/login/").content.decode()
    assert house.PASSWORD in page
    for person in {row.person for row in Membership.objects.select_related("person")}:
        assert f'data-as="{person.username}"' in page
        assert str(person) in page
    assert page.index("东辰开关有限公司") < page.index("质检部") < page.index("东辰互感器有限公司")
    assert "Eight hours for what came" in page


def test_a_click_fills_in_the_name_and_keeps_the_way(client: Any, demo: None) -> None:
    page = client.get("/login/?as=inspector&next=/orders/order/").content.decode()
    assert 'value="inspector"' in page
    assert "?as=buyer&amp;next=/orders/order/" in page
    answer = client.post(
        "/login/", {"username": "inspector", "password": house.PASSWORD, "next": "/orders/order/"}
    )
    assert answer.headers["Location"] == "/orders/order/"


def test_the_people_of_the_path_are_there_and_hold_the_posts(demo: None) -> None:
    for role, _said in PATH:
        assert Membership.objects.filter(person__username=role, role=role, company__code="KG").exists()


def test_somebody_who_left_is_not_named(client: Any, demo: None) -> None:
    Membership.objects.filter(person__username="guard").update(ends_on=timezone.now() - timedelta(days=1))
    assert 'data-as="guard"' not in client.get("/login/").content.decode()
