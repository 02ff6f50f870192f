"""Limits are set per company, audited, and never change a clock that runs (SYS-06, SYS-07, E-40, E-41)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from deadlines.admin import SettingForm
from deadlines.models import Deadline, RuleSetting, TimedRule
from deadlines.registrar import InForce
from deadlines.rules import Rule, before, hours, minutes, within
from org.models import Company, Person
from org.roles import Role
from tests.deadlines.bench import HOUR, Bench, local, moments, sweep_at, told
from tests.people import NINE


@pytest.fixture
def rule(bench: Bench) -> Rule:
    """Thirty minutes, "generally"."""
    return bench.declare(due=within(minutes=30), warn=minutes(10))


def set_rule(bench: Bench, slug: str, company: Company | None = None, **values: Any) -> RuleSetting:
    """What an administrator sets."""
    by = bench.people.person(Role.ADMIN)
    return RuleSetting.objects.create(rule_id=slug, company=company, set_by=by, set_at=NINE, **values)


@pytest.mark.rule("SYS-06", "E-41")
def test_a_new_limit_affects_only_clocks_started_afterwards(bench: Bench, rule: Rule) -> None:
    before_it = bench.begun()
    setting = set_rule(bench, rule.slug, bench.people.kg, amount=45)
    after_it = bench.begun()
    assert bench.again(before_it).due_at == NINE + timedelta(minutes=30)
    assert (after_it.due_at, after_it.setting) == (NINE + timedelta(minutes=45), setting)
    assert moments(after_it)[0] == NINE + timedelta(minutes=35)


def test_a_company_has_its_own_the_group_s_counts_for_the_others(bench: Bench, rule: Rule) -> None:
    set_rule(bench, rule.slug, amount=60)
    set_rule(bench, rule.slug, bench.people.kg, amount=45)
    assert bench.begun().due_at == NINE + timedelta(minutes=45)
    assert bench.begun(company=bench.people.hg).due_at == NINE + timedelta(minutes=60)


def test_the_latest_word_counts_and_the_earlier_ones_stay(bench: Bench, rule: Rule) -> None:
    for amount in (45, 50):
        set_rule(bench, rule.slug, bench.people.kg, amount=amount)
    assert bench.begun().due_at == NINE + timedelta(minutes=50)
    assert RuleSetting.objects.filter(rule_id=rule.slug).count() == 2


def test_a_setting_is_never_changed_or_deleted(bench: Bench, rule: Rule) -> None:
    setting = set_rule(bench, rule.slug, amount=60)
    setting.amount = 90
    with pytest.raises(IntegrityError), transaction.atomic():
        setting.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        setting.delete()


@pytest.mark.rule("SYS-07")
def test_a_rule_can_be_switched_off_and_on(bench: Bench, rule: Rule) -> None:
    set_rule(bench, rule.slug, bench.people.kg, active=False)
    document = bench.document()
    bench.say("begin", document)
    assert not Deadline.objects.filter(subject_id=document.pk).exists()
    set_rule(bench, rule.slug, bench.people.kg, active=True)
    bench.say("begin", document, NINE + HOUR)
    assert bench.clock(document).due_at == NINE + timedelta(minutes=90)


def test_warning_lead_and_escalation_can_be_set(bench: Bench, rule: Rule) -> None:
    set_rule(bench, rule.slug, warn_amount=5, chain=[["buyer", "planner"]])
    row = bench.begun()
    assert moments(row) == [NINE + timedelta(minutes=m) for m in (25, 30, 35)]
    sweep_at([NINE + HOUR])
    assert told(bench.people.person(Role.PLANNER)) == told(bench.people.person(Role.BUYER)) != []
    assert told(bench.people.person(Role.GM)) == []


@pytest.mark.rule("E-40")
def test_one_rule_may_run_on_working_time(bench: Bench) -> None:
    made = bench.declare(warn=hours(1))
    set_rule(bench, made.slug, bench.people.kg, clock="working")
    row = bench.begun(at=local(3, 6, 16))
    assert row.due_at == local(3, 9, 11)
    assert moments(row)[:3] == [local(3, 9, 10), local(3, 9, 11), local(3, 9, 12)]


@pytest.mark.rule("E-40")
def test_the_option_working_time_turns_all_hours_and_minutes(bench: Bench) -> None:
    made = bench.declare("hours", warn=hours(1))
    bench.declare("days", due=before(bench.dated, days=1), warn=hours(4))
    set_rule(bench, TimedRule.EVERY, bench.people.kg, clock="working")
    document = bench.document(on=date(2026, 3, 20))
    bench.say("begin", document, local(3, 6, 16))
    due = dict(Deadline.objects.filter(subject_id=document.pk).values_list("rule", "due_at"))
    assert due == {"hours": local(3, 9, 11), "days": local(3, 20)}
    assert bench.begun(company=bench.people.hg, at=local(3, 6, 16), on=None).due_at == local(3, 6, 20)
    set_rule(bench, made.slug, bench.people.kg, clock="elapsed")
    assert bench.begun(at=local(3, 6, 16)).due_at == local(3, 6, 20)


def test_the_option_for_all_rules_carries_only_a_clock(bench: Bench) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        set_rule(bench, TimedRule.EVERY, amount=5)


def test_reading_the_settings_costs_one_query(bench: Bench, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        in_force = InForce(Rule.registry.values(), [bench.people.kg.pk, bench.people.hg.pk])
        for rule in Rule.registry.values():
            in_force.terms(rule, bench.people.kg.pk)


@pytest.mark.rule("SYS-07")
def test_every_declared_rule_is_in_the_administrators_list(db: None) -> None:
    known = set(TimedRule.objects.values_list("slug", flat=True))
    assert known >= {TimedRule.EVERY, *Rule.registry}


def test_the_chain_is_written_as_words() -> None:
    form = SettingForm({"chain": "leader, sales_leader + order_mgr,gm", "clock": ""})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["chain"] == [["leader"], ["sales_leader", "order_mgr"], ["gm"]]
    assert "chain" in SettingForm({"chain": "boss"}).errors
    assert "amount" in SettingForm({"amount": "0"}).errors
    assert SettingForm({"chain": " "}).is_valid()


def posted(rows: list[dict[str, str]]) -> dict[str, str]:
    """A page of a rule as a browser sends it, with new settings."""
    data = {"settings-TOTAL_FORMS": str(len(rows)), "settings-INITIAL_FORMS": "0"}
    data |= {"settings-MIN_NUM_FORMS": "0", "settings-MAX_NUM_FORMS": "1000"}
    empty = dict.fromkeys(("company", "amount", "opens", "clock", "warn_amount", "chain", "note"), "")
    for n, row in enumerate(rows):
        data |= {f"settings-{n}-{k}": v for k, v in {**empty, "active": "unknown", **row}.items()}
    return data


def test_an_administrator_sets_a_limit_in_the_admin(bench: Bench, rule: Rule, client: Client) -> None:
    admin = bench.people.person(Role.ADMIN)
    Person.objects.filter(pk=admin.pk).update(is_staff=True)
    client.force_login(admin)
    address = f"/admin/deadlines/timedrule/{rule.slug}/change/"
    assert client.get("/admin/deadlines/timedrule/").status_code == 200
    assert client.get(address).status_code == 200
    company = str(bench.people.kg.pk)
    answer = client.post(address, posted([{"company": company, "amount": "45", "note": "试行"}]))
    assert answer.status_code == 302, answer.context["errors"] if answer.context else answer
    setting = RuleSetting.objects.get(rule_id=rule.slug)
    assert (setting.amount, setting.set_by, setting.note, setting.active) == (45, admin, "试行", None)
    assert bench.begun().due_at == NINE + timedelta(minutes=45)


@pytest.mark.parametrize("page", ["timedrule", "deadline"])
def test_others_see_nothing_of_it(bench: Bench, client: Client, page: str) -> None:
    clerk = bench.people.person(Role.SALES_CLERK)
    Person.objects.filter(pk=clerk.pk).update(is_staff=True)
    client.force_login(clerk)
    assert client.get(f"/admin/deadlines/{page}/").status_code == 403


def test_running_clocks_are_looked_at_not_changed(bench: Bench, rule: Rule, client: Client) -> None:
    row = bench.begun()
    admin = bench.people.person(Role.ADMIN)
    Person.objects.filter(pk=admin.pk).update(is_staff=True)
    client.force_login(admin)
    assert client.get("/admin/deadlines/deadline/").status_code == 200
    assert client.get(f"/admin/deadlines/deadline/{row.pk}/change/").status_code == 200
    assert client.post(f"/admin/deadlines/deadline/{row.pk}/change/", {"state": "done"}).status_code == 403
    assert client.get("/admin/deadlines/deadline/add/").status_code == 403
    Deadline.objects.filter(pk=row.pk).update(fault="broken", parked_until=NINE + HOUR)
    data = {"action": "try_again", "_selected_action": [row.pk]}
    client.post("/admin/deadlines/deadline/", data)
    assert bench.again(row).parked_until is None
