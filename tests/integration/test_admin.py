"""Tokens, subscriptions and the outbox in the admin: for administrators only, whatever flags others carry."""

from __future__ import annotations

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
