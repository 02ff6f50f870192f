"""Tokens, subscriptions and the outbox in the admin: for administrators only, whatever flags others carry."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from integration import outbox
from integration.models import Outbox, ServiceToken, Subscription
from tests.goods import Factory

pytestmark = pytest.mark.django_db
PAGES = ["subscription", "servicetoken", "outbox"]
SUBSCRIPTION = {
    "name": "ERP",
    "url": "https://erp.example.com/hook",
    "secret": "a-secret-of-some-length",
    "verbs": '["orders.*"]',
    "active": "on",
}


def client_of(factory: Factory, role: str, *, superuser: bool = False) -> Client:
    """Somebody in the admin."""
    person = factory.person(role)
    person.is_staff, person.is_superuser = True, superuser
    person.save()
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_only_administrators_see_them(factory: Factory, page: str) -> None:
    url = f"/admin/integration/{page}/"
    assert client_of(factory, "admin").get(url).status_code == 200
    assert client_of(factory, "gm", superuser=True).get(url).status_code == 403


def test_a_subscription_is_checked(factory: Factory) -> None:
    client = client_of(factory, "admin")
    url = "/admin/integration/subscription/add/"
    for wrong in (
        {"url": "ftp://example.com/"},
        {"url": "http://u:p@example.com/"},
        {"secret": "short"},
        {"verbs": '"orders"'},
        {"verbs": "[1]"},
    ):
        assert client.post(url, SUBSCRIPTION | wrong).status_code == 200
    assert not Subscription.objects.exists()
    assert client.post(url, SUBSCRIPTION).status_code == 302
    assert Subscription.objects.get().verbs == ["orders.*"]


def test_a_token_is_shown_once_and_can_be_revoked(factory: Factory) -> None:
    client = client_of(factory, "admin")
    person = factory.person("buyer")
    made = client.post(
        "/admin/integration/servicetoken/add/", {"person": person.pk, "purpose": "scanner"}, follow=True
    )
    token = ServiceToken.objects.get()
    assert made.content.decode().count(token.prefix) >= 1
    assert f"{token.prefix}" in str([str(m) for m in made.context["messages"]])
    chosen = {"action": "revoke", "_selected_action": [token.pk]}
    client.post("/admin/integration/servicetoken/", chosen)
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_what_was_given_up_can_be_tried_again(factory: Factory) -> None:
    outbox.put([outbox.mail("a@example.com", subject="S", text="T", key="k")])
    Outbox.objects.update(state="dead", tries=8)
    client = client_of(factory, "admin")
    chosen = {"action": "try_again", "_selected_action": [Outbox.objects.get().pk]}
    client.post("/admin/integration/outbox/", chosen)
    assert Outbox.objects.get().state == "waiting"


def test_what_was_given_up_can_be_dropped_with_a_reason(factory: Factory) -> None:
    outbox.put([outbox.mail(f"{n}@example.com", subject="S", text="T", key="k") for n in range(2)])
    Outbox.objects.update(state="dead", tries=8)
    client = client_of(factory, "admin")
    chosen = {"action": "drop", "_selected_action": [row.pk for row in Outbox.objects.all()]}
    asked = client.post("/admin/integration/outbox/", chosen)
    assert asked.status_code == 200
    assert "0@example.com" in asked.content.decode()
    assert client.post("/admin/integration/outbox/", {**chosen, "reason": " "}).status_code == 200
    assert not Outbox.objects.filter(state="dropped").exists()
    client.post("/admin/integration/outbox/", {**chosen, "reason": "地址不存在"})
    row = Outbox.objects.first()
    assert row is not None
    assert (row.state, row.drop_reason, row.dropped_by) == ("dropped", "地址不存在", factory.person("admin"))
    client.post("/admin/integration/outbox/", {**chosen, "action": "try_again"})
    assert set(Outbox.objects.values_list("state", "drop_reason", "dropped_by")) == {("waiting", "", None)}


def test_what_is_being_sent_just_now_is_not_dropped(factory: Factory, at: datetime) -> None:
    outbox.put([outbox.mail("a@example.com", subject="S", text="T", key="k")])
    Outbox.objects.update(next_at=at)
    assert outbox.claim("mail", now=at) is not None
    admin = factory.person("admin")
    assert outbox.drop(Outbox.objects.all(), person=admin, reason="r", now=at) == 0
    assert outbox.drop(Outbox.objects.all(), person=admin, reason="r", now=at + outbox.LEASE * 2) == 1
