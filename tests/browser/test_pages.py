"""The generic pages in a real browser, wide and on a phone: no complaint, nothing over the edge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from orders.models import Order
from tests.people import PASSWORD
from tests.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCREENS = Path(settings.BASE_DIR) / "var" / "screens"
WIDTHS = (1440, 390)


@dataclass
class Desk:
    """Somebody at a browser, with everything the browser complained about."""

    page: Page
    root: str
    complaints: list[str] = field(default_factory=list)

    def log_in(self, username: str, password: str = PASSWORD) -> None:
        self.page.goto(f"{self.root}/login/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", password)
        self.page.click("main button.btn-primary")
        self.page.wait_for_url(f"{self.root}/")

    def visit(self, path: str) -> int:
        """Go there; returns the status of the answer."""
        answer = self.page.goto(f"{self.root}{path}")
        assert answer is not None
        return answer.status

    def look(self, path: str, name: str) -> None:
        assert self.visit(path) < 500, f"{name}: trouble"
        self.shoot(name)

    def shoot(self, name: str) -> None:
        SCREENS.mkdir(parents=True, exist_ok=True)
        window = self.page.viewport_size
        assert window is not None
        width = window["width"]
        # In a window as high as the page, what sticks to its edges lies where it belongs.
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": width, "height": min(max(height, window["height"]), 8000)})
        self.page.screenshot(path=SCREENS / f"{name}-{width}.png", full_page=True)
        self.page.set_viewport_size(window)
        over = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert over <= 0, f"{name} is {over} px too wide at {width}"


@pytest.fixture
def desks(browser: Browser, live_server: Any) -> Iterator[Any]:
    """`desks(390)`: a browser of that width, its complaints checked at the end."""
    opened: list[Desk] = []

    def open_desk(width: int = 1440, **options: Any) -> Desk:
        context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 900}, **options)
        desk = Desk(context.new_page(), live_server.url)
        desk.page.set_default_timeout(10_000)
        desk.page.on("console", lambda m: desk.complaints.append(m.text) if m.type == "error" else None)
        desk.page.on("pageerror", lambda e: desk.complaints.append(str(e)))
        opened.append(desk)
        return desk

    yield open_desk
    for desk in opened:
        desk.page.context.close()
        unexpected = [text for text in desk.complaints if "status of 4" not in text]
        assert unexpected == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_generic_page_fits_its_window(desks: Any, story: Story, width: int, theme: str) -> None:
    story.in_review()
    for _number in range(3):
        Story(story.factory).confirmed()
    Story(story.factory).received()
    desk = desks(width, color_scheme=theme)
    desk.page.goto(f"{desk.root}/login/")
    desk.shoot(f"login-{theme}")
    desk.log_in("sales_clerk")
    path = f"/{story.order.path}/"
    desk.look("/", f"home-{theme}")
    desk.look("/orders/order/", f"list-{theme}")
    desk.look("/orders/order/?q=nothing", f"list-empty-{theme}")
    desk.look(path, f"document-{theme}")
    desk.look("/orders/order/new/", f"new-{theme}")
    desk.page.click(".act-bar .btn-primary")
    desk.page.wait_for_selector(".field-err")
    desk.shoot(f"new-wrong-{theme}")
    desk.look(f"{path}request_decline/", f"refused-{theme}")
    desk.look(f"{path}approve_important/", f"denied-{theme}")
    desk.look("/nowhere/at-all/", f"missing-{theme}")
    desk.look("/find/?q=20", f"find-{theme}")


def test_an_order_in_production_fits_the_page(desks: Any, story: Story) -> None:
    story.planned()
    for width in WIDTHS:
        desk = desks(width)
        desk.log_in("prod_mgr")
        desk.look("/", "home-busy")
        desk.look(f"/{story.order.path}/", "document-busy")
        desk.look(f"/{story.plan.path}/", "plan")


def test_an_order_is_typed_pasted_and_received(desks: Any, story: Story) -> None:
    desk = desks()
    desk.log_in("sales_clerk")
    page = desk.page
    page.goto(f"{desk.root}/orders/order/new/")
    page.fill("[name=customer]", "C0")
    page.wait_for_selector(".picker li")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("[name=customer]") == "C001"
    page.select_option("[name=channel]", "phone")
    page.fill("[name=delivery_on]", "2031-06-30")
    block = "\n".join(f"KYN28A-12\t{n}\t38,000\t2031/6/{n}" for n in range(1, 7))
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const cell = document.querySelector("[name=lines-0-item]");
            const paste = { clipboardData: data, bubbles: true, cancelable: true };
            cell.dispatchEvent(new ClipboardEvent("paste", paste));
        }""",
        block,
    )
    assert page.input_value("[name=lines-5-quantity]") == "6"
    desk.shoot("new-pasted")
    page.click(".act-bar .btn-primary")
    page.wait_for_url("**/orders/order/*-*/")
    order = Order.objects.get()
    rows = list(order.lines.values_list("item__code", "quantity", "unit_price", "delivery_on__day"))
    assert rows == [("KYN28A-12", n, 38000, n) for n in range(1, 7)]
    desk.shoot("received")


def test_leaving_typed_work_asks_first(desks: Any, story: Story) -> None:
    desk = desks()
    desk.log_in("sales_clerk")
    page = desk.page
    asked: list[str] = []

    def answer(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.goto(f"{desk.root}/orders/order/new/")
    page.click(".brand")
    page.wait_for_url(f"{desk.root}/")
    assert asked == []
    page.goto(f"{desk.root}/orders/order/new/")
    page.fill("[name=remark]", "电话里说的")
    page.click(".brand")
    page.wait_for_url(f"{desk.root}/")
    assert asked == ["beforeunload"]


def test_sending_typed_work_asks_nothing(desks: Any, story: Story) -> None:
    """Also not where a field bears the name of a property of forms, as the method of a payment does."""
    story.signed()
    desk = desks()
    desk.log_in("finance")
    page = desk.page
    asked: list[str] = []

    def answer(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.goto(f"{desk.root}/orders/payment/new/?order={story.order.number}")
    page.fill("[name=received_on]", "2026-03-03")
    page.fill("[name=reference]", "流水 0303")
    page.click(".act-bar .btn-primary")
    page.wait_for_url("**/orders/payment/*-*/")
    assert asked == []


def test_acting_needs_no_script(desks: Any, story: Story) -> None:
    story.confirmed()
    desk = desks(java_script_enabled=False)
    desk.log_in("sales_clerk")
    page = desk.page
    page.goto(f"{desk.root}/{story.order.path}/")
    page.click(".act-bar a[href$='/submit_review/']")
    page.click(".act-bar button")
    assert story.order.state == Order.State.IN_REVIEW
    page.goto(f"{desk.root}/orders/order/new/")
    page.fill("[name=remark]", "原样保留")
    before = page.locator("tbody tr").count()
    page.click("[name=more_rows]")
    assert page.locator("tbody tr").count() > before
    assert page.input_value("[name=remark]") == "原样保留"


def test_the_admin_works_under_its_policy(desks: Any, story: Story) -> None:
    story.received()
    person = story.factory.person("admin")
    person.is_staff = True
    person.save(update_fields=["is_staff"])
    desk = desks()
    desk.log_in("admin")
    desk.look("/admin/", "admin")
    desk.look("/admin/org/person/", "admin-people")
    desk.look(f"/admin/org/person/{person.pk}/change/", "admin-person")
    desk.look("/admin/orders/order/", "admin-orders")
    desk.look(f"/admin/orders/order/{story.order.pk}/change/", "admin-order")
    desk.look("/admin/org/calendarversion/add/", "admin-calendar")
