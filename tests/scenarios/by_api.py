"""A program that knows nothing but the schema, the answers and the tokens of its people."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from tests.api.conftest import Caller
from tests.goods import Factory
from tests.scenarios.line import Paper

ROOT = "/api/v1"
_keys = count(1)


class ByApi:
    """The face of programs: every body fits the schema the house gave out, every step an offer it made.

    Every request that writes is sent twice with one `Idempotency-Key`, as by a program that lost the first
    answer: it has one effect, and the key serves no other request. `before` holds what is tried in vain
    before a step is done the first time, by the step's address (`orders/contract/submit`).
    """

    def __init__(self, factory: Factory) -> None:
        self.caller = cache(lambda role: Caller(factory.person(role)))
        self.schema: dict[str, Any] = yaml.safe_load(self.caller("admin").get(f"{ROOT}/schema/").content)
        self.before: dict[str, Callable[[ByApi, Attempt], None]] = {}

    def create(
        self, role: str, kind: str, fields: Any, lines: Any = None, *, under: Paper | None = None
    ) -> Paper:
        """POST to the collection, as the schema of the house describes it."""
        path = f"{ROOT}/{kind}/"
        posted = self.schema["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        body = fitting(posted["schema"], fields, lines)
        self._try(kind, Attempt(role, path, body, under))
        return self._once(role, kind, path, body, 201)

    def do(self, role: str, paper: Paper, verb: str, fields: Any = None, lines: Any = None) -> Paper:
        """Follow the offer that the document makes to this person."""
        step = f"{paper.kind}/{verb}"
        self._try(step, Attempt(role, f"{ROOT}/{paper.kind}/{paper.id}/{verb}/", fields or {}, paper))
        (offer,) = [o for o in self.shown(role, paper)["actions"] if o["name"] == verb]
        assert offer["reasons"] == [], offer
        return self._once(role, paper.kind, offer["url"], fitting(offer["schema"], fields, lines), 200)

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
        """The events of a case, the oldest first, read page by page."""
        path: str | None = f"{ROOT}/events/?case={case}&page_size=50"
        found: list[dict[str, Any]] = []
        while path:
            answer = self.caller(role).get(path).json()
            found += answer["results"]
            path = answer["next"]
        return found[::-1]

    def refused(self, status: int, role: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """What the house says to a request that it does not grant."""
        answer = self.caller(role).post(path, body, **headers)
        assert answer.status_code == status, (path, answer.status_code, answer.content.decode())
        told: dict[str, Any] = answer.json()
        assert told["message"], told
        return told

    def _try(self, step: str, attempt: Attempt) -> None:
        if probe := self.before.pop(step, None):
            probe(self, attempt)

    def _once(self, role: str, kind: str, path: str, body: dict[str, Any], status: int) -> Paper:
        key = f"program-{next(_keys)}"
        first, again = (self.caller(role).post(path, body, Idempotency_Key=key) for _time in range(2))
        assert first.status_code == status, (path, first.content.decode())
        assert again.status_code == status
        assert again["Idempotency-Replayed"] == "true"
        assert again.json()["version"] == first.json()["version"]
        assert again.json()["id"] == first.json()["id"]
        other = self.refused(422, role, path, {**body, "more": 1}, Idempotency_Key=key)
        assert other["error"] == "key_reused"
        return of(kind, again.json())


class Attempt:
    """A step about to be done: by whom, at which address, with what, and to which document."""

    def __init__(self, role: str, path: str, body: dict[str, Any], paper: Paper | None) -> None:
        self.role, self.path, self.body, self.paper = role, path, body, paper


def of(kind: str, shown: dict[str, Any]) -> Paper:
    """A document in an answer."""
    return Paper(kind, shown["id"], shown["number"] or "", shown["state"])


def fitting(schema: dict[str, Any], fields: Any, lines: Any = None) -> dict[str, Any]:
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
