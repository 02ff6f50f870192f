"""Buyers order on the screen and through the interface alike."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from procurement.models import PurchaseOrder
from tests.procurement.conftest import Two

pytestmark = pytest.mark.django_db


def client(two: Two, role: str) -> Client:
    """A browser in which the holder of the role is logged in."""
    made = Client()
    made.force_login(two.factory.person(role))
    return made


def ordered(two: Two, **line: Any) -> Any:
    """The answer to a buyer who posts a purchase order for the copper of both orders."""
    rows = [{"requisition_line": found.pk, **line} for found in two.copper]
    body = json.dumps({"supplier": "S001", "lines": rows})
    path = "/api/v1/procurement/purchase_order/"
    return client(two, "buyer").post(path, body, content_type="application/json")


def test_the_interface_orders_and_refuses_with_figures(two: Two) -> None:
    made = ordered(two)
    assert made.status_code == 201
    assert [line["quantity"] for line in made.json()["lines"]["lines"]] == ["25.000", "25.000"]
    refused = ordered(two, quantity="5")
    assert refused.status_code == 409
    assert len(refused.json()["reasons"]) == 2
    assert PurchaseOrder.objects.count() == 1


def test_a_buyer_finds_lines_by_item_and_sees_what_is_to_be_ordered(two: Two) -> None:
    browser = client(two, "buyer")
    found = browser.get("/pick/procurement.purchase_order.create/lines/requisition_line/", {"q": "COPPER"})
    assert [row["value"] for row in found.json()["results"]] == [str(line.pk) for line in two.copper]
    page = browser.get("/").content.decode()
    assert all(str(line) in page for line in two.copper)
    assert str(two.copper[0]) not in client(two, "storekeeper").get("/").content.decode()


def test_every_page_of_the_way_opens(two: Two) -> None:
    document = two.first.sent(two.bundled())
    receipt = two.first.delivered(document, line_2=0)
    inspection = two.first.handed_to_quality(receipt)
    pages = {
        "buyer": [
            "procurement/purchase_order/new",
            "procurement/purchase_order",
            document.path,
            f"{document.path}/reduce",
            f"{document.path}/log_supplier_contact",
            two.first.requisition.path,
        ],
        "storekeeper": ["procurement/receipt/new", receipt.path],
        "inspector": [inspection.path, f"{inspection.path}/pass", f"{inspection.path}/fail"],
    }
    for role, paths in pages.items():
        for path in paths:
            assert client(two, role).get(f"/{path}/").status_code == 200, path
