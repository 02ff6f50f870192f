"""Only what a form asks for is written: state, number, owner and price never come in by the side (P12)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from flow.actions import Action
from flow.models import Document
from flow.screens import Screen
from integration import tokens
from org.models import Person
from tests.faces import attempts
from tests.faces.attempts import Try, undone
from tests.faces.matrix import Matrix
from tests.faces.walks import WALKS
from tests.goods import Factory
from tests.proofs import proven
from tests.story import Story

pytestmark = pytest.mark.django_db
# What only the kernel writes; the values are such as the fields could take.
FORBIDDEN: dict[str, Any] = {
    "state": "closed", "number": "DDKG2026-9999", "id": 1, "pk": 1, "public_id": "0" * 32, "company_id": 1,
    "case": 1, "case_id": 1, "created_by": "admin", "created_by_id": 1, "created_at": "2020-01-01T00:00:00Z",
    "at": "2020-01-01T00:00:00Z", "by": "gm", "actor": "gm", "amount": "1", "cost": "1", "is_superuser": "on",
    "approved_by": "gm", "approved_hash": "x", "key": "x", "follow": "1", "document": 1, "viewer": 1,
}  # fmt: skip
# What may differ between two tellings of the same act.
VOLATILE = {"id", "public_id", "recorded_at", "made_at", "case_id"}


class Writes(Matrix):
    """Tries each verb, in the state and with the input that fit, with fields that are nobody's to give."""

    tried = 0

    def before(self, one: Try, actor: Person) -> None:
        """As the one who may do it: the API refuses, a page takes no notice."""
        more = {n: v for n, v in FORBIDDEN.items() if n not in one.action.form.base_fields}
        self._refuses(one, actor, more)
        for name in list(more)[:: max(len(more) // 2, 1)]:
            self._refuses(one, actor, {name: more[name]})
        if one.action.lines is not None and one.data.get("lines"):
            self._refused_in_lines(one, actor)
        plain, forced = self._page(one, actor, {}), self._page(one, actor, more)
        if plain != forced:
            self.faults.append(f"{one.action.verb} by a page: {_differing(plain, forced)}")

    def after(self, one: Try, actor: Person) -> None:
        """Nothing more is tried."""

    def _refuses(self, one: Try, actor: Person, more: dict[str, Any]) -> None:
        body = _body(one) | more
        self._judged(one, actor, body, lambda errors: set(more) <= set(errors), more)

    def _refused_in_lines(self, one: Try, actor: Person) -> None:
        more = {n: v for n, v in FORBIDDEN.items() if n not in one.action.lines.base_fields}
        body = _body(one)
        body["lines"][0] |= more
        self._judged(one, actor, body, lambda e: set(more) <= set(e.get("lines", {}).get("0", {})), more)

    def _judged(
        self, one: Try, actor: Person, body: dict[str, Any], named: Any, more: dict[str, Any]
    ) -> None:
        self.tried += 1
        with undone(), time_machine.travel(one.at, tick=False):
            before = attempts._standing(one)
            answer = _sent(one, actor, body)
            errors = answer.json().get("errors", {}) if answer.status_code == 422 else {}
            if answer.status_code != 422 or not named(errors) or attempts._standing(one) != before:
                self.faults.append(f"{one.action.verb} with {sorted(more)}: {answer.status_code} {errors}")

    def _page(self, one: Try, actor: Person, more: dict[str, Any]) -> Any:
        """What the document is after the form was sent with more fields than it has."""
        self.tried += 1
        with undone(), time_machine.travel(one.at, tick=False):
            known = attempts.fresh(one.data)
            client = Client()
            client.force_login(actor)
            answer = client.post(_where(one), _form(one, known) | more, headers={"Accept-Language": "en"})
            if answer.status_code != 302:
                return answer.status_code
            rows = one.action.model._default_manager.all()
            left = (
                rows.order_by("-pk").first()
                if one.document is None
                else rows.filter(pk=one.document.pk).first()
            )
            return _values(left)


def _where(one: Try) -> str:
    if one.document is None:
        return f"/{one.root}new/"
    return f"/{one.root}{one.document.public_id}/{one.action.name}/"


def _form(one: Try, data: dict[str, Any]) -> dict[str, Any]:
    form: dict[str, Any] = attempts._form(one.action.form, data)
    if one.action.lines is not None:
        for index, row in enumerate(data.get("lines") or []):
            cells = attempts._form(one.action.lines, row)
            form |= {f"lines-{index}-{name}": value for name, value in cells.items()}
    return form


def _body(one: Try) -> dict[str, Any]:
    body: dict[str, Any] = attempts._json(one.action.form, attempts.fresh(one.data))
    if one.action.lines is not None and "lines" in one.data:
        body["lines"] = [attempts._json(one.action.lines, row) for row in one.data["lines"] or []]
    return body


def _sent(one: Try, actor: Person, body: dict[str, Any]) -> Any:
    where = f"/api/v1/{one.root}"
    if one.document is not None:
        where += f"{one.document.public_id}/{one.action.name}/"
    headers = {"Authorization": f"Token {tokens.issue(actor)[1]}", "Accept-Language": "en"}
    return Client().post(where, json.dumps(body), content_type="application/json", headers=headers)


def _values(document: Document | None) -> dict[str, Any] | None:
    if document is None:
        return None
    fields = document._meta.concrete_fields
    return {f.attname: str(getattr(document, f.attname)) for f in fields if f.attname not in VOLATILE}


def _differing(plain: Any, forced: Any) -> Any:
    if not isinstance(plain, dict) or not isinstance(forced, dict):
        return plain, forced
    return {name: (plain[name], forced[name]) for name in plain if plain[name] != forced.get(name)}


@pytest.mark.faults
def test_no_verb_takes_what_it_does_not_ask_for(factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    writes = Writes(factory)
    with translation.override("en"), writes.watching(monkeypatch):
        for walk in WALKS:
            walk(Story(factory))
    assert len(writes.seen) > 120
    note = "; ".join(writes.faults[:5]) or f"{len(FORBIDDEN)} fields at each of {len(writes.seen)} verbs"
    proven("P12", injections=writes.tried, violations=len(writes.faults), note=note)


def test_nobody_writes_a_figure_that_he_may_not_read() -> None:
    """A confidential field stands in the form of a verb only for roles that may read it."""
    assert list(blind_writes()) == []


def blind_writes() -> Iterator[str]:
    """Each verb, confidential field and role that may write the field without reading it."""
    for action in Action.registry.values():
        if not action.has_face:
            continue
        for name, roles in _closed_fields(action):
            if blind := sorted({str(r) for r in action.may} - roles):
                yield f"{action.verb} {name}: {', '.join(blind)}"


def _closed_fields(action: Action) -> Iterator[tuple[str, set[str]]]:
    screen = Screen.registry[action.model.label()]
    parts = [action.model._meta.get_field(part.name).related_model for part in screen.lines]
    for form, kinds in ((action.form, [action.model]), (action.lines, parts)):
        for kind in kinds if form else ():
            closed = getattr(kind, "confidential", {})
            for name in form.base_fields.keys() & closed.keys():
                yield name, {str(getattr(role, "value", role)) for role in closed[name]}
