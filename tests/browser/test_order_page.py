"""The whole of an order on one page, in a real browser: wide and on a phone, light and dark."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from deadlines import sweep
from desk import comments
from flow import papers
from flow.models import Comment
from integration.models import Notice
from procurement import actions as procurement
from tests.browser.test_pages import WIDTHS, desks  # noqa: F401
from tests.people import NINE
from tests.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = NINE + timedelta(days=44, hours=5, minutes=36)


@pytest.fixture
def busy(story: Story) -> Iterator[Story]:
    """An order of three lines on its way: some of its material is here, some comes late, two clocks run."""
    cabinet, transformer = story.factory.cabinet, story.factory.transformer
    lines = [
        {"item": cabinet, "quantity": 2, "unit_price": 38000},
        {"item": cabinet, "quantity": 8, "unit_price": 38000},
        {"item": transformer, "quantity": 24, "unit_price": 1200},
    ]
    with time_machine.travel(NINE, tick=False):
        story.received(lines=lines, is_project=True, project_name="滨海 110kV 变电站 10kV 开关室")
        story.confirmed(order_class="non_regular").in_review().planned()
    late, *others = story.ordered()
    first = story.delivered(others[0]) if others else None
    procurement.purchase_order.record_confirmation(late, by=story.by("buyer"), confirmed_on=date(2026, 6, 24))
    if first:
        story.handed_to_quality(first)
    _talk(story)
    sweep.run(at=NOW)
    with time_machine.travel(NOW, tick=True):
        yield story


def _talk(story: Story) -> None:
    """A telephone call, two files and two remarks."""
    by = story.by("buyer", days=43)
    papers.log_contact(
        story.order,
        by=by,
        party="华东电力公司",
        channel="phone",
        content="客户问交期，答复本周内给准信",
        next_step="周五回电",
    )
    drawn = io.BytesIO()
    Image.new("RGB", (600, 840), (240, 244, 250)).save(drawn, "PDF")
    drawing = SimpleUploadedFile("一次系统图 B 版.pdf", drawn.getvalue())
    papers.attach(story.order, "drawing", drawing, by=story.by("engineer", days=43))
    comments.write(story.order, text="互感器厂家说 6 月 3 日发完，要不要先装进线柜？", by=by)
    prod = story.factory.person("prod_mgr")
    comments.write(story.order, text=f"@{prod} 可以先装，等你排产", by=story.by("sales_clerk", days=44))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_whole_order_fits_its_page(desks: Any, busy: Story, width: int, theme: str) -> None:  # noqa: F811
    desk = desks(width, color_scheme=theme)
    desk.page.context.add_cookies(
        [{"name": settings.LANGUAGE_COOKIE_NAME, "value": "zh-hans", "url": desk.root}]
    )
    desk.log_in("sales_clerk")
    desk.look(f"/{busy.order.path}/", f"order-{theme}")
    assert desk.page.locator(".stages > li").count() == 12
    assert desk.page.locator(".say-late .dept").first.inner_text()
    if theme == "light":
        desk.look(f"/{busy.plan.path}/", "order-plan")


def test_a_colleague_is_called_by_a_few_letters(desks: Any, busy: Story) -> None:  # noqa: F811
    desk = desks()
    desk.log_in("buyer")
    page = desk.page
    page.goto(f"{desk.root}/{busy.order.path}/")
    field = page.locator("#comments textarea")
    field.press_sequentially("请 @prod_m")
    page.wait_for_selector("#mention-list li")
    desk.shoot("order-mention")
    field.press("Enter")
    person = busy.factory.person("prod_mgr")
    assert field.input_value() == f"请 @{person} "
    field.press_sequentially("看一下")
    page.click("#comments button.btn")
    page.wait_for_selector("#comments .mention")
    kept = Comment.objects.latest("pk")
    assert (kept.text, kept.mentions) == (f"请 @{person} 看一下", [person.pk])
    assert Notice.objects.filter(person=person, text=kept.text).exists()


def test_the_time_line_is_read_on_without_leaving(desks: Any, busy: Story) -> None:  # noqa: F811
    desk = desks()
    desk.log_in("gm")
    page = desk.page
    page.goto(f"{desk.root}/{busy.order.path}/")
    rows = page.locator("#timeline .tl > li[data-verb]")
    first = rows.count()
    page.click("#timeline .tl-more a")
    page.wait_for_selector(f"#timeline .tl > li[data-verb] >> nth={first}")
    page.click("#timeline .tabs a[href*='tab=comments']")
    page.wait_for_selector("#timeline .tabs a[href*='tab=comments'][aria-current]")
    assert page.locator("#timeline .said").count() == 2
    assert page.url.rstrip("/").endswith(str(busy.order.public_id))


def test_everything_is_read_and_said_without_script(desks: Any, busy: Story) -> None:  # noqa: F811
    desk = desks(java_script_enabled=False)
    desk.log_in("gm")
    page = desk.page
    page.goto(f"{desk.root}/{busy.order.path}/")
    page.click("#timeline .tl-more a")
    assert "before=" in page.url
    assert page.locator("#timeline .tl > li[data-verb]").count() > 0
    page.goto(f"{desk.root}/{busy.order.path}/")
    page.fill("#comments textarea", "@buyer 抓紧")
    page.click("#comments button.btn")
    assert Comment.objects.latest("pk").mentions == [busy.factory.person("buyer").pk]
    page.click("#files a[href$='/preview/'] >> nth=0")
    assert page.locator("img.sheet").count() == 1
