"""Lists, boards and the page of late clocks in a real browser: wide and on a phone, by mouse and by keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings

from catalog.models import Customer
from deadlines import sweep
from orders.models import Order
from tests.browser.test_pages import WIDTHS, desks  # noqa: F401
from tests.people import NINE
from tests.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = NINE + timedelta(days=2, hours=5, minutes=36)
CUSTOMERS = ("江苏恒源电力工程", "苏北轨交", "泰兴化工", "如皋港务", "昆山电子科技", "无锡晶微")
PROJECTS = ("滨海 110kV 变电站", "4 号线 车辆段", "氯碱改造", "岸电工程", "3 号厂房", "动力站扩容")
LIST = "/orders/order/"


@pytest.fixture
def house(story: Story) -> Iterator[Story]:
    """Orders of several customers in many states, some of their clocks near, some run out."""
    stories = [story, *(Story(story.factory, at=NINE + timedelta(minutes=9 * n)) for n in range(1, 18))]
    with time_machine.travel(NINE, tick=False):
        for number, one in enumerate(stories):
            customer, _made = Customer.objects.get_or_create(
                code=f"D{number % 6}", defaults={"name": CUSTOMERS[number % 6], "grade": "B"}
            )
            one.received(
                customer=customer,
                is_project=number % 5 == 1,
                project_name=PROJECTS[number % 6] if number % 5 == 1 else "",
                delivery_on=date(2026, 6, 30) + timedelta(days=number),
                lines=[{"item": story.factory.cabinet, "quantity": 4 + number, "unit_price": 38000}],
            )
    for one in stories[:5]:
        one.planned()
    for one in stories[5:8]:
        one.effective()
    for one in stories[8:10]:
        one.in_review()
    stories[10].confirmed(order_class="non_regular")
    sweep.run(at=NOW)
    with time_machine.travel(NOW, tick=True):
        yield story


def seated(desks: Any, role: str, width: int = 1440, **options: Any) -> Any:  # noqa: F811
    """Somebody at a browser whose pages are in Chinese."""
    desk = desks(width, **options)
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": "zh-hans", "url": desk.root}
    desk.page.context.add_cookies([cookie])
    desk.log_in(role)
    return desk


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lists_and_boards_fit_their_window(desks: Any, house: Story, width: int, theme: str) -> None:  # noqa: F811
    desk = seated(desks, "sales_clerk", width, color_scheme=theme)
    page = desk.page
    narrowed = "state=received&state=planned&state=effective&delivery_on__from=2026-06-15"
    desk.look(f"{LIST}?{narrowed}", f"orders-{theme}")
    for box in page.locator("[data-row] .tick input").all()[:3]:
        box.check()
    desk.shoot(f"orders-picked-{theme}")
    page.click(".add summary")
    desk.shoot(f"orders-filters-{theme}")
    desk.look(f"{LIST}?view=late", f"orders-late-{theme}")
    desk.look(f"{LIST}board/", f"board-{theme}")
    desk.look("/production/task/", f"tasks-{theme}")
    leader = seated(desks, "gm", width, color_scheme=theme)
    leader.look("/late/", f"late-{theme}")
    leader.look("/late/clocks/?shade=late", f"late-clocks-{theme}")


def test_a_list_is_worked_by_keys_and_its_bar(desks: Any, house: Story) -> None:  # noqa: F811
    desk = seated(desks, "sales_clerk")
    page = desk.page
    page.goto(f"{desk.root}{LIST}?state=received")
    bar = page.locator("[data-bulk]")
    assert not bar.is_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert bar.is_visible()
    assert page.locator("[data-picked]").inner_text().startswith("已选 2")
    page.hover("[data-bulk] button[value=mark_lost]")
    assert "2" in page.locator("[data-skips]").inner_text()
    desk.shoot("orders-bar")
    page.click("[data-unpick]")
    assert not bar.is_visible()
    page.check("[data-all-here]")
    assert page.locator("[data-row] .tick input:checked").count() == page.locator("[data-row]").count()
    page.click("[data-bulk] button[value=print]")
    page.wait_for_url("**/bulk/")
    page.goto(f"{desk.root}{LIST}")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/order/*-*/")
    page.goto(f"{desk.root}{LIST}")
    page.keyboard.press("n")
    page.wait_for_url("**/orders/order/new/")


def test_a_filter_is_set_named_and_found_again(desks: Any, house: Story) -> None:  # noqa: F811
    desk = seated(desks, "sales_clerk")
    page = desk.page
    page.goto(f"{desk.root}{LIST}")
    page.click(".add summary")
    page.check("[name=state][value=planned]")
    page.fill("[name=customer]", "D0")
    page.wait_for_selector(".picker li")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.click(".filter-box .btn-primary")
    page.wait_for_url("**state=planned**")
    assert "q=" not in page.url
    assert page.locator(".cond a").count() == 2
    rows = page.locator("[data-row]").count()
    assert rows == 1
    page.click(".save summary")
    desk.shoot("orders-save")
    page.fill(".save-box [name=name]", "恒源的在产")
    page.check(".save-box [name=roles][value=sales_clerk]")
    page.click(".save-box button[value=new]")
    page.wait_for_url("**view=**")
    assert page.locator(".list-tabs [aria-current]").inner_text().startswith("恒源的在产")
    assert page.locator("[data-row]").count() == rows
    page.click("text=列 ")
    page.uncheck(".column-box [value=flags]")
    page.click(".column-box .btn-primary")
    page.wait_for_selector(".list")
    assert page.locator(".c-flags").count() == 0


def drag(page: Any, card: Any, lane: Any) -> None:
    """Drag a card onto a column as a hand does."""
    lane.scroll_into_view_if_needed()
    card.drag_to(lane, source_position={"x": 30, "y": 12}, target_position={"x": 40, "y": 30})


def test_a_card_jumps_back_with_the_reasons(desks: Any, house: Story) -> None:  # noqa: F811
    desk = seated(desks, "sales_clerk")
    page = desk.page
    page.goto(f"{desk.root}{LIST}board/")
    page.wait_for_selector(".board.drags")
    card = page.locator("[data-lane=confirmed] .board-card").first
    number = card.locator(".open").inner_text()
    drag(page, card, page.locator("[data-lane=in_review]"))
    page.wait_for_url("**/submit_review/")
    page.goto(f"{desk.root}{LIST}board/")
    page.wait_for_selector(".board.drags")
    card = page.locator("[data-lane=confirmed] .board-card").first
    drag(page, card, page.locator("[data-lane=received]"))
    page.wait_for_selector("[data-refused]:not([hidden])")
    told = page.locator("[data-refused]").inner_text()
    assert number in told
    assert "要求已确认" in told
    assert page.locator("[data-lane=confirmed] .open").first.inner_text() == number
    desk.shoot("board-refused")
    assert Order.objects.get(number=number).state == Order.State.CONFIRMED


def test_a_card_that_may_move_is_moved(desks: Any, house: Story) -> None:  # noqa: F811
    drafted = Story(house.factory, at=NINE).drafted()
    desk = seated(desks, "prod_mgr")
    page = desk.page
    page.goto(f"{desk.root}/production/plan/board/")
    page.wait_for_selector(".board.drags")
    assert page.locator("[data-lane=draft] .board-card").count() == 1
    drag(page, page.locator("[data-lane=draft] .board-card"), page.locator("[data-lane=issued]"))
    page.wait_for_selector("[data-lane=draft]:not(:has(.board-card))")
    page.wait_for_selector(".toasts .say-ok")
    assert page.locator("[data-lane=issued] .board-card").first.inner_text()
    assert drafted.the(type(drafted.plan)).state == "issued"


def test_list_and_board_need_no_script(desks: Any, house: Story) -> None:  # noqa: F811
    desk = seated(desks, "sales_clerk", java_script_enabled=False)
    page = desk.page
    page.goto(f"{desk.root}{LIST}")
    page.check("[data-row] .tick input >> nth=0")
    page.click("[data-bulk] button[value=confirm_requirements]")
    assert page.url.endswith("/bulk/")
    page.goto(f"{desk.root}{LIST}")
    page.click(".add summary")
    page.check("[name=state][value=confirmed]")
    page.click(".filter-box .btn-primary")
    assert page.locator("[data-row]").count() == 1
    page.goto(f"{desk.root}{LIST}board/")
    page.click("[data-lane=confirmed] .board-card summary")
    page.click("[data-lane=confirmed] .board-card .link[href$='/submit_review/']")
    assert page.url.endswith("/submit_review/")
