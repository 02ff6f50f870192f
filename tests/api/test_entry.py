"""Who comes in by REST: tokens and sessions, revoked and disabled ones not (P21)."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from integration import tokens
from integration.models import ServiceToken
from org.models import Membership
from org.queries import system_person
from tests.api.conftest import ORDERS, Caller
from tests.goods import Factory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "header", ["", "Token", "Token ", "Token x", "Token x y", "Token \xff", "Bearer x", "Basic eDp5", "token"]
)
def test_without_a_token_nobody_comes_in(factory: Factory, header: str) -> None:
    answer = Client().get(ORDERS, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Token")
    assert answer.json()["error"] == "not_authenticated"


def test_the_secret_itself_is_not_kept(factory: Factory) -> None:
    token, secret = tokens.issue(factory.person("buyer"))
    kept = ServiceToken.objects.filter(pk=token.pk).values().get()
    assert secret not in str(kept)
    assert secret.startswith(kept["prefix"])
    assert len(secret) > 40


def test_a_revoked_token_opens_nothing(clerk: Caller) -> None:
    assert clerk.get(ORDERS).status_code == 200
    tokens.revoke(ServiceToken.objects.get(), now=timezone.now())
    assert clerk.get(ORDERS).status_code == 401


def test_a_disabled_person_is_out_at_the_next_request(factory: Factory, clerk: Caller) -> None:
    person = factory.person("sales_clerk")
    person.is_active = False
    person.save()
    assert clerk.get(ORDERS).status_code == 401


def test_without_a_post_one_sees_and_does_nothing(
    factory: Factory, clerk: Caller, order_body: dict[str, Any]
) -> None:
    url = f"{ORDERS}{clerk.post(ORDERS, order_body).json()['id']}/"
    Membership.objects.filter(person=factory.person("sales_clerk")).delete()
    assert clerk.get(url).status_code == 404
    assert clerk.get(ORDERS).json()["results"] == []
    assert clerk.post(ORDERS, order_body).status_code == 403


def test_last_use_is_kept_coarsely(factory: Factory) -> None:
    token, _secret = tokens.issue(factory.person("buyer"))
    now = timezone.now()
    tokens.note_use(token, now=now)
    token.refresh_from_db()
    assert token.last_used_at == now
    tokens.note_use(token, now=now + timedelta(minutes=9))
    token.refresh_from_db()
    assert token.last_used_at == now


def test_the_command_prints_a_token_that_works(factory: Factory) -> None:
    out = StringIO()
    call_command("token", "buyer", stdout=out)
    answer = Client().get(ORDERS, headers={"Authorization": f"Token {out.getvalue().strip()}"})
    assert answer.status_code == 200


def test_the_command_makes_no_token_for_nobody(factory: Factory) -> None:
    system_person()
    for name in ("nobody", "system"):
        with pytest.raises(CommandError):
            call_command("token", name)


def test_a_session_comes_in_and_needs_the_csrf_token(factory: Factory, order_body: dict[str, Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factory.person("sales_clerk"))
    assert client.get(ORDERS).status_code == 200
    answer = client.post(ORDERS, order_body, content_type="application/json")
    assert answer.status_code == 403
    assert answer.json()["error"] == "denied"
