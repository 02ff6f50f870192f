"""Calendars are versions that are only followed by new ones; the official days are the real ones (SYS-05)."""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from org import calendars
from org.models import CalendarDay, CalendarVersion
from tests.people import NINE, People

OFFICIAL = Path(__file__).resolve().parents[3] / "shared/data/china/cn_holidays_2023_2026.csv"
HOLIDAY = CalendarDay.Kind.HOLIDAY


@pytest.fixture
def people(db: None) -> People:
    """The companies with their people."""
    return People()


def days_of(year: int) -> list[date]:
    """All days of a year."""
    return [
        date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    ]


@pytest.mark.rule("SYS-05")
def test_the_official_days_are_there_from_the_start(people: People) -> None:
    worktime = calendars.worktime(people.kg)
    counts = {year: sum(map(worktime.is_workday, days_of(year))) for year in (2024, 2025, 2026)}
    assert counts == {2024: 251, 2025: 248, 2026: 248}
    assert worktime.years == {2024, 2025, 2026}


def test_every_official_day_is_as_announced(people: People) -> None:
    if not OFFICIAL.exists():
        pytest.skip("the list of official days is not beside the project")
    with OFFICIAL.open(encoding="utf-8") as file:
        special = {row["date"]: row["kind"] for row in csv.DictReader(file)}
    worktime = calendars.worktime(people.kg)
    for day in (day for year in (2024, 2025, 2026) for day in days_of(year)):
        kind = special.get(day.isoformat())
        expected = kind == "makeup_workday" if kind else day.weekday() < 5
        assert worktime.is_workday(day) == expected, day


def test_seeding_again_changes_nothing(db: None) -> None:
    assert calendars.seed() is None
    assert CalendarVersion.objects.filter(company=None).count() == 1


@pytest.mark.rule("SYS-05")
def test_a_company_without_a_calendar_works_from_monday_to_friday(people: People) -> None:
    worktime = calendars.Worktime()
    assert [worktime.is_workday(date(2026, 10, d)) for d in (1, 2, 3, 4)] == [True, True, False, False]
    assert worktime.provisional(NINE, NINE)


def test_a_new_version_takes_over_what_it_does_not_change(people: People) -> None:
    by = people.person("admin")
    made = calendars.issue_version(
        company=people.kg,
        by=by,
        at=NINE,
        note="厂庆",
        days={date(2026, 5, 20): (HOLIDAY, "厂庆"), date(2026, 10, 10): None},
    )
    kg, hg = calendars.worktime(people.kg), calendars.worktime(people.hg)
    assert (made.number, made.issued_by, made.company) == (1, by, people.kg)
    assert not kg.is_workday(date(2026, 5, 20))
    assert hg.is_workday(date(2026, 5, 20))
    assert not kg.is_workday(date(2026, 10, 10))
    assert not kg.is_workday(date(2026, 10, 1))


def test_a_change_of_shift_is_a_new_version(people: People) -> None:
    calendars.issue_version(
        company=people.kg,
        by=None,
        at=NINE,
        shifts={None: [(time(9), time(12)), (time(13), time(18))], 5: [(time(9), time(12))]},
        weekdays=range(6),
    )
    worktime = calendars.worktime(people.kg)
    assert worktime.shift_end(date(2026, 3, 2)).astimezone(NINE.tzinfo).hour == 18
    assert worktime.shift_end(date(2026, 3, 7)).astimezone(NINE.tzinfo).hour == 12
    assert worktime.is_workday(date(2026, 3, 7))
    assert calendars.worktime(people.hg).shift_length() == timedelta(hours=8)


def test_the_group_announces_a_year_for_all(people: People) -> None:
    calendars.issue_version(company=people.kg, by=None, at=NINE, note="own")
    days = {date(2027, 1, 1): (HOLIDAY, "元旦")}
    calendars.issue_version(company=None, by=None, at=NINE, days=days, years=[2027])
    for company in (people.kg, people.hg):
        worktime = calendars.worktime(company)
        assert 2027 in worktime.years
        assert not worktime.is_workday(date(2027, 1, 1))


def test_what_is_still_to_be_entered(people: People) -> None:
    assert calendars.unknown_years(people.kg, on=date(2026, 6, 30)) == []
    assert calendars.unknown_years(people.kg, on=date(2026, 7, 1)) == [2027]
    assert calendars.unknown_years(people.kg, on=date(2027, 1, 1)) == [2027]


def test_the_calendar_of_a_company_costs_one_query(people: People, django_assert_num_queries: Any) -> None:
    calendars.worktime(people.kg)
    with django_assert_num_queries(1):
        calendars.worktime(people.kg)
    with django_assert_num_queries(1):
        calendars.worktimes([people.kg.pk, people.hg.pk])


@pytest.mark.parametrize("model", [CalendarVersion, CalendarDay])
def test_a_version_is_never_changed(people: People, model: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.all().delete()
    row = model.objects.first()
    field = "note" if model is CalendarVersion else "name"
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**{field: "changed"})


def test_the_same_number_is_never_given_twice(people: People) -> None:
    numbers = [
        calendars.issue_version(
            company=people.kg, by=None, at=datetime(2026, 3, n, tzinfo=NINE.tzinfo)
        ).number
        for n in (1, 2, 3)
    ]
    assert numbers == [1, 2, 3]
