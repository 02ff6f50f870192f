"""The engine's page and the pages about coming in, in a real browser: nothing over the edge, no complaint."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from config import heartbeat
from deadlines import sweep
from flow import maintenance, tick
from flow.models import MaintenanceRecord, Outage
from integration.models import Outbox
from org import factors
from org.models import Person
from tests.browser.test_pages import WIDTHS, Desk, desks  # noqa: F401
from tests.people import NINE, PASSWORD
from tests.security.test_factors import shown
from tests.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Kind = MaintenanceRecord.Kind


def troubled(story: Story) -> None:
    """A house with something to say on every line of the page."""
    story.effective()
    sweep.run(at=NINE + timedelta(hours=5))
    now = timezone.now()
    tick.beat(heartbeat.WORKER)
    began = now - timedelta(hours=3)
    Outage.objects.create(began_at=began, ended_at=began + timedelta(hours=2), ended_by="worker")
    letter = {"kind": Outbox.Kind.MAIL, "recipient": "buyer@example.com", "channel": "mail"}
    Outbox.objects.create(key="1", state=Outbox.State.DEAD, **letter)
    maintenance.note(Kind.BACKUP, seconds=41.2, size=812_000_000, place="/backups/2026-03-02")
    said = "2 findings.\nstate and version: orders.order 7 differs\nnumbers: a gap"
    maintenance.note(Kind.INVARIANTS, succeeded=False, seconds=12.0, summary=said)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_engine_fits_its_window(desks: Any, story: Story, width: int) -> None:  # noqa: F811
    troubled(story)
    desk = desks(width)
    desk.log_in("admin")
    desk.page.goto(f"{desk.root}/engine/")
    desk.shoot("20-engine")
    desk.page.click(".safe details summary")
    assert desk.page.is_visible("text=a gap")
    assert desk.page.locator(".verdict .say-late").count() >= 2


@pytest.mark.parametrize("width", WIDTHS)
def test_a_telephone_is_set_up_and_asked_for(desks: Any, story: Story, width: int) -> None:  # noqa: F811
    desk = desks(width)
    desk.log_in("buyer")
    desk.look("/account/password/", "21-password")
    desk.look("/account/factor/", "22-factor")
    secret = re.sub(r"\s", "", desk.page.inner_text(".secret"))
    desk.page.fill("[name=code]", shown(secret, timezone.now()))
    desk.page.click("main button.btn-primary")
    desk.page.wait_for_selector(".codes")
    desk.shoot("23-codes")
    code = desk.page.locator(".codes code").first.inner_text()
    desk.look("/account/factor/", "24-factor-stands")
    log_out_and_in(desk)
    desk.shoot("25-code")
    desk.page.fill("[name=code]", code)
    desk.page.click("main button.btn-primary")
    desk.page.wait_for_url(f"{desk.root}/")
    assert factors.codes_left(Person.objects.get(username="buyer")) == factors.PAPER_CODES - 1


def log_out_and_in(desk: Desk) -> None:
    """Out, and in again as far as the question for the code; a wrong password on the way."""
    desk.page.click("main button:has-text('Log out')")
    for password in ("wrong", PASSWORD):
        desk.page.fill("[name=username]", "buyer")
        desk.page.fill("[name=password]", password)
        desk.page.click("main button.btn-primary")
    desk.page.wait_for_url(f"{desk.root}/login/code/")
