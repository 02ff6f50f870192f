"""Subscribers outside the house: remembered with the event, signed, never inside the house."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from flow import events
from integration import dispatch, webhooks, wire
from integration.models import Outbox, Subscription
from tests.integration.conftest import Clock, Receiver
from tests.story import Story

pytestmark = pytest.mark.django_db


def test_a_subscriber_is_told_of_the_event(story: Story, receiver: Receiver, clock: Clock) -> None:
    receiver.subscribe("orders.order.receive")
    order = story.received().order
    story.confirmed()
    assert Outbox.objects.count() == 1
    dispatch.dispatch(clock.times)
    [(headers, body)] = receiver.got
    said = json.loads(body)
    assert said["verb"] == "orders.order.receive"
    assert said["subject"]["number"] == order.number
    assert said["case"] == str(order.case.public_id)
    assert headers["Idempotency-Key"] == said["id"]
    assert Outbox.objects.get().state == "done"


def test_what_is_sent_is_signed_with_its_time(story: Story, receiver: Receiver, clock: Clock) -> None:
    subscription = receiver.subscribe("*")
    story.received()
    dispatch.dispatch(clock.times)
    headers, body = receiver.got[0]
    seconds, signed = (part.split("=")[1] for part in headers["X-Signature"].split(","))
    assert int(seconds) == int(clock.now.timestamp())
    expected = hmac.new(subscription.secret.encode(), seconds.encode() + b"." + body, hashlib.sha256)
    assert signed == expected.hexdigest()


def test_a_repetition_carries_the_same_key_and_body(story: Story, receiver: Receiver, clock: Clock) -> None:
    receiver.subscribe("orders.order.receive")
    receiver.status = 500
    story.received()
    dispatch.dispatch(clock.times)
    receiver.status = 204
    clock.later(minutes=1)
    dispatch.dispatch(clock.times)
    (first, body), (second, again) = receiver.got
    assert first["Idempotency-Key"] == second["Idempotency-Key"]
    assert body == again
    assert first["X-Signature"] != second["X-Signature"]
    assert Outbox.objects.get().tries == 2


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500])
def test_only_a_yes_counts_and_no_redirect_is_followed(
    story: Story, receiver: Receiver, clock: Clock, status: int
) -> None:
    receiver.subscribe("orders.order.receive")
    receiver.status = status
    story.received()
    dispatch.dispatch(clock.times)
    assert len(receiver.got) == 1
    row = Outbox.objects.get()
    assert (row.state, row.tries) == ("waiting", 1)
    assert str(status) in row.fault


def test_one_that_drips_is_cut_off(receiver: Receiver, monkeypatch: Any) -> None:
    monkeypatch.setattr(wire, "WHOLE_SECONDS", 0.5)
    receiver.status = "drip"
    began = time.monotonic()
    with pytest.raises(Exception, match=r".*"):
        wire.post(receiver.url, b"{}", {})
    assert time.monotonic() - began < 4


def test_an_ended_subscription_gets_no_more(story: Story, receiver: Receiver, clock: Clock) -> None:
    receiver.subscribe("*")
    story.received()
    Subscription.objects.update(active=False)
    dispatch.dispatch(clock.times)
    assert receiver.got == []
    assert set(Outbox.objects.values_list("state", flat=True)) == {"dead"}


def test_without_subscribers_an_event_costs_no_query(story: Story) -> None:
    webhooks.subscribers()
    with CaptureQueriesContext(connection) as seen:
        story.received()
    assert not [q for q in seen if "integration_subscription" in q["sql"] or "integration_outbox" in q["sql"]]


@pytest.mark.parametrize(
    ("wanted", "verb", "told"),
    [
        ("*", "orders.order.sign", True),
        ("orders.*", "orders.order.sign", True),
        ("orders.order.*", "orders.order.sign", True),
        ("orders.order.sign", "orders.order.sign", True),
        ("orders.order.sig", "orders.order.sign", False),
        ("orders.ord.*", "orders.order.sign", False),
        ("order*", "orders.order.sign", False),
    ],
)
def test_which_verbs_a_subscriber_wants(wanted: str, verb: str, told: bool) -> None:
    assert Subscription(verbs=[wanted]).wants(verb) is told


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "224.0.0.1", "255.255.255.255", "192.0.2.1",
    ],
)  # fmt: skip
def test_no_address_inside_the_house(address: str) -> None:
    assert not wire.is_public(address)


def test_addresses_outside_are_public() -> None:
    for address in ("8.8.8.8", "114.114.114.114", "2001:4860:4860::8888"):
        assert wire.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://2130706433/", "http://0x7f.1/",
        "http://127.1/",
    ],
)  # fmt: skip
def test_a_name_for_this_machine_is_refused(url: str) -> None:
    with pytest.raises(wire.Unsafe):
        wire.post(url, b"", {})


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com/", "file:///etc/passwd", "gopher://x/", "http://", "http://u:p@example.com/", "x",
     "http://example.com:99999/", "http://[::1/"],
)  # fmt: skip
def test_only_plain_http(url: str) -> None:
    with pytest.raises(wire.Unsafe):
        wire.parsed(url)


def test_many_events_of_the_clock_are_remembered_together(story: Story, receiver: Receiver) -> None:
    first = receiver.subscribe("*")
    second = receiver.subscribe("deadlines.*")
    order, by = story.received().order, story.by("sales_clerk")
    Outbox.objects.all().delete()
    with CaptureQueriesContext(connection) as captured:
        told = [("deadlines.deadline.escalate", order, by, {"step": step}) for step in range(10)]
        made = events.record_many([*told, ("orders.order.receive", order, by, {})])
    inserts = [q["sql"] for q in captured.captured_queries if "integration_outbox" in q["sql"]]
    assert len(inserts) == 2, "one statement for each verb"
    keys = list(Outbox.objects.filter(recipient=str(second.pk)).values_list("key", flat=True))
    assert sorted(keys) == sorted(f"event:{event.pk}" for event in made[:10])
    assert Outbox.objects.filter(recipient=str(first.pk)).count() == 11
