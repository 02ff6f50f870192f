"""The screens people look at most, photographed for `make screens`: Chinese, four ways."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation

from config.demo.house import PASSWORD
from orders.models import Order
from review.models import Round, Seat
from tests.browser.test_forms import NEW, PASTE
from tests.browser.test_pages import WIDTHS, Desk, desks  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
THEMES = ("light", "dark")
CLERK = "sales_clerk"
PRODUCTS = ("KYN28A-12-1250", "XGN66-12-630", "VS1-12-1250", "LZZBJ9-10-600", "JDZ10-10")


@pytest.fixture
def house(settings: Any) -> None:
    """The small demo, told in Chinese."""
    settings.LANGUAGE_CODE = "zh-hans"
    settings.DEMO_MODE = True
    call_command("compile_catalogue")
    with translation.override("zh-hans"):
        call_command("demo", small=True)


def test_the_main_screens(desks: Any, house: None) -> None:  # noqa: F811
    order = Order.objects.filter(state=Order.State.PRODUCING).order_by("pk").first()
    assert order is not None
    for width in WIDTHS:
        for theme in THEMES:
            desk = desks(width, color_scheme=theme, timezone_id="Asia/Shanghai")
            desk.visit("/login/")
            desk.shoot(f"00-login-{theme}")
            desk.log_in(CLERK, PASSWORD)
            for name, path in {
                "01-workbench": "/",
                "02-order": f"/{order.path}/",
                "03-list": "/orders/order/",
                "03-list-found": f"/orders/order/?state={Order.State.PRODUCING}",
                "10-board": "/orders/order/board/",
                "11-find": f"/find/?q={str(order.number)[-4:]}",
                "12-notices": "/notices/",
            }.items():
                assert desk.visit(path) < 400, path
                desk.shoot(f"{name}-{theme}")
            form_with_thirty_rows(desk)
            desk.shoot(f"04-form-30-rows-{theme}")
            approval(desk, theme, act=(width, theme) == (WIDTHS[-1], THEMES[-1]))


def form_with_thirty_rows(desk: Desk) -> None:
    """An order of thirty lines, as it comes out of the customer's table; one of them is mistyped."""
    page = desk.page
    desk.visit(NEW)
    page.fill("[name=customer]", "C001")
    page.fill("[name=delivery_on]", "2031-06-30")
    wrong = {7: "KYN28A-12-125O"}
    rows = (f"{wrong.get(n, PRODUCTS[n % 5])}\t{n % 4 + 1}\t\t2031/6/{n % 28 + 1}" for n in range(1, 31))
    page.evaluate(PASTE, ["lines-0-item", "\n".join(rows)])
    page.wait_for_selector("[data-column=item].err")
    assert page.locator(".grid tbody tr").count() == 30
    if page.locator(".grid thead").is_visible():
        head, cell = (page.locator(f".grid {tag}.num").first.bounding_box() for tag in ("th", "td"))
        assert head is not None
        assert cell is not None
        assert abs(head["x"] - cell["x"]) < 2, "the heads do not stand above their columns"


def approval(desk: Desk, theme: str, *, act: bool) -> None:
    """An opinion asked for by a notice: a tap on the notice, a tap on the answer."""
    seat = (
        Seat.objects.filter(answered_at=None, opened_at__isnull=False, round__state=Round.State.COLLECTING)
        .exclude(person__username=CLERK)
        .select_related("person", "round")
        .order_by("pk")
        .first()
    )
    assert seat is not None
    desk.page.context.clear_cookies()
    desk.log_in(seat.person.username, PASSWORD)
    desk.visit("/notices/")
    desk.shoot(f"06-notices-{theme}")
    notice = seat.person.notices.filter(path__contains=str(seat.round.public_id)).latest("pk")
    tap(desk, f"main a[href$='/notices/{notice.pk}/']")
    desk.page.wait_for_selector("main button[name=decision]")
    desk.shoot(f"06-approval-{theme}")
    if not act:
        return
    button = desk.page.locator("main button[name=decision][value=feasible]")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44, "too small for a thumb"
    tap(desk, "main button[name=decision][value=feasible]")
    desk.page.wait_for_url("**/notices/")
    seat.refresh_from_db()
    assert seat.decision == Seat.Decision.FEASIBLE


def tap(desk: Desk, where: str) -> None:
    desk.page.locator(where).first.click()
