"""The end of the line as a program drives it: JSON in, JSON out, and no page that fails."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from aftersales.models import Invoice, Ticket
from delivery.models import Shipment
from flow.actions import actions_of
from flow.models import Document
from orders.models import Order
from tests.api.conftest import Caller
from tests.api.test_every import filled
from tests.api.test_hostile import assert_told
from tests.people import NINE
from tests.story import Story, call
from warehouse.models import PickList, StockIn

FILE = {"name": "回执.pdf", "content": base64.b64encode(b"%PDF-1.7 signed").decode()}


@pytest.fixture(autouse=True)
def afternoon() -> Iterator[None]:
    """Faces read the clock: it is the afternoon of the story's day."""
    with time_machine.travel(NINE + timedelta(hours=5)):
        yield


class Programs:
    """Programs that act for the people of an order's company."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def post(self, role: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the house answers to a request that it grants."""
        answer = Caller(self.story.factory.person(role)).post(f"/api/v1/{path}/", body or {})
        assert answer.status_code in (200, 201), answer.content.decode()
        return answer.json()


@pytest.mark.rule("DLV-20", "AFS-20")
def test_programs_ship_serve_and_collect(story: Story) -> None:
    story.with_material().in_stock()
    programs, order = Programs(story), str(story.order.number)
    notice = {
        "order": order,
        "planned_dispatch_on": "2026-03-04",
        "address": "苏州工业园区 1 号",
        "lines": [{"line": 1, "quantity": "2"}],
    }
    path = f"delivery/shipment/{programs.post('order_desk', 'delivery/shipment', notice)['id']}"
    assert programs.post("order_desk", f"{path}/issue")["state"] == "issued"
    programs.post("fg_keeper", f"{path}/prepare", {"boxes": 4})
    carrier = {"carrier": "T001", "no_vehicle_reason": "车辆在外", "vehicle": "苏E-12345"}
    assert programs.post("shipper", f"{path}/dispatch", carrier)["state"] == "dispatched"
    programs.post("shipper", f"{path}/record_carrier_receipt", {"file": FILE})
    programs.post("sales_clerk", f"{path}/record_customer_told", call())
    programs.post("salesperson", f"{path}/record_customer_receipt", {"file": FILE, "received_by": "王工"})
    assert programs.post("order_desk", f"{path}/close")["state"] == "closed"
    assert story.order.state == Order.State.AFTER_SALES
    _serve(programs, order)
    _collect(programs, order)
    accepted = {"accepted_on": story.at.date().isoformat(), "signer": "王工", "satisfaction": 5}
    assert programs.post("salesperson", f"orders/order/{order}/complete", accepted)["state"] == "completed"


def _serve(programs: Programs, order: str) -> None:
    demand = {"order": order, "kind": "repair", "problem": "仪表不显示", "telephone_only": True}
    path = f"aftersales/ticket/{programs.post('sales_clerk', 'aftersales/ticket', demand)['number']}"
    programs.post("sales_clerk", f"{path}/hand_over")
    programs.post("service_leader", f"{path}/record_contact", call())
    programs.post("service_eng", f"{path}/start")
    programs.post("service_eng", f"{path}/solve", {"solution": "更换仪表"})
    programs.post("service_leader", f"{path}/confirm", {"confirmed_by": "王工"})
    assert programs.post("service_leader", f"{path}/close")["state"] == "closed"


def _collect(programs: Programs, order: str) -> None:
    path = f"aftersales/invoice/{programs.post('salesperson', 'aftersales/invoice', {'order': order})['id']}"
    programs.post("finance", f"{path}/issue", {"tax_number": "033001800104"})
    assert programs.post("finance", f"{path}/send")["state"] == "sent"
    body = {"order": order, "amount": "53200.00", "received_on": "2026-03-02"}
    payment = programs.post("finance", "orders/payment", body)["id"]
    programs.post("finance", f"orders/payment/{payment}/record")
    assert Invoice.objects.get().state == Invoice.State.PAID


def test_programs_draw_material_and_put_it_into_stock(story: Story) -> None:
    story.with_material().released()
    part = next(w for w in story.work_orders if not w.is_final)
    programs, path = Programs(story), f"warehouse/pick_list/{story.pick_list(part).number}"
    programs.post("storekeeper", f"{path}/prepare", {"lines": [{"line": 1, "quantity": "25"}]})
    shown = programs.post("picker", f"{path}/confirm_issue")
    assert shown["state"] == "issued"
    assert [row["issued"] for row in shown["lines"]["lines"]] == ["25.000"]
    story.inspect(story.make(story.again(part)))
    (slip,) = story.slips()
    posted = programs.post("storekeeper", f"warehouse/stock_in/{slip.number}/post", {"location": "KG-raw/01"})
    assert posted["state"] == "posted"


@pytest.fixture
def late(story: Story) -> Story:
    """An order of which one piece has left, one is on a notice, with an open ticket and an open invoice."""
    story.with_material().in_stock()
    story.dispatched(story.notified(1))
    story.notified(1)
    story.ticket()
    story.invoiced(20000)
    return story


def _documents() -> Iterator[Document]:
    for model in (StockIn, PickList, Shipment, Ticket, Invoice):
        yield from model._default_manager.select_related("company", "case").order_by("pk")


def test_every_page_opens_for_everybody(late: Story) -> None:
    for role in ("order_desk", "fg_keeper", "finance", "assembler"):
        client = Client()
        client.force_login(late.factory.person(role))
        for document in _documents():
            hidden = isinstance(document, Invoice) and role in ("fg_keeper", "assembler")
            assert client.get(f"/{document.path}/").status_code == (404 if hidden else 200), (role, document)


def test_every_form_opens_and_every_verb_takes_nonsense(late: Story) -> None:
    for document in _documents():
        for action in actions_of(type(document)):
            if not action.has_face or action.creates:
                continue
            person = late.factory.person(min(action.roles_for(document) or action.may))
            client, caller = Client(), Caller(person)
            client.force_login(person)
            assert client.get(f"/{document.path}/{action.name}/").status_code in (200, 403, 409), action.verb
            for value in (None, True, "\x00", -1, 10**40, "9999-12-31", "x" * 5000):
                assert_told(caller.post(f"/api/v1/{document.path}/{action.name}/", filled(action, value)))
