"""Working from the workbench: by keys, act and next, the palette, an approval on the phone in two taps."""

from __future__ import annotations

from typing import Any

import pytest

from flow.models import Event
from orders.models import Order
from tests.browser.test_pages import WIDTHS, desks  # noqa: F401
from tests.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def fill(story: Story) -> None:
    story.effective()
    Story(story.factory).in_review()
    for _ in range(3):
        Story(story.factory).confirmed()
    Story(story.factory).received()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_workbench_fits_its_window(desks: Any, story: Story, width: int, theme: str) -> None:  # noqa: F811
    fill(story)
    desk = desks(width, color_scheme=theme)
    desk.log_in("sales_clerk")
    desk.look("/", f"workbench-{theme}")
    desk.look("/notices/", f"notices-{theme}")
    clerk = story.factory.person("sales_clerk")
    clerk.direct_leader = story.factory.person("sales_leader")
    clerk.save()
    other = desks(width, color_scheme=theme)
    other.log_in("sales_leader")
    other.look("/team/", f"team-{theme}")


def test_keys_walk_the_rows_and_the_pane_acts_and_moves_on(desks: Any, story: Story) -> None:  # noqa: F811
    fill(story)
    desk = desks()
    desk.log_in("sales_clerk")
    page = desk.page
    rows = page.locator("[data-task]").count()
    assert rows >= 5
    first = page.inner_text("#pane h2")
    page.keyboard.press("j")
    page.wait_for_selector("[data-task].me >> nth=0")
    page.wait_for_selector("#pane header .quiet:has-text('2 /')")
    page.keyboard.press("k")
    page.wait_for_selector("#pane header .quiet:has-text('1 /')")
    assert page.inner_text("#pane h2") == first
    wanted = page.locator("[data-task]", has_text="DDKG").filter(has=page.locator("a[href*='submit_review']"))
    wanted.first.locator(".pick").click()
    page.wait_for_selector("#pane form[action*='submit_review']")
    page.click("#pane form .btn-primary")
    page.wait_for_selector(".toasts .say-ok")
    assert page.url.startswith(f"{desk.root}/?place=")
    assert page.locator("[data-task]").count() == rows - 1
    assert Order.objects.filter(state=Order.State.IN_REVIEW).count() == 2


def test_the_palette_opens_by_key_and_leads_there(desks: Any, story: Story) -> None:  # noqa: F811
    fill(story)
    desk = desks()
    desk.log_in("sales_clerk")
    page = desk.page
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette[open] [role=option]")
    page.keyboard.type(str(story.order.number)[-4:])
    page.wait_for_selector(f"#palette [role=option]:has-text('{story.order.number}')")
    desk.shoot("palette")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk.root}/{story.order.path}/")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette[open] [role=group] >> nth=1")
    page.keyboard.press("Escape")
    # The browser closes a dialog a moment after the key.
    page.wait_for_selector("#palette[open]", state="hidden")
    page.keyboard.press("?")
    page.wait_for_selector("#keys[open]")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url(f"{desk.root}/")


def test_an_opinion_on_the_phone_takes_two_taps_from_the_notice(desks: Any, story: Story) -> None:  # noqa: F811
    story.in_review()
    desk = desks(390, has_touch=True)
    desk.log_in("order_desk")
    page = desk.page
    page.goto(f"{desk.root}/notices/")
    desk.shoot("phone-notice")
    page.tap("main .items a")
    page.wait_for_url("**/give_opinion/?from=notice")
    desk.shoot("phone-approve")
    for button in page.locator(".act-bar.decide button[name=decision]").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 48
    page.tap(".act-bar button[value=feasible]")
    page.wait_for_url(f"{desk.root}/notices/")
    desk.shoot("phone-done")
    assert Event.objects.filter(verb="review.round.give_opinion").count() == 1


def test_numbers_renew_themselves_and_a_lost_network_is_said(desks: Any, story: Story) -> None:  # noqa: F811
    story.received()
    desk = desks()
    desk.log_in("sales_clerk")
    page = desk.page
    page.wait_for_selector("[data-count='orders.order']:has-text('1')")
    Story(story.factory).received()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("[data-count='orders.order']:has-text('2')")
    page.context.set_offline(True)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("[data-lost]:not([hidden])")
    page.context.set_offline(False)
    page.wait_for_selector("[data-lost]", state="hidden")
    desk.complaints.clear()
