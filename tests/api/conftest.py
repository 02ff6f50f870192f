"""A program that speaks to the REST face with a token."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integration import tokens
from org.models import Person
from tests.goods import Factory

ORDERS = "/api/v1/orders/order/"


class Caller:
    """Calls the REST face as one person; a body is sent as JSON."""

    def __init__(self, person: Person) -> None:
        self.client = Client(raise_request_exception=True)
        self.token = tokens.issue(person)[1]

    def get(self, path: str, asked: Any = None, **headers: str) -> Any:
        """GET with query parameters."""
        return self.client.get(path, asked or {}, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST a body, as it is if it is bytes."""
        sent = body if isinstance(body, bytes) else json.dumps({} if body is None else body)
        return self.client.post(path, sent, content_type="application/json", headers=self._headers(headers))

    def send(self, path: str, fields: dict[str, Any], **headers: str) -> Any:
        """POST a multipart form."""
        return self.client.post(path, fields, headers=self._headers(headers))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Token {self.token}", "Accept-Language": "en", **named}


@pytest.fixture
def calling(factory: Factory) -> Callable[..., Caller]:
    """`calling("sales_clerk")`: the holder of the role in KG as a program."""
    return lambda role="sales_clerk", **where: Caller(factory.person(role, **where))


@pytest.fixture
def clerk(calling: Callable[..., Caller]) -> Caller:
    """The sales clerk of KG."""
    return calling("sales_clerk")


@pytest.fixture
def order_body() -> dict[str, Any]:
    """An order as a program sends it."""
    return {
        "customer": "C001",
        "channel": "phone",
        "delivery_on": (timezone.localdate() + timedelta(days=200)).isoformat(),
        "lines": [
            {"item": "KYN28A-12", "quantity": "2", "unit_price": "38000.00"},
            {"item": "LZZBJ9-12", "quantity": 3},
        ],
    }
