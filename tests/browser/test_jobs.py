"""Jobs, a step on many documents, export and import in a real browser, wide and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from flow.events import By
from integration import jobs, working
from integration.models import Job
from orders.models import Order
from tests.browser.test_pages import WIDTHS, desks  # noqa: F401
from tests.jobs.conftest import workbook
from tests.jobs.test_documents import SOON
from tests.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HEAD = ["group", "customer", "channel", "delivery_on", "lines.item", "lines.quantity"]
SHEET = workbook(
    HEAD,
    ["A", "C001", "电话", SOON, "KYN28A-12", 2],
    ["A", None, None, None, "LZZBJ9-12", 3],
    [],
    ["B", "华东电力公司", "电话", SOON, "KYN28", 1],
    ["C", "C9", "电报", "明天", "KYN28A-12", 0],
)


def fill(story: Story) -> None:
    for _ in range(3):
        Story(story.factory).confirmed()
    for _ in range(2):
        Story(story.factory).received()
    admin = story.factory.person("admin")
    admin.is_staff = True
    admin.save()


def moment(story: Story) -> By:
    """The sales clerk, now."""
    return By(story.factory.person("sales_clerk"), timezone.now())


def chinese(desk: Any) -> Any:
    """The same desk in the language of the house."""
    desk.page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": desk.root}])
    return desk


def handed_in(desk: Any) -> None:
    """Hand the sheet in and see what would become of it."""
    desk.visit("/imports/orders.order.receive/")
    desk.page.set_input_files(
        "[name=file]", {"name": "三月订单.xlsx", "mimeType": "application/zip", "buffer": SHEET}
    )
    desk.page.click("main .btn-primary")
    desk.page.wait_for_url(f"{desk.root}/jobs/**")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_fit_their_window(desks: Any, story: Story, width: int, theme: str) -> None:  # noqa: F811
    fill(story)
    desk = chinese(desks(width, color_scheme=theme))
    desk.log_in("sales_clerk")
    desk.look("/imports/", f"imports-{theme}")
    desk.look("/imports/orders.order.receive/", f"import-{theme}")
    handed_in(desk)
    desk.shoot(f"import-tried-{theme}")
    desk.look("/export/?label=orders.order&state=confirmed", f"export-{theme}")
    running = jobs.start("desk.export", by=moment(story), title="导出：订单", params={})
    working.claim(now=timezone.now(), only=running.pk)
    Job.objects.filter(pk=running.pk).update(done=4200, total=12000, refused=3)
    desk.look(f"/{running.path}/", f"job-running-{theme}")
    desk.look("/jobs/", f"jobs-{theme}")


def test_a_step_is_taken_on_the_picked_rows(desks: Any, story: Story) -> None:  # noqa: F811
    fill(story)
    for width in WIDTHS:
        desk = chinese(desks(width))
        desk.log_in("sales_clerk")
        page = desk.page
        desk.visit("/orders/order/")
        for box in page.locator("[data-row] .tick input").all():
            box.check()
        desk.shoot("list-picked")
        page.click("#bulk button[value=submit_review]")
        page.wait_for_selector("h2:has-text('将不处理')" if width == 1440 else "h1")
        desk.shoot("bulk-asked")
        if width == 1440:
            page.click(".act-bar .btn-primary")
            page.wait_for_url(f"{desk.root}/jobs/**")
            desk.shoot("job-left-out")
            assert Order.objects.filter(state=Order.State.IN_REVIEW).count() == 3


def test_a_sheet_is_tried_and_read_in(desks: Any, story: Story) -> None:  # noqa: F811
    fill(story)
    before = Order.objects.count()
    desk = chinese(desks())
    desk.log_in("sales_clerk")
    handed_in(desk)
    desk.page.click("button[value=good]")
    desk.page.wait_for_selector("button:has-text('撤销这次导入')")
    desk.shoot("import-done")
    assert Order.objects.count() == before + 1


def test_a_page_of_a_running_job_goes_on_by_itself(desks: Any, story: Story) -> None:  # noqa: F811
    fill(story)
    desk = chinese(desks())
    desk.log_in("sales_clerk")
    job = jobs.start("desk.export", by=moment(story), title="导出：订单", params={})
    working.claim(now=timezone.now(), only=job.pk)
    desk.visit(f"/{job.path}/")
    desk.page.wait_for_selector("progress")
    Job.objects.filter(pk=job.pk).update(state="done", ended_at=timezone.now(), message="12 行")
    desk.page.wait_for_selector(".say-ok:has-text('12 行')")
    desk.page.wait_for_selector("progress", state="detached")
