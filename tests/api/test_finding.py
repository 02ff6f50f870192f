"""A program finds everything by what it has been told: the papers of an order, and what its fields take."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from flow.screens import Screen
from tests.api.conftest import Caller
from tests.story import Story


def _base(label: str) -> str:
    return f"/api/v1/{label.replace('.', '/')}/"


def test_every_paper_that_knows_its_order_is_found_by_it(
    calling: Callable[..., Caller], story: Story
) -> None:
    story.planned()
    caller = calling("gm")
    with_order = [
        label
        for label, screen in Screen.registry.items()
        if any(field.name == "order" for field in screen.model._meta.concrete_fields)
    ]
    assert "production.plan" in with_order
    for label in with_order:
        by_number, by_id = (
            caller.get(_base(label), {"order": word}).json()["results"]
            for word in (story.order.number, str(story.order.public_id))
        )
        known = Screen.registry[label].model._default_manager.filter(order=story.order)
        wanted = {str(identity) for identity in known.values_list("public_id", flat=True)}
        assert {row["id"] for row in by_number} == wanted, label
        assert by_number == by_id, label
    Story(story.factory).received()
    mine = caller.get(_base("orders.order"), {"case": str(story.order.case.public_id)}).json()["results"]
    assert [row["number"] for row in mine] == [story.order.number]


def test_a_case_holds_what_was_bought_for_it(calling: Callable[..., Caller], story: Story) -> None:
    bought = story.ordered()
    caller, case = calling("gm"), str(story.order.case.public_id)
    found = caller.get(_base("procurement.purchase_order"), {"case": case}).json()["results"]
    assert {row["number"] for row in found} == {document.number for document in bought}
    verbs = {e["verb"] for e in caller.get("/api/v1/events/", {"case": case}).json()["results"]}
    assert {"procurement.purchase_order.send", "production.plan.issue"} <= verbs
    own = str(bought[0].case.public_id)
    verbs = {e["verb"] for e in caller.get("/api/v1/events/", {"case": own}).json()["results"]}
    assert "production.plan.issue" not in verbs


def test_a_case_is_named_by_its_id(clerk: Caller, story: Story) -> None:
    story.received()
    assert clerk.get(_base("orders.order"), {"case": "1"}).json()["errors"].keys() == {"case"}
    assert clerk.get(_base("orders.order"), {"case": str(uuid4())}).json()["results"] == []
    case = str(story.order.case.public_id)
    stranger = Caller(story.factory.stranger)
    assert stranger.get(_base("orders.order"), {"case": case}).json()["results"] == []


def test_the_schema_says_where_the_entries_of_a_field_are(clerk: Caller, story: Story) -> None:
    story.received()
    shown = clerk.get(f"{_base('orders.order')}{story.order.number}/").json()
    (edit,) = [offer for offer in shown["actions"] if offer["name"] == "edit"]
    for wanted, word, found in (
        (edit["schema"]["properties"]["customer"], "华东", "C001"),
        (edit["schema"]["properties"]["lines"]["items"]["properties"]["item"], "铠装", "KYN28A-12"),
    ):
        results = clerk.get(f"{wanted['x-choices']}&q={word}").json()["results"]
        assert [entry["value"] for entry in results] == [found]


@pytest.mark.parametrize(
    ("role", "verb", "field", "status"),
    [
        ("buyer", "orders.order.receive", "customer", 403),
        ("sales_clerk", "orders.order.receive", "channel", 404),
        ("sales_clerk", "orders.order.receive", "rows.item", 404),
        ("sales_clerk", "orders.order.sign", "", 404),
        ("storekeeper", "warehouse.stock_in.post", "location", 200),
    ],
)
def test_choices_are_for_who_fills_in_the_form(
    calling: Callable[..., Caller], role: str, verb: str, field: str, status: int
) -> None:
    answer = calling(role).get("/api/v1/choices/", {"verb": verb, "field": field})
    assert answer.status_code == status, answer.content


def test_a_place_is_found_by_its_warehouse(calling: Callable[..., Caller]) -> None:
    asked = {"verb": "warehouse.stock_in.post", "field": "location", "q": "KG-raw"}
    results = calling("storekeeper").get("/api/v1/choices/", asked).json()["results"]
    assert "KG-raw/01" in [entry["value"] for entry in results]
