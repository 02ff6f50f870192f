"""The schema names every document and verb, made from the registries; nothing in it hangs in the air."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from django.test import Client

from flow.actions import Action
from flow.schema import input_schema
from flow.screens import Screen
from orders.forms.order import OrderForm
from tests.contracts import openapi


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return yaml.safe_load(openapi.text())


def test_every_document_and_every_verb_with_a_face_has_its_path(schema: dict[str, Any]) -> None:
    paths = schema["paths"]
    for label, screen in Screen.registry.items():
        base = f"/api/v1/{label.replace('.', '/')}/"
        assert "get" in paths[base]
        assert "get" in paths[base + "{id}/"]
        for action in Action.registry.values():
            if action.model is not screen.model:
                continue
            path = base if action.creates else f"{base}{{id}}/{action.name}/"
            assert ("post" in paths.get(path, {})) is (action.has_face), action.verb


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(schema)))
    assert named <= set(schema["components"]["schemas"])


def test_every_operation_has_a_name_of_its_own(schema: dict[str, Any]) -> None:
    names = [operation["operationId"] for path in schema["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


def test_every_operation_asks_for_a_token(schema: dict[str, Any]) -> None:
    for path in schema["paths"].values():
        for operation in path.values():
            assert {"serviceToken": []} in operation["security"]
            assert {} not in operation["security"]


def test_the_house_lists_are_described(schema: dict[str, Any]) -> None:
    asked = {p["name"] for p in schema["paths"]["/api/v1/events/"]["get"]["parameters"]}
    assert asked == {"verb", "subject", "case", "cursor", "page_size"}
    assert "get" in schema["paths"]["/api/v1/deadlines/"]


def test_the_input_of_a_verb_is_its_form() -> None:
    schema = input_schema(Action.registry["orders.order.receive"])
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["customer", "channel", "delivery_on"]
    assert schema["properties"]["channel"]["enum"]
    assert schema["properties"]["is_project"] == {
        "type": "boolean",
        "title": schema["properties"]["is_project"]["title"],
        "description": OrderForm.base_fields["is_project"].help_text,
    }
    assert schema["properties"]["lines"]["items"]["required"] == ["item", "quantity"]


@pytest.mark.django_db
def test_schema_and_docs_are_served() -> None:
    client = Client()
    assert client.get("/api/v1/schema/").status_code == 200
    assert client.get("/api/v1/docs/").status_code == 200
