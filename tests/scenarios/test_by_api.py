"""One order from `receive` to `close` by programs: every step with the token of its role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine

from flow.invariants import violations
from tests.goods import Factory
from tests.people import NINE
from tests.scenarios.by_api import ROOT, Attempt, ByApi
from tests.scenarios.line import HISTORY, Line

Probe = Callable[[ByApi, Attempt], None]
PROBES: dict[str, Probe] = {}


@pytest.fixture(autouse=True)
def afternoon() -> Iterator[None]:
    """Faces read the clock: it is the afternoon of a Monday."""
    with time_machine.travel(NINE + timedelta(hours=5)):
        yield


@pytest.fixture
def face(factory: Factory) -> ByApi:
    """The programs of the company KG."""
    return ByApi(factory)


def before(*steps: str) -> Callable[[Probe], Probe]:
    """Try this in vain before these steps are done for the first time."""

    def register(probe: Probe) -> Probe:
        PROBES.update(dict.fromkeys(steps, probe))
        return probe

    return register


def test_programs_carry_an_order_from_receive_to_close(face: ByApi) -> None:
    face.before.update(PROBES)
    line = Line(face, NINE.date())
    line.all()
    assert face.before == {}, "tried nowhere"
    assert line.order.state == "closed"
    shown = face.shown("gm", line.order)
    told = face.history("gm", shown["case"]["id"])
    assert [event["verb"] for event in told] == HISTORY
    assert [e["verb"] for e in shown["events"]] == [v for v in HISTORY if v.startswith("orders.order.")]
    assert not [clock for clock in shown["deadlines"] if clock["state"] in ("waiting", "running")]
    assert not any(violations().values())


# -- what is tried in vain on the way --------------------------------------------------------------------


@before("orders/order")
def nobody_else_receives(face: ByApi, step: Attempt) -> None:
    denied = face.refused(403, "buyer", step.path, step.body)
    assert "sales_clerk" in denied["roles"]
    nameless = {**step.body, "customer": "C999", "lines": [{"item": "KYN28A-12", "quantity": 0}]}
    errors = face.refused(422, step.role, step.path, nameless)["errors"]
    assert errors.keys() == {"customer", "lines"}
    assert errors["lines"]["0"].keys() == {"quantity"}
    assert face.caller(step.role).get(step.path).json()["results"] == []


@before("orders/order/submit_review")
def who_looked_at_an_old_version_hears_who_changed_it(face: ByApi, step: Attempt) -> None:
    stale = face.refused(412, step.role, step.path, If_Match='"1"')
    assert (stale["error"], stale["state"], stale["version"]) == ("stale", "confirmed", 2)
    assert stale["by"] == face.shown(step.role, step.paper)["events"][-1]["actor"]


@before("review/round/give_opinion")
def not_reviewed_yet_is_not_quoted(face: ByApi, step: Attempt) -> None:
    order = face.shown("sales_clerk", step.paper)["fields"]["order"]["number"]
    offer = {"order": order, "valid_until": "2026-04-01"}
    refused = face.refused(409, "sales_clerk", f"{ROOT}/orders/quotation/", offer)
    assert (refused["error"], refused["state"]) == ("refused", "in_review")
    face.refused(403, "sales_clerk", step.path, step.body)


@before("orders/contract/record_customer_signature")
def a_signature_is_a_file(face: ByApi, step: Attempt) -> None:
    early = face.refused(409, step.role, step.path.replace("record_customer_signature", "countersign"))
    assert early["state"] == "submitted"
    assert early["reasons"]
    without = {name: value for name, value in step.body.items() if name != "file"}
    assert face.refused(422, step.role, step.path, without)["errors"].keys() == {"file"}
    page = {"name": "evil.html", "content": "PHNjcmlwdD4="}
    assert face.refused(422, step.role, step.path, {**without, "file": page})["errors"].keys() == {"file"}


@before("orders/payment")
def money_is_above_zero_and_came_already(face: ByApi, step: Attempt) -> None:
    body = {**step.body, "amount": "0", "received_on": "2026-03-03"}
    assert face.refused(422, step.role, step.path, body)["errors"].keys() == {"amount"}
    face.refused(403, "sales_clerk", step.path, step.body)


@before("production/instruction/issue")
def a_plan_follows_the_instruction(face: ByApi, step: Attempt) -> None:
    order = face.shown("prod_mgr", step.paper)["fields"]["order"]["number"]
    task = {"kind": "pack", "department": "PROD", "finish_on": "2026-06-01"}
    plan = {"order": order, "stock_checked": True, "lines": [task]}
    assert face.refused(409, "prod_mgr", f"{ROOT}/production/plan/", plan)["state"] == "effective"
    assert face.refused(403, "prod_mgr", step.path)["roles"] == ["sales_clerk"]


@before("procurement/purchase_order")
def no_more_is_ordered_than_is_needed(face: ByApi, step: Attempt) -> None:
    line = {**step.body["lines"][0], "quantity": "1000"}
    (reason,) = face.refused(409, step.role, step.path, {**step.body, "lines": [line]})["reasons"]
    assert "2 left" in reason


@before("procurement/purchase_order/approve")
def the_buyer_does_not_approve(face: ByApi, step: Attempt) -> None:
    assert face.refused(403, "buyer", step.path)["roles"] == ["purch_leader"]
    early = face.refused(409, "buyer", step.path.replace("approve", "send"))
    assert early["state"] == "submitted"


@before("procurement/receipt/receive")
def no_more_is_received_than_was_ordered(face: ByApi, step: Attempt) -> None:
    counted = {"lines": [{"line": 1, "quantity": "1000"}]}
    refused = face.refused(409, step.role, step.path, counted)
    assert refused["state"] == "arrived"
    assert "1000 counted, 2 on the delivery note" in refused["reasons"][0]


@before("production/packaging/start")
def nothing_is_packed_twice(face: ByApi, step: Attempt) -> None:
    assert face.refused(409, "packer", step.path.replace("start", "confirm_packed"))["state"] == "noticed"


@before("delivery/shipment")
def no_more_is_shipped_than_is_there(face: ByApi, step: Attempt) -> None:
    body = {**step.body, "lines": [{"line": 1, "quantity": "3"}]}
    errors = face.refused(422, step.role, step.path, body)["errors"]
    assert errors["lines"]["0"].keys() == {"quantity"}


@before("delivery/shipment/record_carrier_receipt")
def a_receipt_is_a_file(face: ByApi, step: Attempt) -> None:
    assert face.refused(422, step.role, step.path)["errors"].keys() == {"file"}


@before("orders/order/complete")
def an_open_case_is_not_archived(face: ByApi, step: Attempt) -> None:
    closing = step.path.replace("complete", "close")
    assert face.refused(409, "sales_leader", closing)["state"] == "after_sales"


@before("orders/evaluation/finish")
def an_order_is_archived_after_its_evaluation(face: ByApi, step: Attempt) -> None:
    order = face.shown("sales_leader", step.paper)["fields"]["order"]["id"]
    closing = face.refused(409, "sales_leader", f"{ROOT}/orders/order/{order}/close/")
    assert closing["state"] == "completed"
