"""The rules behind the steps, read in a browser: beside the form, on their page, from a clock."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from tests.browser.test_pages import WIDTHS, desks  # noqa: F401
from tests.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_rules_are_read_where_they_are_needed(desks: Any, story: Story, width: int, theme: str) -> None:  # noqa: F811
    story.effective()
    desk = desks(width, color_scheme=theme)
    desk.page.context.add_cookies(
        [{"name": settings.LANGUAGE_COOKIE_NAME, "value": "zh-hans", "url": desk.root}]
    )
    desk.log_in("sales_clerk")
    page = desk.page
    desk.look("/orders/order/new/", f"why-new-{theme}")
    desk.look("/", f"why-workbench-{theme}")
    desk.look(f"/{story.instruction.path}/issue/", f"why-folded-{theme}")
    page.click("details:has(> .body .why) > summary")
    desk.shoot(f"why-{theme}")
    page.click("dl.why >> text=TM-01")
    page.wait_for_url("**/rules/#TM-01")
    assert page.locator(".rules > li:has(:target)").get_attribute("id") == "PRD-01"
    assert page.locator("#PRD-01").is_visible()
    desk.look("/rules/?q=TM", f"rules-found-{theme}")
    desk.look("/rules/", f"rules-{theme}")
