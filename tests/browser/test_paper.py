"""Printing in a real browser: the form before it is printed, wide and on a phone, in both themes."""

from __future__ import annotations

from typing import Any

import pytest

from flow.models import Event
from org.models import Company
from tests.browser.test_pages import WIDTHS, desks  # noqa: F401
from tests.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_form_is_looked_at_and_printed(desks: Any, story: Story, width: int, theme: str) -> None:  # noqa: F811
    Company.objects.filter(code="KG").update(address="江苏省扬中市新坝工业园", phone="0511-8800 2216")
    inspection = story.handed_to_quality(story.delivered(story.ordered()[0]))
    desk = desks(width, color_scheme=theme)
    desk.page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": desk.root}])
    desk.log_in("storekeeper")
    desk.look(f"/{inspection.path}/print/incoming/", f"print-{theme}")
    assert "材料入库送检单" in desk.page.inner_text("h1")
    assert desk.page.locator("img.sheet").evaluate("image => image.naturalWidth") > 1000
    desk.look(f"/print/?case={story.order.case.public_id}", f"print-many-{theme}")
    desk.look(f"/{inspection.path}/", f"inspection-{theme}")
    desk.page.click("a[href$='/print/incoming/']")
    desk.page.uncheck("[name=copy][value=purchasing]")
    with desk.page.expect_download() as saved:
        desk.page.click("button[value=save]")
    assert saved.value.suggested_filename.endswith(".pdf")
    event = Event.objects.get(verb="quality.inspection.print")
    assert event.data["copies"] == ["quality", "material_control", "warehouse"]


def test_the_print_of_the_page_itself_is_the_sheet_alone(desks: Any, story: Story) -> None:  # noqa: F811
    order = story.received().order
    desk = desks()
    desk.log_in("sales_clerk")
    desk.page.goto(f"{desk.root}/{order.path}/print/plain/")
    desk.page.emulate_media(media="print")
    assert desk.page.locator("img.sheet").is_visible()
    assert not desk.page.locator(".printing .head").is_visible()
    assert not desk.page.locator(".side").is_visible()
