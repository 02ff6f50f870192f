"""A process dies at each point of a deed: all of it is there or nothing, and trying again does it once."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from deadlines import sweep
from deadlines.models import Escalation
from flow.invariants import violations
from integration import outbox, tokens
from integration.models import Outbox, Subscription
from integration.outbox import Times
from orders import actions as orders
from tests.faults.crash import deaths, standing
from tests.goods import Factory
from tests.people import NINE
from tests.proofs import proven
from tests.story import Story

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


class Program:
    """A program outside that asks over REST, always with the same key."""

    def __init__(self, story: Story, path: str, body: dict[str, Any]) -> None:
        self.token = tokens.issue(story.factory.person("sales_clerk"), purpose="faults")[1]
        self.path, self.body = path, body
        # What the children would each load for themselves.
        assert Client().post(f"/api/v1/{path}", headers=self.head("")).status_code in (400, 422)

    def head(self, key: str) -> dict[str, str]:
        """What goes before the body."""
        return {"Authorization": f"Token {self.token}", "Idempotency-Key": key}

    def ask(self, key: str = "once") -> Any:
        """Send the request; the answer, which is a yes."""
        answer = Client().post(
            f"/api/v1/{self.path}",
            json.dumps(self.body),
            content_type="application/json",
            headers=self.head(key),
        )
        assert answer.status_code in (200, 201), answer.content.decode()
        return answer


@pytest.fixture
def told(factory: Factory) -> Story:
    """A story of which a subscriber hears every event."""
    Subscription.objects.create(name="faults", url="https://example.com/", secret="x", verbs=["orders.*"])
    return Story(factory)


def all_or_nothing(program: Program, story: Story) -> Counter[str]:
    """Die at each point of the request; the points. Its effect is whole or absent, and stays the only one."""
    before, points = standing(), Counter[str]()
    after: dict[str, Any] = {}
    for point in deaths(program.ask):
        points[point] += 1
        now = standing()
        if now != before:
            assert point == "after commit", (
                f"something was left behind by a death {point}: {differ(before, now)}"
            )
            after = now
            before = now
    assert after, "the deed never came to its end"
    again = program.ask()
    assert again["Idempotency-Replayed"] == "true"
    assert standing() == after
    assert {name: said for name, said in violations().items() if said} == {}
    return points


def differ(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What is not the same."""
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}


@pytest.mark.rule("ORD-25", "TM-01")
def test_an_order_takes_effect_whole_or_not_at_all(told: Story) -> None:
    """One request: signature, effect, clock, draft of the instruction, notices, outbox."""
    told.contracted(prepayment_percent=0)
    signed = {"signer": told.signer, "signed_on": told.at.date(), "file": told.scan("signed.pdf")}
    paper = orders.contract.record_customer_signature(told.contract, by=told.by("sales_clerk"), **signed)
    program = Program(told, f"orders/contract/{paper.public_id}/countersign/", {})
    points = all_or_nothing(program, told)
    assert told.order.state == "effective"
    assert {"insert into flow_event", "insert into integration_outbox", "before commit"} <= set(points)
    written("P1", "P10", points=points, deed="an order takes effect")


@pytest.mark.rule("ORD-01")
def test_a_received_order_has_one_number(told: Story) -> None:
    lines = [{"item": "KYN28A-12", "quantity": "2"}]
    wanted_on = (timezone.localdate() + timedelta(days=200)).isoformat()
    head = {"customer": "C001", "channel": "phone", "delivery_on": wanted_on, "lines": lines}
    points = all_or_nothing(Program(told, "orders/order/", head), told)
    assert {"insert into flow_series", "insert into flow_idempotencykey"} <= set(points)
    written("P1", "P9", "P10", points=points, deed="an order is received")


@pytest.mark.rule("TM-01")
def test_a_sweep_takes_each_step_once(told: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clocks of three orders are told in a commit each; every death is followed by another sweep."""
    monkeypatch.setattr(sweep, "BATCH", 1)
    monkeypatch.setattr(sweep, "STORM", 10**9)
    for _ in range(3):
        Story(told.factory).effective()
    at, points = NINE + timedelta(hours=7), Counter[str]()
    for point in deaths(lambda: sweep.run(at=at), many=True):
        points[point] += 1
        assert {name: said for name, said in violations().items() if said} == {}
    assert sweep.due(at).count() == 0
    taken = Counter(
        Escalation.objects.filter(deadline__rule="instruction_4h").values_list("deadline_id", "step")
    )
    assert sorted(step for _clock, step in taken) == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert set(taken.values()) == {1}
    assert {"insert into deadlines_escalation", "insert into integration_notice"} <= set(points)
    written("P2", "P5", points=points, deed="a sweep of three clocks")


def test_a_letter_is_sent_at_least_once(told: Story, settings: Any, tmp_path: Any) -> None:
    """Claim, send, mark: dead between any two of them, it goes out again, under the same name."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    outbox.put([outbox.mail("a@example.com", subject="x", text="x", key="k")])
    hours, points = 0, Counter[str]()

    def send() -> None:
        now = timezone.now() + timedelta(hours=hours)
        outbox.drain(outbox.MAIL_CHANNEL, times=Times(now, lambda: now), limit=1)

    for point in deaths(send):
        points[point] += 1
        hours += 1
        # Deaths count as tries; there are more of them here than a letter is allowed.
        Outbox.objects.filter(kind="mail", state="waiting").update(tries=0)
    assert Outbox.objects.get(kind="mail").state == "done"
    sent = [line for file in tmp_path.iterdir() for line in file.read_text().splitlines()]
    names = {line for line in sent if line.startswith("Message-ID")}
    assert len(names) == 1
    written("P5", points=points, deed=f"a mail is sent, {sum(x in names for x in sent)} times")


def written(*promises: str, points: Counter[str], deed: str) -> None:
    """Write down what was seen."""
    print(f"\n{deed}: {dict(points)}")
    note = f"dead at each of {points.total()} points of: {deed} ({len(points)} kinds: lock, write, commit)"
    for promise in promises:
        proven(promise, injections=points.total(), violations=0, note=note)
