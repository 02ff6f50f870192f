"""Filling in a form in a real browser: thirty rows pasted, checks while typing, nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest

from orders.models import Order
from tests.browser.test_pages import WIDTHS, desks  # noqa: F401
from tests.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEW = "/orders/order/new/"
PASTE = """([name, text]) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    const cell = document.querySelector(`[name="${name}"]`);
    cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def block(rows: int, *, wrong: dict[int, str] | None = None, head: str = "") -> str:
    """Lines as Excel copies them: item, quantity, price, date."""
    lines = [
        f"{(wrong or {}).get(n, 'KYN28A-12')}\t{n}\t38,000\t2031/6/{n % 28 + 1}" for n in range(1, rows + 1)
    ]
    return "\n".join([head, *lines] if head else lines)


def begin(desk: Any) -> Any:
    """The form of a new order with its head filled in."""
    desk.log_in("sales_clerk")
    desk.page.goto(f"{desk.root}{NEW}")
    fill_head(desk.page)
    return desk.page


def fill_head(page: Any) -> None:
    page.fill("[name=customer]", "C001")
    page.select_option("[name=channel]", "phone")
    page.fill("[name=delivery_on]", "2031-06-30")


def wait_for_draft(page: Any) -> None:
    """Wait until what was typed is kept; the policy of our pages forbids to wait by an expression."""
    page.wait_for_selector("[data-kept]:not(:empty)", state="attached")
    assert page.evaluate("Object.keys(localStorage).some((name) => name.startsWith('draft:'))")


@pytest.mark.parametrize("width", WIDTHS)
def test_thirty_rows_are_pasted_checked_repaired_and_received(desks: Any, story: Story, width: int) -> None:  # noqa: F811
    desk = desks(width)
    page = begin(desk)
    page.evaluate(PASTE, ["lines-0-item", block(30, wrong={7: "KYN28A-13"})])
    page.wait_for_selector("[data-column=item].err")
    assert page.locator(".grid tbody tr").count() == 30
    assert page.inner_text("[data-sum=rows]") == "30"
    assert page.inner_text("[data-sum=amount]") == "¥ 17,670,000"
    desk.shoot("form-30-rows")
    page.locator("tr", has=page.locator("[name=lines-6-item]")).locator(".repair").first.click()
    page.wait_for_selector("[data-column=item].err", state="detached")
    page.click(".act-bar .btn-primary")
    page.wait_for_url("**/orders/order/*-*/")
    assert Order.objects.get().lines.count() == 30


def test_a_block_with_heads_is_laid_out_by_them_and_can_be_taken_back(desks: Any, story: Story) -> None:  # noqa: F811
    desk = desks()
    page = begin(desk)
    quantity, item = (
        page.get_attribute(f".grid thead th:has(~ th) >> nth={n}", "data-title") for n in (2, 1)
    )
    page.evaluate(PASTE, ["lines-0-item", f"{quantity}\t{item}\n5\tKYN28A-12\n6\tKYN28A-12"])
    assert page.input_value("[name=lines-0-item]") == "KYN28A-12"
    assert page.input_value("[name=lines-1-quantity]") == "6"
    page.click("[data-status] button")
    assert page.input_value("[name=lines-0-item]") == ""
    assert page.input_value("[name=lines-1-quantity]") == ""


def test_keys_walk_the_grid_and_a_number_with_its_unit_is_repaired(desks: Any, story: Story) -> None:  # noqa: F811
    page = begin(desks())
    page.fill("[name=lines-0-item]", "KYN28A-12")
    page.fill("[name=lines-0-quantity]", "2面")
    page.press("[name=lines-0-quantity]", "Enter")
    assert page.evaluate("document.activeElement.name") == "lines-1-quantity"
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.name") == "lines-0-quantity"
    page.keyboard.press("Control+d")
    assert page.input_value("[name=lines-0-quantity]") == "2面"
    page.click("[data-column=quantity] ~ .cell-note .repair")
    assert page.input_value("[name=lines-0-quantity]") == "2"
    page.press("[name=lines-1-item]", "Control+d")
    assert page.input_value("[name=lines-1-item]") == "KYN28A-12"
    page.focus("[name=lines-2-item]")
    page.keyboard.press("F2")
    page.wait_for_selector(".picker li")


def test_what_was_typed_survives_a_reload_and_goes_when_it_was_sent(desks: Any, story: Story) -> None:  # noqa: F811
    desk = desks()
    page = begin(desk)
    page.on("dialog", lambda dialog: dialog.accept())
    page.evaluate(PASTE, ["lines-0-item", block(6)])
    wait_for_draft(page)
    page.reload()
    page.wait_for_selector("[data-note]")
    assert page.input_value("[name=customer]") == "C001"
    assert page.input_value("[name=lines-5-quantity]") == "6"
    desk.shoot("form-restored")
    page.click(".act-bar .btn-primary")
    page.wait_for_url("**/orders/order/*-*/")
    page.goto(f"{desk.root}{NEW}")
    assert page.input_value("[name=customer]") == ""
    assert page.locator("[data-note]").count() == 0


def test_a_draft_can_be_thrown_away(desks: Any, story: Story) -> None:  # noqa: F811
    page = begin(desks())
    page.on("dialog", lambda dialog: dialog.accept())
    wait_for_draft(page)
    page.reload()
    page.click("[data-note] button")
    assert page.input_value("[name=customer]") == ""
    page.reload()
    assert page.input_value("[name=customer]") == ""


def test_without_a_network_nothing_is_lost_and_nothing_doubled(desks: Any, story: Story) -> None:  # noqa: F811
    desk = desks()
    page = begin(desk)
    page.evaluate(PASTE, ["lines-0-item", block(3)])
    page.context.set_offline(True)
    page.click(".act-bar .btn-primary")
    page.wait_for_selector("[data-note]")
    assert page.input_value("[name=lines-2-quantity]") == "3"
    page.context.set_offline(False)
    # What the browser itself says of the network.
    desk.complaints.clear()
    page.click(".act-bar .btn-primary")
    page.wait_for_url("**/orders/order/*-*/")
    assert Order.objects.count() == 1


def test_a_lost_answer_does_not_double_the_order(desks: Any, story: Story) -> None:  # noqa: F811
    """The order is received, but the browser never hears of it: the draft sends the same form again."""
    desk = desks()
    page = begin(desk)
    page.on("dialog", lambda dialog: dialog.accept())
    page.evaluate(PASTE, ["lines-0-item", block(3)])

    def lose(route: Any) -> None:
        if route.request.method == "POST" and "x-check" not in route.request.headers:
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    page.route(f"**{NEW}", lose)
    page.click(".act-bar .btn-primary")
    page.wait_for_selector("[data-grid]", state="detached")
    assert Order.objects.count() == 1
    # The route above fetched the answer with the browser's own cookies; others know nothing.
    page.context.clear_cookies(name="done")
    page.unroute(f"**{NEW}")
    page.goto(f"{desk.root}{NEW}")
    page.wait_for_selector("[data-note]")
    page.click(".act-bar .btn-primary")
    page.wait_for_url("**/orders/order/*-*/")
    assert Order.objects.count() == 1
    desk.complaints.clear()
