"""A repeated request has one effect (P10), also when fifty come at once or the house dies in the middle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from flow.models import Event, IdempotencyKey
from orders.models import Order
from tests.api.conftest import ORDERS, Caller
from tests.api.test_documents import CONFIRMED
from tests.database import at_once
from tests.proofs import proven

ROOT = Path(__file__).resolve().parent.parent.parent
AT_ONCE = 50


@pytest.mark.django_db
def test_a_repetition_is_answered_as_the_first(clerk: Caller, order_body: dict[str, Any]) -> None:
    order_body["customer_reference"] = "PO-1"
    first = clerk.post(ORDERS, order_body, Idempotency_Key="k1")
    again = clerk.post(ORDERS, dict(reversed(order_body.items())), Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Order.objects.count() == 1


@pytest.mark.django_db
def test_a_repetition_is_recognised_after_the_state_moved_on(
    clerk: Caller, order_body: dict[str, Any]
) -> None:
    url = f"{ORDERS}{clerk.post(ORDERS, order_body).json()['id']}/"
    assert clerk.post(f"{url}confirm_requirements/", CONFIRMED, Idempotency_Key="c").status_code == 200
    clerk.post(f"{url}submit_review/")
    again = clerk.post(f"{url}confirm_requirements/", CONFIRMED, Idempotency_Key="c", If_Match='"1"')
    assert again.status_code == 200
    assert again["Idempotency-Replayed"] == "true"
    assert Event.objects.filter(verb="orders.order.confirm_requirements").count() == 1


@pytest.mark.django_db
def test_another_body_under_the_same_key_is_refused(clerk: Caller, order_body: dict[str, Any]) -> None:
    clerk.post(ORDERS, order_body, Idempotency_Key="k1")
    other = clerk.post(ORDERS, order_body | {"remark": "other"}, Idempotency_Key="k1")
    assert other.status_code == 422
    assert other.json()["error"] == "key_reused"
    assert Order.objects.count() == 1


@pytest.mark.django_db
def test_a_refused_request_does_not_use_its_key_up(clerk: Caller, order_body: dict[str, Any]) -> None:
    url = f"{ORDERS}{clerk.post(ORDERS, order_body).json()['id']}/"
    assert clerk.post(f"{url}submit_review/", {}, Idempotency_Key="s").status_code == 409
    clerk.post(f"{url}confirm_requirements/", CONFIRMED)
    assert clerk.post(f"{url}submit_review/", {}, Idempotency_Key="s").status_code == 200


@pytest.mark.django_db
def test_a_key_belongs_to_its_person(calling: Callable[..., Caller], order_body: dict[str, Any]) -> None:
    one = calling("sales_clerk").post(ORDERS, order_body, Idempotency_Key="k")
    other = calling("order_desk").post(ORDERS, order_body, Idempotency_Key="k")
    assert one.json()["id"] != other.json()["id"]


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_have_one_effect(clerk: Caller, order_body: dict[str, Any]) -> None:
    """Threads with connections of their own; a caller that had to give up was told to come back."""
    callers = [Caller.__new__(Caller) for _ in range(AT_ONCE)]
    for caller in callers:
        caller.client, caller.token = type(clerk.client)(), clerk.token
    answers = at_once(
        [partial(caller.post, ORDERS, order_body, Idempotency_Key="race") for caller in callers]
    )
    assert [a for a in answers if isinstance(a, Exception)] == []
    assert Order.objects.count() == IdempotencyKey.objects.count() == 1
    assert Event.objects.filter(verb="orders.order.receive").count() == 1
    fresh = [a for a in answers if a.status_code == 201 and "Idempotency-Replayed" not in a]
    assert len(fresh) == 1
    for answer in answers:
        assert answer.status_code in (201, 503)
        assert answer.status_code == 201 or answer["Retry-After"]


PROGRAM = """
import json, os, signal, sys
import django
django.setup()
from django.conf import settings
from django.db import connection
settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = sys.argv[1]
from django.test import Client
if sys.argv[4] == "die":
    from flow import idempotency
    idempotency.fulfil = lambda row, document: os.kill(os.getpid(), signal.SIGKILL)
sys.stdin.readline()
answer = Client().post(
    "/api/v1/orders/order/", sys.argv[3], content_type="application/json",
    headers={"Authorization": f"Token {sys.argv[2]}", "Idempotency-Key": "race"},
)
assert answer["Content-Type"] == "application/json", answer.content.decode()
print(answer.status_code, answer.headers.get("Idempotency-Replayed", ""), answer.json().get("id"))
"""


def program(caller: Caller, body: dict[str, Any], mode: str = "live") -> subprocess.Popen[str]:
    """A process of its own, ready to send the request when it is given a line."""
    name = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, name, caller.token, json.dumps(body), mode]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    environment |= {"DATA_DIR": str(settings.DATA_DIR), "SECRET_KEY": settings.SECRET_KEY}
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.faults
def test_processes_at_once_have_one_effect(clerk: Caller, order_body: dict[str, Any]) -> None:
    running = [program(clerk, order_body) for _ in range(6)]
    said = []
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in running:
        said.append(process.communicate(timeout=120)[0].split())
    assert Order.objects.count() == 1
    assert sorted(words[0] for words in said) == ["201"] * 6
    assert len({words[-1] for words in said}) == 1
    proven("P10", injections=6, violations=0, note="6 processes with one key at once")


@pytest.mark.django_db(transaction=True)
@pytest.mark.faults
def test_a_death_in_the_middle_leaves_nothing_stuck(clerk: Caller, order_body: dict[str, Any]) -> None:
    """The order was made and its event recorded, but nothing was committed; the repetition makes it."""
    process = program(clerk, order_body, "die")
    said = process.communicate("\n", timeout=120)[0]
    assert process.returncode == -9, said
    assert Order.objects.count() == IdempotencyKey.objects.count() == 0
    answer = clerk.post(ORDERS, order_body, Idempotency_Key="race")
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer
    assert Order.objects.get().number.endswith("0001")
    proven("P10", injections=1, violations=0, note="killed between effect and commit, then repeated")
