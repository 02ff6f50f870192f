"""Every change of master data and settings leaves a row: who, when, from what to what; whatever its way."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from catalog.models import BomLine, BomVersion, Customer, PriceList, PriceListLine
from integration import tokens
from integration.models import ServiceToken, Subscription
from org import changes, history
from org.models import Membership, Person
from tests.goods import Factory


@pytest.fixture
def customer(factory: Factory) -> Customer:
    return Customer.objects.get(code="C001")


def told(row: Any) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The changes of a row, the newest first: what, and each field."""
    return [(c.kind, [(f.label, f.old, f.new) for f in c.fields]) for c in changes.of_row(row, 50)]


def test_a_change_in_the_admin_names_the_person_and_each_field(
    desk: Client, administrator: Person, customer: Customer
) -> None:
    page = reverse("admin:catalog_customer_change", args=[customer.pk])
    data = {"code": "C001", "name": customer.name, "kind": "dealer", "grade": "A", "is_active": "on"}
    assert desk.post(page, data).status_code == 302
    change = changes.of_row(customer, 1)[0]
    assert change.person == str(administrator)
    assert ("Kind", "Customer", "Dealer") in [(f.label, f.old, f.new) for f in change.fields]
    shown = desk.get(reverse("admin:catalog_customer_history", args=[customer.pk])).content.decode()
    assert "<del>Customer</del> → <ins>Dealer</ins>" in shown
    assert str(administrator) in shown


def test_saving_without_a_change_leaves_nothing(customer: Customer) -> None:
    before = len(told(customer))
    customer.save()
    assert len(told(customer)) == before


def test_bulk_ways_are_noted_too(factory: Factory, customer: Customer) -> None:
    assert Customer.objects.filter(pk=customer.pk).update(contact="李四") == 1
    assert told(customer)[0] == ("~", [("Contact person", "—", "李四")])
    customer.contact, customer.phone = "王五", "1"
    Customer.objects.bulk_update([customer], ["contact", "phone"])
    assert told(customer)[0][1] == [("Contact person", "李四", "王五"), ("Phone", "—", "1")]
    (made,) = Customer.objects.bulk_create([Customer(code="C901", name="新")])
    assert told(made) == [("+", [])]
    with pytest.raises(ValueError, match="history"):
        Customer.objects.bulk_create([Customer(code="C902", name="新")], ignore_conflicts=True)
    Customer.objects.filter(pk=made.pk).delete()
    assert [kind for kind, _fields in told(Customer(pk=made.pk))] == ["-", "+"]


def test_a_cascade_is_noted(factory: Factory) -> None:
    prices = PriceList.objects.create(code="P9", name="试")
    line = PriceListLine.objects.create(
        price_list=prices, item=factory.breaker, price=5, valid_from="2026-01-01"
    )
    key = line.pk
    prices.delete()
    past = history.past_of(PriceListLine)._default_manager.filter(id=key)
    assert list(past.order_by("pk").values_list("history_type", flat=True)) == ["+", "-"]


def test_outside_a_request_the_program_is_named(customer: Customer) -> None:
    customer.contact = "李四"
    customer.save()
    assert changes.of_row(customer, 1)[0].person == history.program() != ""


def test_who_acts_in_code_is_named(factory: Factory, customer: Customer) -> None:
    customer.contact, customer._history_user = "李四", factory.person("buyer")
    customer.save()
    assert changes.of_row(customer, 1)[0].person == str(factory.person("buyer"))


def test_a_job_changes_in_the_name_of_who_started_it(factory: Factory, customer: Customer) -> None:
    with history.acting(factory.person("buyer")):
        Customer.objects.filter(pk=customer.pk).update(contact="李四")
    assert changes.of_row(customer, 1)[0].person == str(factory.person("buyer"))


def test_issuing_a_bill_names_the_issuer(factory: Factory, desk: Client, administrator: Person) -> None:
    version = BomVersion.objects.create(item=factory.frame, number=8)
    BomLine.objects.create(version=version, component=factory.wire, quantity=1)
    chosen = {"action": "issue_versions", "_selected_action": [version.pk]}
    desk.post(reverse("admin:catalog_bomversion_changelist"), chosen)
    change = changes.of_row(version, 1)[0]
    assert change.person == str(administrator)
    assert ("State", "Draft", "Issued") in [(f.label, f.old, f.new) for f in change.fields]


def test_secrets_are_told_as_changed_and_never_shown(factory: Factory, desk: Client) -> None:
    person = factory.person("buyer")
    person.password = make_password("quite-another-1")
    person.save(update_fields=["password"])
    assert told(person)[0] == ("~", [("Password", "not shown", "not shown")])
    hook = Subscription.objects.create(name="ERP", url="https://e.example/", secret="a" * 20, verbs=["*"])
    hook.secret = "b" * 20
    hook.save()
    assert told(hook)[0] == ("~", [("Secret", "not shown", "not shown")])
    shown = desk.get(reverse("admin:integration_subscription_history", args=[hook.pk])).content.decode()
    assert "a" * 20 not in shown
    columns = {field.name for field in history.past_of(Person)._meta.get_fields()}
    assert not columns & {"password", "last_login"}


def test_logging_in_and_using_a_token_are_no_changes(factory: Factory, at: Any) -> None:
    person = factory.person("buyer")
    token, _secret = tokens.issue(person)
    before = (len(told(person)), len(told(token)))
    Client().force_login(person)
    tokens.note_use(token, now=at)
    assert ServiceToken.objects.get(pk=token.pk).last_used_at == at
    assert (len(told(person)), len(told(token))) == before
    tokens.revoke(token, now=at)
    assert [label for label, _old, _new in told(token)[0][1]] == ["Revoked at"]


def test_the_history_itself_is_never_changed(customer: Customer) -> None:
    rows = history.past_of(Customer)._default_manager.filter(id=customer.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(name="anders")
    with pytest.raises(IntegrityError), transaction.atomic():
        rows._raw_delete("default")


def test_the_page_of_a_person_tells_of_their_posts(desk: Client, factory: Factory) -> None:
    buyer = factory.person("buyer")
    post = Membership.objects.get(person=buyer)
    post.role = "purch_leader"
    post.save()
    shown = desk.get(reverse("admin:org_person_history", args=[buyer.pk])).content.decode()
    assert "<del>Buyer</del> → <ins>Purchasing leader</ins>" in shown


@pytest.mark.parametrize("rows", [2, 20])
def test_a_history_costs_the_same_for_any_length(
    desk: Client, factory: Factory, rows: int, django_assert_max_num_queries: Any
) -> None:
    post = Membership.objects.get(person=factory.person("buyer"))
    for n in range(rows):
        post.role = ("purch_leader", "buyer")[n % 2]
        post._history_user = factory.person("admin")
        post.save()
    page = reverse("admin:org_membership_history", args=[post.pk])
    assert desk.get(page).content.decode().count("<ins>") == rows
    with django_assert_max_num_queries(30):
        desk.get(page)


def test_others_read_no_history(at_desk_of: Any, customer: Customer) -> None:
    page = reverse("admin:catalog_customer_history", args=[customer.pk])
    assert at_desk_of("gm").get(page).status_code == 403


@pytest.fixture
def at_desk_of(factory: Factory) -> Any:
    """Somebody with the door open who does not hold the post."""

    def seated(role: str) -> Client:
        person = factory.person(role)
        person.is_staff = person.is_superuser = True
        person.save()
        client = Client()
        client.force_login(person)
        return client

    return seated
