"""A date in a year without official days is provisional until they arrive (SYS-05, P19)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from deadlines import recompute, sweep
from deadlines.models import Deadline
from deadlines.rules import before, hours, within
from flow import tick
from flow.models import Event
from org import calendars
from org.models import CalendarDay, Company
from tests.deadlines.bench import HOUR, Bench, local, moments
from tests.people import NINE

HOLIDAY = CalendarDay.Kind.HOLIDAY
NEW_YEAR = {date(2027, 1, day): (str(HOLIDAY), "元旦") for day in (1, 2, 3)}


def announce(company: Company | None = None, days: dict[date, Any] | None = None) -> None:
    """The official days of 2027 are entered."""
    calendars.issue_version(
        company=company, by=None, at=NINE, days=NEW_YEAR if days is None else days, years=[2027]
    )


@pytest.mark.rule("SYS-05")
def test_a_provisional_date_moves_when_the_calendar_arrives(bench: Bench) -> None:
    bench.declare(due=within(workdays=1), warn=hours(2))
    row = bench.begun(at=local(12, 31, 16))
    assert (row.provisional, row.due_at) == (True, local(1, 1, 16, year=2027))
    announce()
    assert recompute.recompute(at=local(12, 31, 17)) == 1
    row = bench.again(row)
    assert (row.provisional, row.due_at) == (False, local(1, 4, 16, year=2027))
    assert moments(row)[0] == row.next_at == local(1, 4, 14, year=2027)
    event = Event.objects.get(verb=recompute.RECOMPUTE)
    assert (event.subject_id, event.data["deadline"]) == (row.subject_id, row.pk)


def test_one_that_stays_only_loses_its_mark(bench: Bench) -> None:
    bench.declare(due=before(bench.dated, days=1))
    row = bench.begun(on=date(2027, 3, 17))
    assert row.provisional
    announce()
    assert recompute.recompute(at=NINE + HOUR) == 0
    assert (bench.again(row).provisional, bench.again(row).due_at) == (False, row.due_at)


def test_a_new_day_off_in_a_known_year_moves_what_depends_on_it(bench: Bench) -> None:
    bench.declare(due=before(bench.dated, workdays=5))
    bench.declare("elapsed")
    moved = bench.begun(on=date(2026, 6, 15))
    announce(bench.people.kg, {date(2026, 6, 10): (str(HOLIDAY), "厂庆")})
    assert recompute.recompute(at=NINE + HOUR) == 1
    found = dict(Deadline.objects.filter(subject_id=moved.subject_id).values_list("rule", "due_at"))
    assert found == {"answer": local(6, 6), "elapsed": NINE + 4 * HOUR}


def test_other_companies_keep_theirs(bench: Bench) -> None:
    bench.declare(due=before(bench.dated, workdays=5))
    row = bench.begun(on=date(2026, 6, 15), company=bench.people.hg)
    announce(bench.people.kg, {date(2026, 6, 10): (str(HOLIDAY), "厂庆")})
    assert recompute.recompute(at=NINE + HOUR) == 0
    assert bench.again(row).due_at == row.due_at


def test_what_is_overdue_or_done_is_not_touched(bench: Bench) -> None:
    bench.declare(due=before(bench.dated, workdays=5))
    overdue = bench.begun(on=date(2026, 3, 16))
    assert sweep.run(at=local(3, 11)) > 0
    announce(bench.people.kg, {date(2026, 3, 10): (str(HOLIDAY), "厂庆")})
    assert recompute.recompute(at=local(3, 11)) == 0
    assert bench.again(overdue).due_at == overdue.due_at


def test_a_warning_already_given_is_not_given_again(bench: Bench) -> None:
    bench.declare(due=within(workdays=1), warn=hours(2), escalation=[])
    row = bench.begun(at=local(12, 31, 16))
    sweep.run(at=local(1, 1, 14, year=2027))
    announce()
    recompute.recompute(at=local(1, 1, 15, year=2027))
    row = bench.again(row)
    assert (row.step, row.next_at) == (1, local(1, 4, 16, year=2027))
    assert sweep.run(at=local(1, 4, 14, year=2027)) == 0


def test_running_it_again_does_nothing_and_costs_little(
    bench: Bench, django_assert_max_num_queries: Any
) -> None:
    bench.declare(due=before(bench.dated, days=1))
    bench.begun(on=date(2027, 3, 17))
    announce()
    recompute.run(at=NINE + HOUR)
    with django_assert_max_num_queries(1):
        assert recompute.run(at=NINE + HOUR + timedelta(seconds=2)) == 0


def test_the_tick_follows_a_new_calendar(bench: Bench) -> None:
    bench.declare(due=within(workdays=1))
    row = bench.begun(at=local(12, 31, 16))
    tick.run(at=local(12, 31, 16))
    announce()
    tick.run(at=local(12, 31, 17))
    assert bench.again(row).due_at == local(1, 4, 16, year=2027)


def test_a_rule_no_longer_declared_stays_as_it_is(bench: Bench) -> None:
    rule = bench.declare(due=within(workdays=1))
    row = bench.begun(at=local(12, 31, 16))
    bench.rules.remove(rule)
    rule.forget()
    announce()
    assert recompute.recompute(at=local(12, 31, 17)) == 0
    assert bench.again(row).due_at == row.due_at
    assert recompute.recompute(at=local(12, 31, 17)) == 0
