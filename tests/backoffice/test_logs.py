"""Log-ins and steps are written down by themselves and read by administrators alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from flow.models import Event
from integration import tokens
from org.admin import agent_in_short
from org.models import LogIn, Person
from tests.goods import Factory
from tests.people import PASSWORD
from tests.story import Story

LOGINS, STEPS = "/admin/org/login/", "/admin/flow/event/"


def log_in(name: str, password: str, **more: Any) -> Client:
    client = Client(**more)
    client.post("/login/", {"username": name, "password": password})
    return client


def last() -> LogIn:
    return LogIn.objects.latest("pk")


def test_coming_and_going_are_noted_with_address_and_browser(factory: Factory) -> None:
    client = log_in("buyer", PASSWORD, REMOTE_ADDR="10.1.2.3", headers={"user-agent": "Firefox 140"})
    buyer = factory.person("buyer")
    assert (last().kind, last().person, last().address, last().agent) == (
        "in",
        buyer,
        "10.1.2.3",
        "Firefox 140",
    )
    client.post("/logout/")
    assert (last().kind, last().person) == ("out", buyer)


def test_a_refusal_is_noted_without_what_was_typed_as_password(factory: Factory) -> None:
    log_in("buyer", "my-wrong-password-1")
    assert (last().kind, last().person, last().name) == ("refused", factory.person("buyer"), "buyer")
    everything = [str(v) for row in LogIn.objects.values() for v in row.values()]
    assert "my-wrong-password-1" not in everything


def test_a_password_typed_as_a_name_is_not_kept(factory: Factory) -> None:
    log_in("Secret-pass-2026", "x")
    assert (last().person, last().name) == (None, "Se…")


@pytest.mark.parametrize(("behind", "address"), [(False, "10.0.0.9"), (True, "192.0.2.7")])
def test_only_our_own_proxy_is_believed(factory: Factory, settings: Any, behind: bool, address: str) -> None:
    settings.BEHIND_PROXY = behind
    log_in("buyer", "x", REMOTE_ADDR="10.0.0.9", headers={"x-forwarded-for": "8.8.8.8, 192.0.2.7"})
    assert last().address == address


def test_a_dead_token_is_noted_once_in_a_while(factory: Factory, at: Any) -> None:
    token, secret = tokens.issue(factory.person("buyer"))
    tokens.revoke(token, now=at)
    for _n in range(3):
        answer = Client().get("/api/v1/orders/order/", headers={"authorization": f"Token {secret}"})
        assert answer.status_code == 401
    rows = LogIn.objects.filter(kind="token")
    assert [(row.name, secret in row.name) for row in rows] == [(token.prefix, False)]


def test_the_log_is_never_changed(factory: Factory) -> None:
    log_in("buyer", "x")
    with pytest.raises(IntegrityError), transaction.atomic():
        LogIn.objects.update(name="other")
    with pytest.raises(IntegrityError), transaction.atomic():
        LogIn.objects.all()._raw_delete("default")


def test_administrators_read_search_and_export_it(desk: Client, factory: Factory) -> None:
    log_in("buyer", "x", REMOTE_ADDR="10.1.2.3")
    log_in("shipper", PASSWORD)
    assert "10.1.2.3" in desk.get(LOGINS).content.decode()
    assert "10.1.2.3" not in desk.get(LOGINS, {"kind__exact": "in"}).content.decode()
    assert "10.1.2.3" in desk.get(LOGINS, {"q": "buyer"}).content.decode()
    lines = desk.get(LOGINS, {"q": "buyer", "export": "csv"}).getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "10.1.2.3" in lines[1]
    assert desk.get(f"{LOGINS}{last().pk}/change/").status_code == 200
    assert desk.get(f"{LOGINS}add/").status_code == 403


@pytest.mark.parametrize(
    "path", [LOGINS, STEPS, f"{LOGINS}?export=csv", f"{STEPS}?export=csv", "/admin/changes/"]
)
def test_others_read_no_log(factory: Factory, path: str) -> None:
    person = factory.person("gm")
    Person.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(Person.objects.get(pk=person.pk))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize(
    ("agent", "short"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140.0 Safari/537 Edg/140.0",
            "Edge 140 · Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18) Version/18.1 Safari MicroMessenger/8.0", "微信 8 · iOS"),
        ("curl/8.5", "curl/8.5"),
        ("", "—"),
    ],
)
def test_a_browser_is_named_in_short(agent: str, short: str) -> None:
    assert agent_in_short(agent) == short


# ---- the operation log ----


def steps(client: Client, **query: str) -> str:
    return client.get(STEPS, query).content.decode()


def test_a_step_says_who_did_what_to_which_document_from_where(desk: Client, story: Story) -> None:
    story.confirmed()
    client = log_in("sales_clerk", PASSWORD, REMOTE_ADDR="10.1.2.3")
    order = story.order
    client.post(f"/{order.path}/submit_review/", {"version": order.version})
    page = steps(desk, q=str(order.number))
    assert "Submit" in page
    assert f'href="/{order.path}/"' in page
    assert str(story.factory.person("sales_clerk")) in page
    assert page.count("10.1.2.3") == 1


def test_steps_are_found_by_person_step_and_document(desk: Client, story: Story) -> None:
    story.effective()
    rows = {event.verb for event in Event.objects.filter(actor=story.factory.person("finance"))}
    assert rows
    found = desk.get(STEPS, {"q": "finance"}).context["cl"].result_list
    # The payments themselves are closed to administrators.
    assert {event.verb for event in found} == {verb for verb in rows if "payment" not in verb} != set()
    assert "Take effect" in steps(desk, subject_type="orders.contract", verb="orders.contract.take_effect")
    assert "orders.contract.take_effect" in steps(desk, subject_type="orders.contract")
    assert not desk.get(STEPS, {"q": "KG1999-4711"}).context["cl"].result_list
    lines = desk.get(STEPS, {"q": story.order.number, "export": "csv"}).getvalue().decode("utf-8-sig")
    assert str(story.order.number) in lines


def test_the_history_of_a_document_is_the_operation_log(desk: Client, story: Story) -> None:
    story.received()
    answer = desk.get(f"/admin/orders/order/{story.order.pk}/history/", follow=True)
    assert answer.status_code == 200
    assert f'href="/{story.order.path}/"' in answer.content.decode()


def test_steps_on_documents_of_another_company_stay_closed(story: Story) -> None:
    story.received()
    stranger = story.factory.stranger
    Person.objects.filter(pk=stranger.pk).update(is_staff=True)
    client = Client()
    client.force_login(Person.objects.get(pk=stranger.pk))
    page = client.get(STEPS)
    assert page.status_code == 200
    assert str(story.order.number) not in page.content.decode()
    exported = client.get(STEPS, {"export": "csv"}).getvalue().decode("utf-8-sig")
    assert len(exported.splitlines()) == 1


@pytest.mark.parametrize("orders", [1, 4])
def test_the_operation_log_costs_the_same_for_any_length(
    desk: Client, story: Story, orders: int, django_assert_max_num_queries: Any
) -> None:
    story.received()
    for _n in range(orders - 1):
        Story(story.factory).received()
    steps(desk)
    with django_assert_max_num_queries(27):
        steps(desk)
