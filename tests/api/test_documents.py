"""Making, reading and moving a document over REST."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from flow.models import Attachment, Event
from orders.models import Order
from org.models import Person
from tests.api.conftest import ORDERS, Caller
from tests.database import at_once
from tests.goods import Factory
from tests.story import Story

pytestmark = pytest.mark.django_db
CONFIRMED = {
    "order_class": "regular",
    "confirmed_with": "王工",
    "channel": "phone",
    "technical_requirement": "GB/T 3906",
    "quality_requirement": "出厂试验",
}


@pytest.fixture
def order(clerk: Caller, order_body: dict[str, Any]) -> dict[str, Any]:
    made = clerk.post(ORDERS, order_body)
    assert made.status_code == 201, made.json()
    return made.json()


def test_creates_an_order_with_its_lines(order: dict[str, Any]) -> None:
    stored = Order.objects.get(public_id=order["id"])
    assert order["number"] == stored.number
    assert order["state"] == "received"
    assert order["fields"]["customer"]["number"] == "C001"
    assert [line["quantity"] for line in order["lines"]["lines"]] == ["2.000", "3.000"]
    assert [event["verb"] for event in order["events"]] == ["orders.order.receive"]


def test_reads_it_by_id_and_by_number(clerk: Caller, order: dict[str, Any]) -> None:
    by_id = clerk.get(f"{ORDERS}{order['id']}/")
    by_number = clerk.get(f"{ORDERS}{order['number']}/")
    assert by_id.status_code == by_number.status_code == 200
    assert by_id.json()["id"] == by_number.json()["id"]
    assert by_id["ETag"] == '"1"'


def test_offers_the_steps_with_what_they_ask(clerk: Caller, order: dict[str, Any]) -> None:
    offered = {step["name"]: step for step in order["actions"]}
    confirm = offered["confirm_requirements"]
    assert confirm["reasons"] == []
    assert confirm["url"] == f"{ORDERS}{order['id']}/confirm_requirements/"
    assert "confirmed_with" in confirm["schema"]["required"]
    assert offered["edit"]["schema"]["properties"]["lines"]["items"]["required"] == ["item", "quantity"]
    done = clerk.post(confirm["url"], CONFIRMED)
    assert done.status_code == 200, done.json()
    assert done.json()["state"] == "confirmed"
    assert done["ETag"] == '"2"'


def test_refuses_what_the_state_does_not_allow(clerk: Caller, order: dict[str, Any]) -> None:
    answer = clerk.post(f"{ORDERS}{order['id']}/submit_review/")
    assert answer.status_code == 409
    said = answer.json()
    assert said["error"] == "refused"
    assert said["reasons"]
    assert (said["state"], said["version"]) == ("received", 1)
    assert said["by"]
    assert said["at"]


def test_says_who_may_to_one_who_may_not(calling: Callable[..., Caller], order: dict[str, Any]) -> None:
    answer = calling("buyer").post(f"{ORDERS}{order['id']}/confirm_requirements/", {"channel": 5})
    assert answer.status_code == 403
    said = answer.json()
    assert said["error"] == "denied"
    assert "sales_clerk" in said["roles"]
    assert "Sales clerk" in said["message"]


def test_a_stranger_learns_nothing(stranger: Person, order: dict[str, Any]) -> None:
    caller = Caller(stranger)
    for answer in (
        caller.get(f"{ORDERS}{order['id']}/"),
        caller.post(f"{ORDERS}{order['id']}/confirm_requirements/", CONFIRMED),
        caller.get(f"{ORDERS}{order['number']}/"),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"] == "not_found"
    assert caller.get(ORDERS).json()["results"] == []
    assert caller.get("/api/v1/events/").json()["results"] == []


def test_prices_are_hidden_from_who_may_not_see_them(
    calling: Callable[..., Caller], clerk: Caller, order: dict[str, Any]
) -> None:
    assert order["lines"]["lines"][0]["unit_price"] == "38000.00"
    seen = calling("storekeeper").get(f"{ORDERS}{order['id']}/").json()
    assert "unit_price" not in seen["lines"]["lines"][0]
    assert "38000" not in str(seen)


def test_an_old_version_is_refused(clerk: Caller, order: dict[str, Any]) -> None:
    url = f"{ORDERS}{order['id']}/confirm_requirements/"
    assert clerk.post(url, CONFIRMED, If_Match='"1"').status_code == 200
    again = clerk.post(f"{ORDERS}{order['id']}/submit_review/", {}, If_Match='"1"')
    assert again.status_code == 412
    assert again.json()["error"] == "stale"
    assert again.json()["version"] == 2
    assert clerk.post(f"{ORDERS}{order['id']}/submit_review/", {}, If_Match='"nonsense"').status_code == 412
    assert Order.objects.get().state == "confirmed"


def test_field_errors_stand_by_field_and_by_cell(clerk: Caller, order_body: dict[str, Any]) -> None:
    order_body["customer"] = "nobody"
    order_body["colour"] = "red"
    order_body["lines"][1] = {"item": "LZZBJ9-12", "quantity": 0, "weight": 3}
    answer = clerk.post(ORDERS, order_body)
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert set(errors) == {"customer", "colour", "lines"}
    assert set(errors["lines"]["1"]) == {"quantity", "weight"}
    assert not Order.objects.exists()


def test_what_the_action_finds_wrong_has_the_same_shape(clerk: Caller, order_body: dict[str, Any]) -> None:
    order_body["lines"][1]["delivery_on"] = "2001-01-01"
    answer = clerk.post(ORDERS, order_body)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]["lines"]) == ["1"]
    none = clerk.post(ORDERS, order_body | {"lines": []})
    assert none.json()["errors"]["lines"]["__all__"]


def test_null_means_absent(clerk: Caller, order_body: dict[str, Any]) -> None:
    made = clerk.post(ORDERS, order_body | {"end_customer": None, "remark": None, "happened_at": None})
    assert made.status_code == 201, made.json()


@pytest.mark.parametrize("form", ["json", "multipart"])
def test_takes_files(clerk: Caller, order: dict[str, Any], form: str) -> None:
    url = f"{ORDERS}{order['id']}/confirm_requirements/"
    content = b"%PDF-1.7 confirmed"
    if form == "json":
        file = {"name": "确认.pdf", "content": base64.b64encode(content).decode()}
        answer = clerk.post(url, {**CONFIRMED, "confirmation": file})
    else:
        answer = clerk.send(url, {**CONFIRMED, "confirmation": SimpleUploadedFile("确认.pdf", content)})
    assert answer.status_code == 200, answer.json()
    [shown] = answer.json()["attachments"]
    assert (shown["name"], shown["size"]) == ("确认.pdf", len(content))


def test_takes_lines_in_a_form(clerk: Caller, order_body: dict[str, Any]) -> None:
    made = clerk.send(ORDERS, order_body | {"lines": json.dumps(order_body["lines"])})
    assert made.status_code == 201, made.json()
    assert len(made.json()["lines"]["lines"]) == 2
    assert clerk.send(ORDERS, order_body | {"lines": "[{"}).status_code == 400


@pytest.mark.parametrize(
    "file",
    [
        {"name": "a.exe", "content": "TVo="},
        {"name": "../../a.pdf", "content": "JVBERi0="},
        {"name": "a.pdf", "content": "not base64!"},
        {"name": "a.pdf", "content": base64.b64encode(b"<html>").decode()},
        {"name": "a.pdf"},
        {"name": "", "content": "JVBERi0="},
        {"name": "..", "content": "JVBERi0="},
        {"name": "\ud800.pdf", "content": "JVBERi0="},
        "JVBERi0=",
        7,
        [],
    ],
)
def test_refuses_a_bad_file(clerk: Caller, order: dict[str, Any], file: Any) -> None:
    url = f"{ORDERS}{order['id']}/confirm_requirements/"
    answer = clerk.post(url, {**CONFIRMED, "confirmation": file})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["confirmation"]
    assert not Attachment.objects.exists()


@pytest.mark.rule("SYS-11")
def test_a_file_is_served_to_those_who_see_its_document(
    clerk: Caller, order: dict[str, Any], stranger: Person
) -> None:
    file = {"name": "a.pdf", "content": base64.b64encode(b"%PDF-1.7").decode()}
    url = f"{ORDERS}{order['id']}/confirm_requirements/"
    [shown] = clerk.post(url, {**CONFIRMED, "confirmation": file}).json()["attachments"]
    answer = clerk.get(shown["url"])
    assert b"".join(answer.streaming_content) == b"%PDF-1.7"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")
    assert Caller(stranger).get(shown["url"]).status_code == 404


def test_events_can_be_followed(clerk: Caller, order: dict[str, Any]) -> None:
    clerk.post(f"{ORDERS}{order['id']}/confirm_requirements/", CONFIRMED)
    asked = {"subject": f"orders.order:{order['number']}", "page_size": 1}
    first = clerk.get("/api/v1/events/", asked).json()
    assert first["results"][0]["verb"] == "orders.order.confirm_requirements"
    assert first["results"][0]["subject"]["number"] == order["number"]
    second = clerk.get(first["next"]).json()
    assert second["results"][0]["verb"] == "orders.order.receive"
    assert second["next"] is None
    by_case = clerk.get("/api/v1/events/", {"case": order["case"]["id"], "verb": "orders.order.receive"})
    assert len(by_case.json()["results"]) == 1


def test_two_lines_or_a_hundred_take_the_same_queries(clerk: Caller, order_body: dict[str, Any]) -> None:
    def queries(lines: int) -> int:
        made = clerk.post(ORDERS, order_body | {"lines": order_body["lines"][:1] * lines}).json()
        with CaptureQueriesContext(connection) as seen:
            assert len(clerk.get(f"{ORDERS}{made['id']}/").json()["lines"]["lines"]) == lines
        return len(seen)

    queries(1)
    few = queries(2)
    assert queries(100) == few
    assert few <= 40


@pytest.mark.django_db(transaction=True)
def test_of_many_clicks_at_once_one_moves_the_document(
    clerk: Caller, order: dict[str, Any], factory: Factory
) -> None:
    """P6: one succeeds, the others hear the new state, who moved it and when."""
    callers = [Caller(factory.person("sales_clerk")) for _ in range(12)]
    url = f"{ORDERS}{order['id']}/confirm_requirements/"
    answers = at_once([partial(caller.post, url, CONFIRMED) for caller in callers])
    assert [a for a in answers if isinstance(a, Exception)] == []
    assert sorted(a.status_code for a in answers if a.status_code != 503)[0] == 200
    assert sum(a.status_code == 200 for a in answers) == 1
    for answer in answers:
        if answer.status_code == 409:
            said = answer.json()
            assert (said["state"], said["version"]) == ("confirmed", 2)
            assert said["by"] == str(factory.person("sales_clerk"))
            assert said["at"]
    assert Event.objects.filter(verb="orders.order.confirm_requirements").count() == 1


@pytest.mark.parametrize("said", ["return=minimal", "respond-async, Return=Minimal; wait=5"])
def test_answers_with_the_head_alone_where_that_is_preferred(
    clerk: Caller, order: dict[str, Any], said: str
) -> None:
    answer = clerk.post(f"{ORDERS}{order['id']}/confirm_requirements/", CONFIRMED, Prefer=said)
    assert answer.status_code == 200
    assert answer["Preference-Applied"] == "return=minimal"
    assert answer["ETag"] == '"2"'
    assert answer.json() == {
        "id": order["id"],
        "number": order["number"],
        "state": "confirmed",
        "state_label": "Requirements confirmed",
        "version": 2,
    }


def test_the_head_alone_shows_what_the_step_led_to(clerk: Caller, story: Story) -> None:
    """What follows from a step may move its document on; the answer is the document after all of it."""
    story.contracted()
    paper = story.contract
    path = f"/api/v1/orders/contract/{paper.public_id}/"
    signature = {
        "signer": "王工",
        "signed_on": "2026-03-02",
        "file": {"name": "a.pdf", "content": base64.b64encode(b"%PDF-1.7\n").decode()},
    }
    for name, body in (("record_customer_signature", signature), ("countersign", {})):
        answer = clerk.post(f"{path}{name}/", body, Prefer="return=minimal")
        assert answer.status_code == 200, answer.json()
        now = clerk.get(path)
        assert answer.json() == {key: now.json()[key] for key in answer.json()}
        assert answer["ETag"] == now["ETag"]


def test_reading_is_never_shortened(clerk: Caller, order: dict[str, Any]) -> None:
    whole = clerk.get(f"{ORDERS}{order['id']}/", Prefer="return=minimal")
    assert "Preference-Applied" not in whole
    assert whole.json()["lines"]
