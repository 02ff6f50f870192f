"""The first day of a newcomer in a demo house: the door, the tour, the training clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from config.demo import house
from tests.browser.test_pages import WIDTHS, desks  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def demo(settings: Any) -> None:
    settings.DEMO_MODE = settings.TRAINING_CLOCK = True
    began = timezone.now() - timedelta(days=1)
    house.build(at=began, since=began.date())


def chinese(desk: Any) -> Any:
    """The browser of somebody who reads Chinese, as the house speaks by default."""
    cookie = {"name": "django_language", "value": "zh-hans", "url": desk.root}
    desk.page.context.add_cookies([cookie])
    return desk


@pytest.mark.parametrize("width", WIDTHS)
def test_one_click_on_a_name_and_in(desks: Any, demo: None, width: int) -> None:  # noqa: F811
    desk = chinese(desks(width))
    desk.look("/login/", "demo-login")
    desk.page.click('.floors [data-as="buyer"]')
    assert desk.page.input_value("[name=username]") == "buyer"
    desk.page.click("main button.btn-primary")
    desk.page.wait_for_url(f"{desk.root}/")
    desk.shoot("first-workbench")
    desk.look("/tour/", "tour")
    assert desk.complaints == []


def test_the_light_goes_from_stop_to_stop(desks: Any, demo: None) -> None:  # noqa: F811
    desk = chinese(desks(1440))
    desk.log_in("buyer", house.PASSWORD)
    page = desk.page
    page.click("[data-tour-start]")
    seen = []
    while page.locator(".guide").count():
        seen.append(page.inner_text(".guide b"))
        box = page.locator(".light").bounding_box()
        assert box is not None
        assert box["width"] > 20
        page.click("[data-go]")
    # Nothing is due yet: the stop of the clocks has nothing to light up and is left out.
    assert seen[0] == "我的待办"
    assert "要买什么" in seen
    assert len(seen) >= 4
    page.click("[data-tour-start]")
    page.keyboard.press("Escape")
    assert page.locator(".guide").count() == 0
    page.click(".tour form button")
    page.wait_for_selector("[data-tour]", state="detached")
    assert desk.complaints == []


def test_without_script_the_name_comes_with_the_page(desks: Any, demo: None) -> None:  # noqa: F811
    desk = chinese(desks(1440, java_script_enabled=False))
    desk.visit("/login/")
    desk.page.click('.path [data-as="order_desk"]')
    assert desk.page.input_value("[name=username]") == "order_desk"
    desk.page.fill("[name=password]", house.PASSWORD)
    desk.page.click("main button.btn-primary")
    desk.page.wait_for_selector(".stops li >> nth=3")
    assert desk.page.locator("[data-tour-start]:visible").count() == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_the_training_clock_moves_under_the_finger(desks: Any, demo: None, width: int) -> None:  # noqa: F811
    desk = chinese(desks(width))
    desk.log_in("admin", house.PASSWORD)
    desk.page.click('button[value="morning"]')
    desk.page.wait_for_selector("text=系统时钟现为")
    desk.shoot("training-clock")
    assert desk.complaints == []
