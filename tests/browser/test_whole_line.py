"""One order from `receive` to `close` by people at their browsers; pages and programs read one history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone, translation
from playwright.sync_api import Browser

from flow.invariants import violations
from orders.models import Order
from tests.api.conftest import Caller
from tests.goods import Factory
from tests.scenarios.by_pages import ByPages
from tests.scenarios.line import HISTORY, Line

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def face(factory: Factory, browser: Browser, live_server: Any) -> Iterator[ByPages]:
    """The people of the company KG at their browsers."""
    pages = ByPages(browser, live_server.url)
    yield pages
    pages.close()


def test_people_carry_an_order_from_receive_to_close(face: ByPages, factory: Factory) -> None:
    line = Line(face, timezone.localdate())
    pictured = {
        "review": ("order_desk", "review/round"),
        "sign": ("sales_clerk", "orders/contract"),
        "plan": ("prod_mgr", "production/plan"),
        "buy": ("buyer", "procurement/purchase_order"),
        "make": ("team_leader", "production/work_order"),
        "ship": ("shipper", "delivery/shipment"),
        "serve": ("service_leader", "aftersales/ticket"),
    }
    for stage in line.stages:
        stage()
        if stage.__name__ in pictured:
            role, kind = pictured[stage.__name__]
            face.shoot(role, f"/{kind}/", f"{stage.__name__}-list")
            face.shoot(role, f"/{kind}/{face.find(role, kind)[0].id}/", f"{stage.__name__}-document")
            face.shoot(role, f"/orders/order/{line.order.id}/", f"{stage.__name__}-order")
            face.shoot(role, "/", f"{stage.__name__}-home")
    with translation.override("zh-hans"):
        assert face.look("gm", line.order).state == Order.State.CLOSED.label
    told = face.told("gm", line.order)
    assert told == HISTORY
    assert told == programs_read(factory, line)
    assert face.complaints == []
    assert not any(violations().values())


def programs_read(factory: Factory, line: Line) -> list[str]:
    """The verbs of the order's case as the REST face tells them."""
    caller = Caller(factory.person("gm"))
    case = caller.get(f"/api/v1/orders/order/{line.order.id}/").json()["case"]["id"]
    events = caller.get("/api/v1/events/", {"case": case, "page_size": 200}).json()
    assert events["next"] is None
    return [event["verb"] for event in events["results"]][::-1]
