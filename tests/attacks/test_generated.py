"""What fits the API's schema or offends against it is answered without a failure and without a leak (P13)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
import time_machine
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from flow.actions import Action
from flow.forms import ReferenceField
from flow.models import Document
from org.models import Person
from tests.attacks.seats import Answer, Seat
from tests.attacks.world import MARK, World
from tests.contracts import openapi
from tests.faces.attempts import undone
from tests.goods import Factory
from tests.proofs import proven

pytestmark = pytest.mark.django_db
# How many inputs of each kind an operation gets: such as fit the schema, and such as do not.
QUICK, LONG = (2, 1), (80, 40)
# So many in ten go to a document that is there, and name rows that are there.
REAL = 7
# Headers in which somebody says who he is; here that is known.
OWN = {"authorization", "host", "content-length", "content-type", "cookie"}


@pytest.fixture
def world(factory: Factory) -> World:
    return World(factory)


@pytest.mark.faults
def test_no_generated_input_brings_the_api_down(world: World, one_database: None) -> None:
    judged(world, *QUICK)


@pytest.mark.soak
def test_no_generated_input_of_many_brings_the_api_down(world: World) -> None:
    judged(world, *LONG)


def judged(world: World, fitting: int, offending: int) -> None:
    """Send so many inputs of both kinds to every operation and write down what came of it."""
    attack = Generated(world)
    with time_machine.travel(world.at, tick=False):
        for operation in operations():
            attack.operation(operation, GenerationMode.POSITIVE, fitting)
            attack.operation(operation, GenerationMode.NEGATIVE, offending)
    note = "; ".join(attack.faults[:9]) or f"inputs made from the API's schema; {attack.done} had an effect"
    proven("P13", injections=attack.tried, violations=len(attack.faults), note=note)
    assert attack.tried >= 500


def operations() -> Iterator[Any]:
    """Every operation of the API as its schema tells it."""
    schema = schemathesis.openapi.from_dict(yaml.load(openapi.text(), Loader=yaml.CSafeLoader))
    for found in schema.get_all_operations():
        yield found.ok()


class Generated:
    """Sends inputs as people who may do it, who may not, and who may not even know of it."""

    def __init__(self, world: World) -> None:
        self.world, self.dice = world, random.Random(20260302)
        self.tried, self.done = 0, 0
        self.faults: list[str] = []
        self.seats: dict[int, Seat] = {}
        self.by_label: dict[str, list[Document]] = {}
        for document in world.documents:
            self.by_label.setdefault(document.label(), []).append(document)

    def operation(self, operation: Any, mode: GenerationMode, many: int) -> None:
        """So many inputs of one kind for one operation; some operations take nothing that could be wrong."""

        @seed(20260302)
        @settings(
            max_examples=many, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: Any) -> None:
            self.send(case)

        try:
            send()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE

    def send(self, case: Any) -> None:
        """One input; it is taken back."""
        action, document = self._meant(case.path)
        person = self._person(action)
        path = self._path(case, document)
        body = case.body if isinstance(case.body, bytes | dict | list) else {}
        if action is not None and isinstance(body, dict):
            body = self._with_rows(action, body)
        named = {
            name: _plain(value) for name, value in (case.headers or {}).items() if name.lower() not in OWN
        }
        with undone():
            sent = body if isinstance(body, bytes) else json.dumps(body).encode("utf-8", "surrogatepass")
            answer = self._seat(person).call(case.method, path, sent, **named)
        self.tried += 1
        self.done += case.method == "POST" and answer.status in (200, 201, 204)
        self._judge(f"{case.method} {path[:200]} {str(body)[:200]}", person, answer)

    def _judge(self, what: str, person: Person, answer: Answer) -> None:
        if answer.status >= 500:
            self.faults.append(f"{answer.status} {what}")
        if answer.status >= 400 and not {"error", "message"} <= set(answer.json):
            self.faults.append(f"no sentence {what}")
        if person == self.world.factory.stranger and MARK in answer.text and MARK not in what:
            self.faults.append(f"leak {what}")

    def _meant(self, path: str) -> tuple[Action | None, Document | None]:
        """The verb that an address does, and one of the documents to which it can be done."""
        parts = path.strip("/").split("/")[2:]
        label = ".".join(parts[:2])
        if label not in Document.registry:
            return None, self.dice.choice(self.world.documents)
        rows = self.by_label[label]
        if len(parts) == 2:
            creations = (a for a in Action.registry.values() if a.model.label() == label and a.creates)
            return next(creations, None), self.dice.choice(rows)
        action = Action.registry.get(f"{label}.{parts[3]}") if len(parts) > 3 else None
        fitting = [document for document in rows if action and action.fits(document)]
        return action, self.dice.choice(fitting or rows)

    def _person(self, action: Action | None) -> Person:
        place = self.dice.randrange(10)
        if place == 0:
            return self.world.factory.stranger
        if action is None or place == 1 or not action.may:
            return self.world.factory.person(self.dice.choice(["gm", "guard", "finance", "admin"]))
        return self.world.factory.person(self.dice.choice(sorted(action.may)))

    def _seat(self, person: Person) -> Seat:
        if person.pk not in self.seats:
            self.seats[person.pk] = Seat(person)
        return self.seats[person.pk]

    def _path(self, case: Any, document: Document | None) -> str:
        """The address with its parts: those of a document that is there, or whatever was generated."""
        if document is not None and self.dice.randrange(10) < REAL:
            app, slug = document.label().split(".")
            case.path_parameters |= {
                name: {"id": str(document.public_id), "app": app, "slug": slug}.get(name, value)
                for name, value in (case.path_parameters or {}).items()
            }
        return str(case.as_transport_kwargs(base_url="http://house")["url"]).removeprefix(
            "http://house"
        ) + _query(case)

    def _with_rows(self, action: Action, body: dict[str, Any]) -> dict[str, Any]:
        """The body with rows that are there in its references, so that some inputs reach the action."""
        if self.dice.randrange(10) >= REAL:
            return body
        lines = body.get("lines")
        if action.lines is not None and isinstance(lines, list):
            body = body | {"lines": [self._named(action.lines, row) for row in lines]}
        return self._named(action.form, body)

    def _named(self, form: Any, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        found = {}
        for name, wanted in form.base_fields.items():
            if name in body and isinstance(wanted, ReferenceField):
                rows = list(wanted.model._default_manager.all()[:20])
                found[name] = str(wanted.prepare_value(self.dice.choice(rows))) if rows else "x"
        return body | found


def _query(case: Any) -> str:
    """The query as a browser would write it; what cannot be written in an address is left out."""
    pairs = [
        (str(n), v)
        for n, several in (case.query or {}).items()
        for v in (several if isinstance(several, list) else [several])
    ]
    written = "&".join(
        f"{quote(n, safe='', errors='replace')}={quote(str(v), safe='', errors='replace')}" for n, v in pairs
    )
    return f"?{written}" if written else ""


def _plain(value: Any) -> str:
    """A header as the wire can carry it."""
    return str(value).encode("latin-1", "replace").decode("latin-1").replace("\r", " ").replace("\n", " ")
