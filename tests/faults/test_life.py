"""An order lives any life: steps in and out of turn, by the right people and the wrong (P12, P13, P22)."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import timedelta
from typing import Any, ClassVar

import pytest
import time_machine
from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from config.demo.story import Story
from flow.actions import Action, actions_of
from flow.forms import ReferenceField
from flow.invariants import violations
from flow.models import Document, Event
from flow.refusals import Denied, Invalid, Refused, Stale
from integration import tokens
from org.models import Membership, Person
from tests.faults.clients import SCAN
from tests.goods import Factory
from tests.people import NINE
from tests.proofs import proven

pytestmark = [pytest.mark.faults, pytest.mark.django_db]
# The states of an order by the handbook (D2): what leads from where to where.
MAKING = ("instructed", "planned", "procuring", "producing", "inspecting", "stocked")
SELLING = ("received", "confirmed", "in_review", "returned", "approved", "quoted", "contracting", "signed")
MOVES: dict[str, tuple[tuple[str, ...], str]] = {
    "receive": (("",), "received"),
    "confirm_requirements": (("received", "returned"), "confirmed"),
    "submit_review": (("confirmed",), "in_review"),
    "return_for_rework": (("in_review",), "returned"),
    "approve": (("in_review",), "approved"),
    "approve_conditionally": (("in_review",), "approved"),
    "start_postpone": (("in_review", "approved"), "postponing"),
    "postpone_agreed": (("postponing",), "in_review"),
    "request_decline": (("postponing",), "decline_pending"),
    "approve_decline": (("decline_pending",), "declined"),
    "refuse_decline": (("decline_pending",), "in_review"),
    "reject_by_gm": (("in_review",), "declined"),
    "quote": (("approved",), "quoted"),
    "requote": (("quoted",), "quoted"),
    "mark_lost": (("quoted", "contracting"), "lost"),
    "draft_contract": (("quoted",), "contracting"),
    "sign": (("contracting",), "signed"),
    "take_effect": (("signed",), "effective"),
    "issue_instruction": (("effective",), "instructed"),
    "fulfil_from_stock": (("effective",), "stocked"),
    "issue_plan": (("instructed",), "planned"),
    "start_procurement": (("planned",), "procuring"),
    "start_production": (("planned", "procuring"), "producing"),
    "submit_inspection": (("producing",), "inspecting"),
    "inspection_rework": (("inspecting",), "producing"),
    "stock_in": (("inspecting",), "stocked"),
    "issue_shipping_notice": (("stocked", "partially_shipped", "producing", "inspecting"), "shipping"),
    "dispatch_part": (("shipping",), "partially_shipped"),
    "dispatch_all": (("shipping", "partially_shipped"), "shipped"),
    "confirm_delivery": (("shipped",), "delivered"),
    "open_after_sales": (("delivered",), "after_sales"),
    "complete": (("after_sales",), "completed"),
    "close": (("completed",), "closed"),
    "cancel": ((*SELLING, *MAKING, "postponing", "decline_pending", "effective"), "cancelled"),
}
# How a life goes on in good order; the names are those of the story.
WAY = (
    "received", "confirmed", "in_review", "approved", "quoted", "accepted", "contracted", "signed",
    "effective", "instructed", "acknowledged", "planned", "with_material", "released", "made", "in_stock",
    "shipped", "settle", "completed", "archived",
)  # fmt: skip
NO = (Refused, Denied, Invalid, Stale)
SEEN: Counter[str] = Counter()


class Life(RuleBasedStateMachine):
    """One order. The model: what every document looked like after its last accepted step."""

    factory: ClassVar[Factory]

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.story = Story(self.factory, at=NINE)
        self.story.received()
        self.on_way, self.last_event = 1, 0
        self.keys: dict[int, str] = {}

    def teardown(self) -> None:
        """Prove the whole system, and forget this life."""
        try:
            assert {name: said for name, said in violations().items() if said} == {}
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    # -- what may happen --------------------------------------------------------------------------

    @precondition(lambda self: self.on_way < len(WAY))
    @rule(steps=st.integers(1, 2))
    def go_on(self, steps: int) -> None:
        """The right people do what is next; after a step out of turn they may be refused."""
        for name in WAY[self.on_way : self.on_way + steps]:
            try:
                with transaction.atomic():
                    self.materials() if name == "with_material" else getattr(self.story, name)()
            except (*NO, ObjectDoesNotExist, IndexError, StopIteration):
                SEEN["stopped"] += 1
                return
            self.on_way += 1
            SEEN["in turn"] += 1

    @rule(choice=st.integers(0, 10**6), who=st.integers(0, 10**6))
    def somebody_else_tries(self, choice: int, who: int) -> None:
        """Somebody without the post asks for a step: no, and nothing changes."""
        document, action = self.chosen(choice)
        roles = {str(role) for role in action.roles_for(document)}
        strangers = [p for p in self.people() if not roles & {str(m.role) for m in p.memberships.all()}]
        if not strangers or action.entitled or not action.has_face:
            return
        before = self.standing()
        answer = self.ask(strangers[who % len(strangers)], document, action)
        assert answer.status_code in (403, 404), (action.verb, answer.status_code, answer.content.decode())
        assert self.standing() == before
        SEEN["wrong person"] += 1

    @rule(choice=st.integers(0, 10**6), who=st.integers(0, 10**6), old=st.sampled_from([False, False, True]))
    def anything_is_tried(self, choice: int, who: int, old: bool) -> None:
        """Somebody with the post asks for a step, on this version or an old one: a no moves nothing, and
        with an old version there is no yes."""
        document, action = self.chosen(choice, fitting=choice % 3 != 0)
        roles = {str(role) for role in action.roles_for(document)}
        able = [p for p in self.people()[1:] if roles & {str(m.role) for m in p.memberships.all()}]
        if not able or not action.has_face:
            return
        before = self.standing()
        answer = self.ask(able[who % len(able)], document, action, version=document.version - old)
        assert answer.status_code < 500, (action.verb, answer.content.decode())
        if answer.status_code in (200, 201):
            assert not old, f"{action.verb} was done on an old version"
            assert self.standing()["events"] > before["events"]
            SEEN["out of turn, done"] += 1
        else:
            assert self.standing() == before, action.verb
            SEEN["out of turn, refused"] += 1

    # -- what always holds ------------------------------------------------------------------------

    @invariant()
    def the_order_goes_only_where_the_handbook_leads(self) -> None:
        """Each new event of the order is a move of D2, or leaves the state as it was."""
        told = Event.objects.filter(
            subject_type="orders.order", version__isnull=False, pk__gt=self.last_event
        )
        for event in told.order_by("pk"):
            self.last_event = event.pk
            name = event.verb.rpartition(".")[2]
            if name in MOVES:
                froms, to = MOVES[name]
                assert event.state_from in froms, f"{name} from {event.state_from}"
                assert event.state_to == to, f"{name} led to {event.state_to}"
            else:
                assert event.state_from == event.state_to, (
                    f"{name} moved {event.state_from} → {event.state_to}"
                )
            state = event.state_to
            SEEN[f"order {state}"] += 1
            assert event.version is not None
            assert self.story.order.version >= event.version

    # -- how ----------------------------------------------------------------------------------------

    def chosen(self, choice: int, *, fitting: bool = False) -> tuple[Document, Action]:
        """Some document of the order's case and some verb of it; if said, one that its state allows."""
        case = self.story.order.case_id
        documents = [
            document
            for model in Document.registry.values()
            for document in model._default_manager.select_related("company", "case").filter(case=case)
        ]
        document = documents[choice % len(documents)]
        verbs = [action for action in actions_of(type(document)) if not action.creates]
        if fitting:
            verbs = [action for action in verbs if action.has_face and action.fits(document)] or verbs
        return document, verbs[choice // len(documents) % len(verbs)]

    def ask(self, person: Person, document: Document, action: Action, version: int | None = None) -> Any:
        """Ask for a step over REST, with something in each field that must be filled in."""
        if person.pk not in self.keys:
            self.keys[person.pk] = tokens.issue(person, purpose="life")[1]
        head = {"Authorization": f"Token {self.keys[person.pk]}"}
        if version is not None:
            head["If-Match"] = f'"{version}"'
        where = document.label().replace(".", "/")
        path = f"/api/v1/{where}/{document.public_id}/{action.name}/"
        return Client(raise_request_exception=False).post(
            path, json.dumps(something(action)), content_type="application/json", headers=head
        )

    def people(self) -> list[Person]:
        """A stranger, and who works in the order's company."""
        ids = Membership.objects.filter(company=self.story.company).values("person")
        rows = Person.objects.filter(pk__in=ids).prefetch_related("memberships").order_by("pk")
        return [self.factory.stranger, *rows]

    def materials(self) -> None:
        """Everything the order needs lies in the store."""
        self.factory.stocked(self.factory.breaker, 2)
        self.factory.stocked(self.factory.copper, 25)

    def standing(self) -> dict[str, Any]:
        """Every document, its state and version, and how many events there are."""
        stand = {
            label: list(model._default_manager.order_by("pk").values_list("pk", "state", "version"))
            for label, model in Document.registry.items()
        }
        return {**stand, "events": Event.objects.filter(version__isnull=False).count()}


def something(action: Action) -> dict[str, Any]:
    """A value of the right kind for each field that must be filled in."""
    return {name: value_for(field) for name, field in action.form.base_fields.items() if field.required}


def value_for(field: forms.Field) -> Any:
    """A value that such a field takes, as far as its kind tells."""
    if isinstance(field, forms.FileField):
        return SCAN
    if isinstance(field, forms.DateField):
        return (NINE + timedelta(days=100)).date().isoformat()
    if isinstance(field, forms.BooleanField):
        return True
    if isinstance(field, forms.ChoiceField):
        return next(str(value) for value, _label in field.choices if value)
    if isinstance(field, ReferenceField):
        return "C001"
    return "1"


def lived(factory: Factory, *, lives: int, steps: int) -> None:
    """So many lives of so many steps."""
    SEEN.clear()
    Life.factory = factory
    with time_machine.travel(NINE, tick=True):
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=lives,
                stateful_step_count=steps,
                deadline=None,
                derandomize="LIFE" not in os.environ,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    print(f"\n{dict(SEEN)}")
    tried = SEEN["out of turn, done"] + SEEN["out of turn, refused"]
    note = f"{lives} lives of an order, {SEEN['in turn']} steps in turn, {tried} out of turn"
    proven("P12", injections=SEEN["wrong person"], violations=0, note=f"{note}; asked by the wrong person")
    proven("P13", injections=tried, violations=0, note=note)
    proven("P22", injections=lives, violations=0, note=f"{note}; all invariants after each life")


@pytest.mark.rule("ORD-01", "ORD-25", "SYS-03")
def test_lives_of_an_order(factory: Factory) -> None:
    lived(factory, lives=20, steps=25)


@pytest.mark.soak
def test_many_lives_of_an_order(factory: Factory) -> None:
    lived(factory, lives=300, steps=60)
