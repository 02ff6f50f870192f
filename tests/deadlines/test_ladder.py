"""Warned, told at the due moment, then one level after the other; each exactly once (SYS-08, P2, P3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deadlines import sweep
from deadlines.models import Deadline, Escalation
from deadlines.rules import LEADER, before, hours, within, workdays
from flow.models import Event
from integration.models import Notice
from org.models import Membership
from org.roles import Role
from tests.deadlines.bench import HOUR, Bench, local, moments, steps, sweep_at, told
from tests.people import NINE


@pytest.fixture
def row(bench: Bench) -> Deadline:
    """TM-01 begun at nine: 4 h, warned 1 h before, clerk → sales leader and order manager → gm."""
    bench.declare(warn=hours(1))
    return bench.begun()


@pytest.mark.rule("SYS-08", "TM-01")
def test_each_level_is_told_once_at_its_hour(bench: Bench, row: Deadline) -> None:
    clerk, leader, manager, gm = (
        bench.people.person(role) for role in (Role.SALES_CLERK, Role.SALES_LEADER, Role.ORDER_MGR, Role.GM)
    )
    assert sweep_at(NINE + timedelta(minutes=m) for m in (0, 179)) == [0, 0]
    assert sweep_at([NINE + 3 * HOUR] * 2) == [1, 0]
    assert told(clerk) == [("0", NINE + 3 * HOUR)]
    assert sweep_at([NINE + 4 * HOUR] * 2) == [1, 0]
    assert told(clerk) == [("0", NINE + 3 * HOUR), ("1", NINE + 4 * HOUR)]
    assert told(leader) == told(manager) == told(gm) == []
    assert sweep_at([NINE + 5 * HOUR] * 2) == [1, 0]
    assert told(leader) == told(manager) == [("2", NINE + 5 * HOUR)]
    assert sweep_at([NINE + 6 * HOUR] * 2) == [1, 0]
    assert told(gm) == [("3", NINE + 6 * HOUR)]
    assert sweep_at([NINE + 60 * HOUR]) == [0]
    assert len(told(clerk)) == 2
    assert bench.again(row).next_at is None


@pytest.mark.rule("SYS-08", "TM-01")
def test_an_outage_is_caught_up_in_order_and_marked_late(bench: Bench, row: Deadline) -> None:
    sweep.run(at=NINE + 3 * HOUR)
    assert sweep_at([NINE + 5.5 * HOUR] * 2) == [2, 0]
    assert steps(row) == [
        ("warn", NINE + 3 * HOUR, False),
        ("due", NINE + 4 * HOUR, True),
        ("escalate", NINE + 5 * HOUR, True),
    ]
    assert (
        "caught up late" in Notice.objects.get(key=f"deadline:{row.pk}:2", person__username="order_mgr").text
    )


@pytest.mark.rule("SYS-08")
def test_an_outage_of_years_takes_every_step_once(bench: Bench, row: Deadline) -> None:
    assert sweep.run(at=NINE + timedelta(days=1000)) == 4
    assert [late for _, _, late in steps(row)] == [True] * 4


def test_a_step_is_an_event_of_the_document(bench: Bench, row: Deadline) -> None:
    sweep.run(at=NINE + 5.5 * HOUR)
    event = Event.objects.filter(verb=sweep.ESCALATE).order_by("pk")[2]
    assert (event.subject_type, event.subject_id) == (row.subject_type, row.subject_id)
    assert (event.at, event.version) == (NINE + 5 * HOUR, None)
    assert event.data["kind"] == "escalate"
    assert event.data["roles"] == ["sales_leader", "order_mgr"]
    assert event.data["late"]
    assert event.actor.username == "system"


@pytest.mark.rule("SYS-08", "SYS-05")
def test_the_levels_follow_on_the_rule_s_own_clock(bench: Bench) -> None:
    """TM-07: one working day, warned two working hours before."""
    bench.declare(due=within(workdays=1), warn=hours(2), escalation=[Role.GM])
    row = bench.begun(at=local(3, 6, 16))
    assert row.due_at == local(3, 9, 16)
    # Two working hours after Monday 16:00 is Tuesday 09:00.
    assert moments(row) == [local(3, 9, 14), local(3, 9, 16), local(3, 10, 9)]


def test_a_lead_of_a_working_day_is_one_of_full_working_time(bench: Bench) -> None:
    bench.declare(due=before(bench.dated, workdays=5), warn=workdays(1))
    row = bench.begun(on=local(3, 30).date())
    assert moments(row)[0] == local(3, 23, 8)


@pytest.mark.rule("SYS-08")
def test_an_empty_post_goes_one_level_up_and_is_listed(bench: Bench, row: Deadline) -> None:
    Membership.objects.filter(role=Role.SALES_CLERK, company=bench.people.kg).delete()
    sweep.run(at=NINE + 3 * HOUR)
    step = Escalation.objects.get(deadline=row)
    assert step.vacant == ["sales_clerk"]
    assert step.told == [bench.people.person(r).pk for r in (Role.SALES_LEADER, Role.ORDER_MGR)]
    assert "Nobody holds the post" in Notice.objects.get(person=bench.people.person(Role.ORDER_MGR)).text


def test_if_the_whole_chain_is_vacant_the_general_manager_hears(bench: Bench) -> None:
    bench.declare(warn=hours(1), owner=Role.BUYER, escalation=[Role.PURCH_LEADER])
    row = bench.begun()
    Membership.objects.filter(role__in=[Role.BUYER, Role.PURCH_LEADER]).delete()
    sweep.run(at=NINE + 3 * HOUR)
    step = Escalation.objects.get(deadline=row)
    assert step.told == [bench.people.person(Role.GM).pk]
    assert step.vacant == ["buyer", "purch_leader"]


def test_if_nobody_is_left_the_step_is_recorded_all_the_same(bench: Bench, row: Deadline) -> None:
    Membership.objects.all().delete()
    assert sweep.run(at=NINE + 4 * HOUR) == 2
    assert [step.told for step in Escalation.objects.filter(deadline=row)] == [[], []]


def test_a_post_of_the_group_counts_where_the_company_has_none(bench: Bench, row: Deadline) -> None:
    Membership.objects.filter(role=Role.SALES_CLERK, company=bench.people.kg).delete()
    at_group = bench.people.appoint(Role.SALES_CLERK, company=bench.people.group, username="group_clerk")
    sweep.run(at=NINE + 3 * HOUR)
    assert Escalation.objects.get(deadline=row).told == [at_group.pk]


def test_addressees_are_found_when_it_fires_not_when_it_starts(bench: Bench, row: Deadline) -> None:
    new = bench.people.appoint(Role.SALES_CLERK, username="second_clerk")
    old = bench.people.person(Role.SALES_CLERK)
    old.is_active = False
    old.save()
    sweep.run(at=NINE + 3 * HOUR)
    assert Escalation.objects.get(deadline=row).told == [new.pk]


def test_an_owner_by_name_and_the_next_one_up(bench: Bench) -> None:
    engineer, leader = bench.people.person(Role.ENGINEER), bench.people.person(Role.TECH_LEADER)
    bench.declare(warn=hours(1), owner=lambda document: engineer, escalation=[LEADER, Role.GM])
    row = bench.begun()
    assert row.owner == engineer
    sweep.run(at=NINE + 5 * HOUR)
    assert told(engineer) == [("0", NINE + 3 * HOUR), ("1", NINE + 4 * HOUR)]
    assert told(leader) == [("2", NINE + 5 * HOUR)]


def test_an_owner_who_left_is_replaced_by_the_next_one_up(bench: Bench) -> None:
    engineer, leader = bench.people.person(Role.ENGINEER), bench.people.person(Role.TECH_LEADER)
    bench.declare(warn=hours(1), owner=lambda document: engineer, escalation=[Role.GM])
    row = bench.begun()
    engineer.is_active = False
    engineer.save()
    sweep.run(at=NINE + 3 * HOUR)
    assert Escalation.objects.get(deadline=row).told == [leader.pk]


def test_other_companies_hear_nothing(bench: Bench, row: Deadline) -> None:
    sweep.run(at=NINE + 60 * HOUR)
    people = set(Notice.objects.values_list("person__username", flat=True))
    assert people == {"sales_clerk", "sales_leader", "order_mgr", "gm"}
