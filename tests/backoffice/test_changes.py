"""All changes of settings in one list: filtered by kind, person and time, paged, exported."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.models import Customer
from config.backoffice.changes import SHOWN, collected
from deadlines.models import RuleSetting
from org.models import Person
from tests.goods import Factory
from tests.people import NINE

PAGE = "/admin/changes/"


@pytest.fixture
def customer(factory: Factory) -> Customer:
    return Customer.objects.get(code="C001")


def changed(customer: Customer, person: Person, contact: str) -> None:
    customer.contact, customer._history_user = contact, person
    customer.save()


def test_a_change_is_told_with_its_way_back(desk: Client, customer: Customer, factory: Factory) -> None:
    changed(customer, factory.person("buyer"), "李四")
    page = desk.get(PAGE, {"kind": "catalog.customer"}).content.decode()
    assert "<ins>李四</ins>" in page
    assert f'href="/admin/catalog/customer/{customer.pk}/change/"' in page


def test_person_kind_and_time_narrow_the_list(desk: Client, customer: Customer, factory: Factory) -> None:
    changed(customer, factory.person("buyer"), "李四")
    changed(customer, factory.person("gm"), "王五")
    page = desk.get(PAGE, {"person": factory.person("gm").pk}).content.decode()
    assert "<ins>王五</ins>" in page
    assert page.count("<ins>") == 1
    assert "<ins>" not in desk.get(PAGE, {"kind": "catalog.item"}).content.decode()
    assert "<ins>" not in desk.get(PAGE, {"until": "2020-01-01"}).content.decode()
    assert "Enter a valid date" in desk.get(PAGE, {"since": "x"}).content.decode()


@pytest.mark.rule("SYS-06")
def test_a_setting_of_a_timed_rule_is_told_against_the_one_before(
    desk: Client, administrator: Person
) -> None:
    for amount in (6, 8):
        RuleSetting.objects.create(
            rule_id="instruction_4h", set_by=administrator, set_at=NINE, amount=amount, note="试行"
        )
    page = desk.get(PAGE, {"kind": "deadlines.rulesetting"}).content.decode()
    assert "<del>6 hours</del> → <ins>8 hours</ins>" in page
    assert "<del>4 hours</del> → <ins>6 hours</ins>" in page
    assert "试行" in page


@pytest.mark.rule("SYS-06")
def test_the_page_of_a_rule_shows_what_is_shipped_beside_what_is_set(
    desk: Client, administrator: Person, factory: Factory
) -> None:
    for company, amount in ((None, 6), (factory.kg, 8)):
        RuleSetting.objects.create(
            rule_id="instruction_4h", company=company, set_by=administrator, set_at=NINE, amount=amount
        )
    page = desk.get("/admin/deadlines/timedrule/instruction_4h/change/").content.decode()
    assert "The production instruction is issued within 4 hours" in page
    assert "<strong>6 hours</strong>" in page
    assert "<strong>8 hours</strong>" in page
    assert "4 hours → 6 hours" in desk.get("/admin/deadlines/timedrule/?q=TM-01").content.decode()


def test_the_list_goes_on_page_by_page(desk: Client, customer: Customer, factory: Factory) -> None:
    for n in range(SHOWN + 5):
        changed(customer, factory.person("buyer"), f"联系人{n}")
    query = {"kind": "catalog.customer"}
    first = desk.get(PAGE, query)
    assert len(first.context["changes"]) == SHOWN
    second = desk.get(f"{PAGE}{first.context['more']}")
    kept = {(c.at, c.key) for c in first.context["changes"]} & {
        (c.at, c.key) for c in second.context["changes"]
    }
    assert not kept
    assert len(second.context["changes"]) >= 5


def test_the_list_leaves_as_csv(desk: Client, customer: Customer, factory: Factory) -> None:
    changed(customer, factory.person("buyer"), "=1+1")
    text = desk.get(PAGE, {"kind": "catalog.customer", "export": "csv"}).getvalue().decode("utf-8-sig")
    assert "Contact person,—,'=1+1" in text


@pytest.mark.parametrize("rows", [1, 12])
def test_the_list_costs_the_same_for_any_length(
    customer: Customer, factory: Factory, rows: int, django_assert_max_num_queries: Any
) -> None:
    for n in range(rows):
        changed(customer, factory.person("buyer"), f"联系人{n}")
    with django_assert_max_num_queries(75):
        collected({}, None, 50)
