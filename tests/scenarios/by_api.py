"""A program that knows nothing but the schema, the answers and the tokens of its people."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from tests.api.conftest import Caller
from tests.goods import Factory
from tests.scenarios.line import Paper

ROOT = "/api/v1"


class ByApi:
    """The face of programs: every body fits the schema that the house gave out, every step the offer it made."""

    def __init__(self, factory: Factory) -> None:
        self.caller = cache(lambda role: Caller(factory.person(role)))
        schema = self.caller("admin").get(f"{ROOT}/schema/")
        self.schema: dict[str, Any] = yaml.safe_load(schema.content)

    def create(
        self, role: str, kind: str, fields: Any, lines: Any = None, *, under: Paper | None = None
    ) -> Paper:
        """POST to the collection, as the schema of the house describes it."""
        path = f"{ROOT}/{kind}/"
        posted = self.schema["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        body = fitting(posted["schema"], fields, lines)
        answer = self.caller(role).post(path, body)
        assert answer.status_code == 201, answer.content.decode()
        return of(kind, answer.json())

    def do(self, role: str, paper: Paper, verb: str, fields: Any = None, lines: Any = None) -> Paper:
        """Follow the offer that the document makes to this person."""
        (offer,) = [o for o in self.shown(role, paper)["actions"] if o["name"] == verb]
        assert offer["reasons"] == [], offer
        answer = self.caller(role).post(offer["url"], fitting(offer["schema"], fields, lines))
        assert answer.status_code == 200, (offer["url"], answer.content.decode())
        return of(paper.kind, answer.json())

    def find(self, role: str, kind: str, /, **filters: str) -> list[Paper]:
        """GET the list."""
        answer = self.caller(role).get(f"{ROOT}/{kind}/", {**filters, "ordering": "created_at"})
        assert answer.status_code == 200, answer.content.decode()
        return [of(kind, row) for row in answer.json()["results"]]

    def look(self, role: str, paper: Paper) -> Paper:
        """GET the document."""
        return of(paper.kind, self.shown(role, paper))

    def rows(self, role: str, paper: Paper) -> list[str]:
        """The items of its lines."""
        return [row["item"]["number"] for row in self.shown(role, paper)["lines"]["lines"]]

    def shown(self, role: str, paper: Paper) -> dict[str, Any]:
        """The whole document."""
        answer = self.caller(role).get(f"{ROOT}/{paper.kind}/{paper.id}/")
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    def history(self, role: str, case: str) -> list[dict[str, Any]]:
        """The events of a case, the oldest first, page by page."""
        path: str | None = f"{ROOT}/events/?case={case}&page_size=50"
        found: list[dict[str, Any]] = []
        while path:
            answer = self.caller(role).get(path).json()
            found += answer["results"]
            path = answer["next"]
        return found[::-1]


def of(kind: str, shown: dict[str, Any]) -> Paper:
    """A document in an answer."""
    return Paper(kind, shown["id"], shown["number"] or "", shown["state"])


def fitting(schema: dict[str, Any], fields: Any, lines: Any) -> dict[str, Any]:
    """The body, if it is what the schema describes."""
    body = {name: _sent(value) for name, value in (fields or {}).items()}
    if lines is not None:
        body["lines"] = lines
    Draft202012Validator(schema).validate(body)
    return body


def _sent(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    name, content = value
    return {"name": name, "content": base64.b64encode(content).decode()}
