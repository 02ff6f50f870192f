"""No input whatever is answered with a 5xx (P13)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from flow.actions import actions_of
from orders.models import Order
from tests.api.conftest import ORDERS, Caller

pytestmark = pytest.mark.django_db
NASTY: list[Any] = [
    {}, [], [1], {"a": {"b": []}}, True, False, 0, -1, 1.5, 1e308, -1e308, 10**40, 10**400, "", " ", "\x00",
    "\ud800", "' OR 1=1 --", "x" * 5000, "NaN", "Infinity", "-0", "1e999999", "0001-01-01", "9999-12-31",
    "2026-02-30", "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00-14:00", "𝟙", "١",
    "00000000-0000-0000-0000-000000000000",
]  # fmt: skip
NOWHERE = [
    "", "nothing/", "orders/", "orders/nothing/", "orders/order/%00/", "orders/order/x/",
    "orders/order/%F0%9F/", "orders/order/00000000-0000-0000-0000-00000000000/", "orders/order/x/fly/",
    "orders/order/x/take_effect/", "attachments/x/", "attachments/00000000-0000-0000-0000-000000000000/",
    "orders/order/" + "9" * 999 + "/",
]  # fmt: skip


def assert_told(answer: Any) -> None:
    """A structured refusal, or a success; never a failure of the house."""
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        said = answer.json()
        assert said["error"]
        assert isinstance(said["message"], str)


@pytest.mark.parametrize(
    "name", ["customer", "channel", "delivery_on", "is_project", "remark", "company", "happened_at", "lines"]
)
def test_any_value_in_any_field(clerk: Caller, order_body: dict[str, Any], name: str) -> None:
    for value in NASTY:
        assert_told(clerk.post(ORDERS, order_body | {name: value}))


@pytest.mark.parametrize("name", ["item", "quantity", "unit_price", "delivery_on", "technical_requirement"])
def test_any_value_in_any_cell(clerk: Caller, order_body: dict[str, Any], name: str) -> None:
    for value in NASTY:
        order_body["lines"][0][name] = value
        answer = clerk.post(ORDERS, order_body)
        assert_told(answer)
        if isinstance(value, dict | list | bool):
            assert answer.json()["errors"]["lines"]["0"][name]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"null", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"NaN", 400),
        (b'{"remark": NaN}', 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"remark": ' + b"9" * 10_000 + b"}", 400),
        (b"{}", 422),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_malformed_bodies(clerk: Caller, body: bytes, status: int) -> None:
    answer = clerk.post(ORDERS, body)
    assert_told(answer)
    assert answer.status_code == status


def test_a_body_beyond_all_measure(clerk: Caller) -> None:
    assert clerk.post(ORDERS, b'{"remark": "' + b"x" * (30 * 1024 * 1024) + b'"}').status_code == 413


def test_other_content_types(clerk: Caller) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"):
        answer = clerk.client.post(ORDERS, "x", content_type=kind, headers=clerk._headers({}))
        assert answer.status_code == 415
        assert_told(answer)
    answer = clerk.client.post(
        ORDERS, b"x", content_type="multipart/form-data; boundary=", headers=clerk._headers({})
    )
    assert answer.status_code == 400


def test_other_charsets(clerk: Caller) -> None:
    for charset in ("utf-16", "nonsense", "base64", "idna"):
        kind = f"application/json; charset={charset}"
        answer = clerk.client.generic("POST", ORDERS, b"{}", kind, headers=clerk._headers({}))
        assert_told(answer)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods(clerk: Caller, method: str) -> None:
    answer = getattr(clerk.client, method)(ORDERS, headers=clerk._headers({}))
    assert answer.status_code == 405
    assert answer.json()["error"]


def test_paths_that_lead_nowhere(clerk: Caller) -> None:
    for path in NOWHERE:
        answer = clerk.get(f"/api/v1/{path}")
        assert answer.status_code == 404, path
        assert answer.json()["error"] == "not_found"


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "schlüssel", "a b"])
def test_an_idempotency_key_that_cannot_be_kept(clerk: Caller, order_body: dict[str, Any], key: str) -> None:
    answer = clerk.post(ORDERS, order_body, Idempotency_Key=key)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["Idempotency-Key"]


def test_every_verb_survives_nonsense(calling: Callable[..., Caller], order_body: dict[str, Any]) -> None:
    """Every verb of the order, with every field filled with every nasty value."""
    made = calling("sales_clerk").post(ORDERS, order_body).json()
    for action in actions_of(Order):
        if not action.has_face or action.creates:
            continue
        caller = calling(sorted(action.may)[0])
        for value in NASTY:
            body = dict.fromkeys(action.form.base_fields, value)
            if action.lines:
                body["lines"] = [dict.fromkeys(action.lines.base_fields, value)]
            assert_told(caller.post(f"{ORDERS}{made['id']}/{action.name}/", json.dumps(body).encode()))
    assert calling("gm").get(f"{ORDERS}{made['id']}/").status_code == 200
