"""Periodic duties open by themselves, each in its time, and are missed or fulfilled (E-42, E-44)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils.translation import gettext_noop

from deadlines import actions, duties, registrar, sweep
from deadlines.models import Deadline, Duty, RuleSetting
from deadlines.periods import Every
from deadlines.rules import DUTY, Rule, daily, duty, monthly, weekly
from flow.events import By
from flow.refusals import Denied, Refused
from org import calendars
from org.models import Membership
from org.roles import Role
from tests.deadlines.bench import HOUR, Bench, local, told

Declare = Callable[..., Rule]


@pytest.fixture
def declare(bench: Bench) -> Iterator[Declare]:
    """Declare a duty of the production leader; only the bench's duties are open meanwhile."""
    others = [rule for rule in Rule.registry.values() if rule.every]
    for rule in others:
        rule.forget()

    def made(slug: str = "patrol", *, every: Every | None = None, **options: Any) -> Rule:
        given: dict[str, Any] = {"owner": Role.PROD_LEADER, "escalation": [Role.GM], **options}
        found = duty(slug, "TM-10", gettext_noop("Patrol the workshops."), every=every or daily(), **given)
        bench.rules.append(found)
        registrar.enlist()
        return found

    yield made
    for rule in others:
        rule.register()


def opened(bench: Bench, at: datetime) -> list[str]:
    """The periods that are open after a tick, for the first company."""
    duties.open_due(at=at)
    rows = Duty.objects.filter(company=bench.people.kg).order_by("starts_at", "role")
    return list(rows.values_list("period", flat=True))


@pytest.mark.rule("PRD-44", "TM-10", "E-44")
def test_a_daily_duty_is_open_each_working_day(bench: Bench, declare: Declare) -> None:
    declare()
    assert opened(bench, local(3, 2, 0, 5)) == ["2026-03-02"]
    assert opened(bench, local(3, 2, 16)) == ["2026-03-02"]
    assert opened(bench, local(3, 3, 9)) == ["2026-03-02", "2026-03-03"]
    assert opened(bench, local(3, 8, 9))[-1] == "2026-03-06"
    found = Duty.objects.first()
    assert found is not None
    clock = bench.clock(found)
    assert (clock.due_at, clock.period, clock.roles) == (local(3, 3), "2026-03-02", ("prod_leader",))
    assert clock.next_at == local(3, 2, 15)


def test_each_company_with_a_holder_has_its_own(bench: Bench, declare: Declare) -> None:
    declare()
    Membership.objects.filter(company=bench.people.ct, role=Role.PROD_LEADER).delete()
    duties.open_due(at=local(3, 2, 9))
    found = set(Duty.objects.values_list("company__code", flat=True))
    assert found == {"KG", "HG", "XB"}


@pytest.mark.rule("PUR-05", "TM-19", "E-44")
def test_a_duty_of_every_calendar_day(bench: Bench, declare: Declare) -> None:
    declare(every=daily(workdays=False))
    for day in (6, 7, 8, 9):
        duties.open_due(at=local(3, day, 9))
    assert Duty.objects.filter(company=bench.people.kg).count() == 4


@pytest.mark.rule("PRD-44")
def test_a_day_without_a_record_is_overdue_for_its_owner(bench: Bench, declare: Declare) -> None:
    declare()
    duties.open_due(at=local(3, 2, 9))
    sweep.run(at=local(3, 3, 3))
    leader, gm = bench.people.person(Role.PROD_LEADER), bench.people.person(Role.GM)
    assert told(leader) == [("0", local(3, 2, 15)), ("1", local(3, 3))]
    assert told(gm) == [("2", local(3, 3, 2))]
    assert Deadline.objects.filter(company=bench.people.kg, breached=True).count() == 1


@pytest.mark.rule("PRD-71", "TM-16")
def test_two_owners_have_a_duty_each(bench: Bench, declare: Declare) -> None:
    declare(owner=(Role.TEAM_LEADER, Role.PROCESS_ENG), escalation=[Role.WORKSHOP_DIRECTOR])
    duties.open_due(at=local(3, 2, 9))
    rows = Duty.objects.filter(company=bench.people.kg)
    assert sorted(rows.values_list("role", flat=True)) == ["process_eng", "team_leader"]


def test_the_holder_records_it_and_nobody_else(bench: Bench, declare: Declare) -> None:
    declare()
    duties.open_due(at=local(3, 2, 9))
    found = Duty.objects.get(company=bench.people.kg)
    with pytest.raises(Denied):
        actions.fulfil(found, by=By(bench.people.person(Role.BUYER), local(3, 2, 10)), note="巡检")
    leader = By(bench.people.person(Role.PROD_LEADER), local(3, 2, 10))
    done = actions.fulfil(found, by=leader, note="巡检正常")
    assert (done.state, done.note) == ("done", "巡检正常")
    assert (bench.clock(found).state, bench.clock(found).breached) == ("done", False)
    with pytest.raises(Refused):
        actions.fulfil(done, by=leader, note="again")


def test_a_day_may_be_withdrawn(bench: Bench, declare: Declare) -> None:
    declare()
    duties.open_due(at=local(3, 2, 9))
    found = Duty.objects.get(company=bench.people.kg)
    actions.withdraw(found, by=By(bench.people.person(Role.GM), local(3, 2, 10)), reason="停电停产")
    assert bench.clock(found).state == "cancelled"


def test_the_record_of_another_document_fulfils_the_duty_of_its_day(bench: Bench, declare: Declare) -> None:
    declare(stop="deadlines.duty.inspected")
    duties.open_due(at=local(3, 2, 9))
    found = Duty.objects.get(company=bench.people.kg)
    bench.say("inspected", found, local(3, 2, 10))
    assert bench.clock(found).state == "done"
    assert duties.settle(at=local(3, 2, 10)) == 1
    settled = Duty.objects.get(pk=found.pk)
    assert settled.state == "done"
    assert settled.note.startswith("deadlines.duty.inspected")
    assert duties.settle(at=local(3, 2, 11)) == 0


def test_a_record_of_another_type_finds_the_duties_of_its_author(bench: Bench, declare: Declare) -> None:
    both = declare("both", owner=(Role.TEAM_LEADER, Role.PROCESS_ENG), stop="quality.check.record")
    one = declare("one", stop="quality.check.record")
    duties.open_due(at=local(3, 2, 9))
    record = SimpleNamespace(label=lambda: "quality.check", company_id=bench.people.kg.pk)

    def found(rule: Rule, role: Role, at: datetime) -> list[str]:
        event: Any = SimpleNamespace(actor=bench.people.person(role), at=at)
        return [f"{d.company.code} {d.role}" for d in rule.subjects(record, event)]

    assert found(both, Role.PROCESS_ENG, local(3, 2, 10)) == ["KG process_eng"]
    assert found(both, Role.BUYER, local(3, 2, 10)) == []
    assert found(one, Role.BUYER, local(3, 2, 10)) == ["KG prod_leader"]
    assert found(one, Role.BUYER, local(3, 3, 10)) == []


@pytest.mark.rule("PRD-34", "TM-17", "E-42")
def test_a_weekly_duty_is_due_on_friday_or_the_working_day_before(bench: Bench, declare: Declare) -> None:
    declare(every=weekly())
    assert opened(bench, local(3, 5, 23)) == []
    assert opened(bench, local(3, 6, 0, 1)) == ["2026-W10"]
    found = Duty.objects.get(company=bench.people.kg)
    clock = bench.clock(found)
    assert (clock.due_at, clock.next_at) == (local(3, 7), local(3, 6, 12))
    # Friday 2026-06-19 is a holiday: the week's duty is open on Thursday.
    assert opened(bench, local(6, 18, 9))[-1] == "2026-W25"


@pytest.mark.rule("DLV-07", "TM-35")
def test_a_duty_of_the_whole_week_is_open_from_monday(bench: Bench, declare: Declare) -> None:
    declare(every=weekly(opens="week"))
    assert opened(bench, local(3, 4, 9)) == ["2026-W10"]
    found = Duty.objects.get(company=bench.people.kg)
    assert (found.starts_at, found.ends_at) == (local(3, 2), local(3, 7))


@pytest.mark.rule("PRD-34", "TM-18")
def test_a_monthly_duty_is_due_by_the_first_friday_after_the_month(bench: Bench, declare: Declare) -> None:
    declare(every=monthly())
    assert opened(bench, local(4, 1, 9)) == ["2026-03"]
    found = Duty.objects.get(company=bench.people.kg)
    assert (found.starts_at, found.ends_at) == (local(4, 1), local(4, 4))
    assert bench.clock(found).next_at == local(4, 3)


def test_a_month_that_begins_with_holidays(bench: Bench) -> None:
    work = calendars.worktime(bench.people.kg)
    periods = list(monthly().periods(date(2026, 10, 1), date(2026, 10, 1), work))
    # Friday the 2nd is a holiday and nothing before it in the month is worked: the next working day.
    assert [p.ends_at for p in periods] == [local(10, 9)]


@pytest.mark.rule("PRD-35", "TM-48")
def test_a_daily_duty_may_end_with_the_shift(bench: Bench, declare: Declare) -> None:
    declare(every=daily(until="shift_end"))
    duties.open_due(at=local(3, 2, 9))
    assert Duty.objects.get(company=bench.people.kg).ends_at == local(3, 2, 17)


def test_an_outage_of_some_days_is_caught_up(bench: Bench, declare: Declare) -> None:
    declare()
    assert opened(bench, local(3, 2, 9)) == ["2026-03-02"]
    assert opened(bench, local(3, 5, 9)) == [f"2026-03-0{d}" for d in (2, 3, 4, 5)]
    # After a long one the last week is.
    assert opened(bench, local(3, 20, 9))[4:] == [f"2026-03-{d}" for d in (13, 16, 17, 18, 19, 20)]


def test_a_duty_switched_off_is_not_opened(bench: Bench, declare: Declare) -> None:
    made = declare()
    by = bench.people.person(Role.ADMIN)
    RuleSetting.objects.create(
        rule_id=made.slug, company=bench.people.kg, active=False, set_by=by, set_at=local(3, 2)
    )
    assert opened(bench, local(3, 2, 9)) == []
    assert Duty.objects.filter(company=bench.people.hg).exists()


def test_opening_twice_is_harmless(bench: Bench, declare: Declare) -> None:
    declare()
    turns = list(duties.turns(at=local(3, 2, 9)))
    assert all(duties._open(turn) for turn in turns)
    assert not any(duties._open(turn) for turn in turns)
    assert duties.open_due(at=local(3, 2, 9)) == 0


def test_a_duty_is_the_subject_of_its_clock(bench: Bench, declare: Declare) -> None:
    declare()
    duties.open_due(at=local(3, 2, 9))
    found = Duty.objects.get(company=bench.people.kg)
    clock = bench.clock(found)
    assert (clock.subject_type, clock.case_id, clock.path) == (DUTY, found.case_id, found.path)
    assert clock.opened_at == local(3, 2) == found.starts_at
    assert str(found) == f"{found.title} 2026-03-02"
    assert clock.due_at - clock.opened_at == timedelta(hours=24)
    assert found.ends_at - found.starts_at == HOUR * 24
