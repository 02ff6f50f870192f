"""When something is due: every form of table A with its edge rules (E-40, E-62)."""

from __future__ import annotations

from datetime import date, datetime, time
from types import SimpleNamespace
from typing import Any

import pytest

from deadlines import trail
from deadlines.due import Due, Form, at_date, before, ladder, read_date, same_day, within
from deadlines.rules import at_noon, at_opening, before_shift_end, days, hours, minutes, share, workdays
from deadlines.terms import WORKING, Lead, Terms
from org import china
from org.worktime import Worktime
from tests.deadlines.bench import local

WORK = Worktime(
    special={day: worked for day, worked, _ in china.special_days()}, years=frozenset(china.OFFICIAL)
)
NINE = local(3, 2, 9)


def due(
    form: Form, *, start: datetime = NINE, on: Any = None, warn: Lead | None = None, clock: str = ""
) -> Due:
    """The answer of a form under the terms it ships with, or on another clock."""
    terms = form.terms(warn, ()).on_clock(clock or form.clock)
    return form.compute(start_at=start, date=on, worktime=WORK, terms=terms)


@pytest.mark.rule("E-40")
@pytest.mark.parametrize(
    ("form", "start", "at"),
    [
        (within(minutes=30), local(3, 6, 16, 50), local(3, 6, 17, 20)),
        (within(hours=4), NINE, local(3, 2, 13)),
        (within(hours=24), local(3, 6, 16), local(3, 7, 16)),
        (within(hours=4, clock=WORKING), local(3, 6, 16), local(3, 9, 11)),
        (within(workdays=1), local(3, 6, 16), local(3, 9, 16)),
        (within(workdays=10), NINE, local(3, 16, 9)),
    ],
)
def test_within_a_limit_after_the_event(form: Form, start: datetime, at: datetime) -> None:
    assert due(form, start=start).at == at


@pytest.mark.rule("E-40")
def test_both_clocks_are_shown() -> None:
    said = trail.sentences(due(within(hours=4), start=local(3, 6, 16)).trail)
    assert said == [
        "Started 2026-03-06 16:00.",
        "Plus 4 hours of elapsed time.",
        "Due 2026-03-06 20:00.",
        "In working time it would be 2026-03-09 11:00.",
    ]


@pytest.mark.rule("ORD-41", "E-62", "TM-08")
def test_a_range_opens_at_the_larger_and_is_due_at_the_smaller() -> None:
    """An order due on the 20th appears on the 17th and is overdue after the 18th."""
    found = due(before("on", days=2, opens=3), on=date(2026, 3, 20), warn=at_opening())
    assert (found.opens_at, found.at) == (local(3, 17), local(3, 19))
    assert found.warn_at == local(3, 17)


@pytest.mark.rule("PRD-49", "TM-11", "TM-12")
def test_three_days_or_one_day_before() -> None:
    assert due(before("on", days=3), on=date(2026, 3, 13)).at == local(3, 11)
    assert due(before("on", days=1), on=date(2026, 3, 13)).at == local(3, 13)


@pytest.mark.rule("E-40")
def test_a_day_before_that_is_a_holiday_moves_back_to_the_last_working_day() -> None:
    found = due(before("on", days=1), on=date(2026, 10, 8))
    assert (found.at, found.moved) == (local(10, 1), True)
    assert "That is a day off: back to 2026-09-30." in trail.sentences(found.trail)
    assert not due(before("on", days=1), on=date(2026, 3, 20)).moved


@pytest.mark.rule("PUR-27", "TM-21")
def test_five_working_days_before() -> None:
    """A line due on Monday the 15th appears on Monday the 8th and is overdue after that day."""
    found = due(before("on", workdays=5), on=date(2026, 6, 15), warn=workdays(1))
    assert (found.opens_at, found.at) == (local(6, 8), local(6, 9))
    assert found.warn_at == local(6, 8, 8)


@pytest.mark.rule("WHS-11", "TM-29")
@pytest.mark.parametrize(
    ("start", "at"),
    [
        (local(3, 3, 13), local(3, 3, 8)),
        (local(3, 3, 8), local(3, 2, 13)),
        (date(2026, 3, 3), local(3, 2, 13)),
    ],
)
def test_half_a_day_is_four_working_hours(start: Any, at: datetime) -> None:
    assert due(before("on", half_day=True), on=start).at == at


@pytest.mark.rule("DLV-13", "TM-33", "TM-23")
def test_the_same_day_ends_at_midnight_and_warns_before_the_shift_does() -> None:
    found = due(same_day(), warn=before_shift_end(2))
    assert (found.at, found.warn_at) == (local(3, 3), local(3, 2, 15))
    of_a_date = due(same_day("on"), on=date(2026, 3, 9))
    assert (of_a_date.opens_at, of_a_date.at) == (local(3, 9), local(3, 10))


def test_by_a_date_or_by_a_moment() -> None:
    assert due(at_date("on"), on=date(2026, 3, 20)).at == local(3, 21)
    assert due(at_date("on"), on=local(3, 20, 14)).at == local(3, 20, 14)


@pytest.mark.parametrize(
    "form", [before("on", days=3), before("on", workdays=5), before("on", half_day=True), at_date("on")]
)
def test_born_late_gives_four_working_hours_from_now(form: Form) -> None:
    found = due(form, on=date(2026, 3, 2) if form.unit != "date" else date(2026, 2, 27))
    assert (found.at, found.compressed, found.opens_at) == (local(3, 2, 14), True, NINE)
    assert not due(form, on=date(2026, 3, 31)).compressed


@pytest.mark.rule("SYS-05")
def test_a_year_without_official_days_makes_it_provisional() -> None:
    assert due(within(workdays=1), start=local(12, 31, 9)).provisional
    assert due(before("on", days=1), on=date(2027, 1, 20)).provisional
    assert not due(before("on", days=1), on=date(2026, 12, 20)).provisional
    # An elapsed limit looks at no calendar.
    assert not due(within(hours=48), start=local(12, 31, 9)).provisional


@pytest.mark.rule("E-40")
def test_only_hours_and_minutes_change_their_clock() -> None:
    assert due(within(hours=4), start=local(3, 6, 16), clock=WORKING).at == local(3, 9, 11)
    assert due(before("on", days=1), on=date(2026, 3, 20), clock=WORKING).at == local(3, 20)
    assert due(same_day(), clock=WORKING).at == local(3, 3)


@pytest.mark.parametrize(
    ("lead", "at"),
    [
        (minutes(10), local(3, 19, 23, 50)),
        (hours(4), local(3, 19, 20)),
        (days(1), local(3, 19)),
        (at_noon(), local(3, 19, 12)),
        (before_shift_end(2), local(3, 19, 15)),
        (None, None),
    ],
)
def test_warning_leads_before_a_day_ends(lead: Lead | None, at: datetime | None) -> None:
    assert due(before("on", days=1), on=date(2026, 3, 20), warn=lead).warn_at == at


def test_a_share_of_the_span_is_warned() -> None:
    assert due(at_date("on"), on=local(3, 2, 17), warn=share(25)).warn_at == local(3, 2, 15)


def test_a_step_never_lies_before_the_row_nor_after_what_follows_it() -> None:
    found = due(same_day(), start=local(3, 2, 16), warn=before_shift_end(2))
    terms = Terms(0, "same_day", warn=before_shift_end(2), chain=(("gm",),))
    rungs = ladder(found, terms, opened_at=local(3, 2, 16), worktime=WORK)
    at = [datetime.fromisoformat(rung["at"]) for rung in rungs]
    assert at == [local(3, 2, 16), local(3, 3), local(3, 3, 2)]
    assert at == sorted(at)


def test_without_a_warning_the_levels_are_an_hour_apart() -> None:
    terms = Terms(4, "hour", chain=(("gm",), ("admin",)))
    rungs = ladder(due(within(hours=4)), terms, opened_at=NINE, worktime=WORK)
    assert [datetime.fromisoformat(r["at"]).hour for r in rungs] == [5, 6, 7]


def test_terms_survive_being_kept() -> None:
    terms = Terms(4, "hour", WORKING, 5, hours(1), (("gm", "admin"), ("leader",)), False)
    assert Terms.from_json(terms.to_json()) == terms
    assert Terms.from_json(Terms(1, "date").to_json()) == Terms(1, "date")


def test_a_field_is_found_on_the_line_else_on_the_document() -> None:
    document = SimpleNamespace(on=date(2026, 1, 1), order=SimpleNamespace(on=date(2026, 1, 2)), none=None)
    line = SimpleNamespace(on=date(2026, 1, 3))
    assert read_date(at_date("on"), document) == date(2026, 1, 1)
    assert read_date(at_date("on"), document, line) == date(2026, 1, 3)
    assert read_date(at_date("order.on"), document, line) == date(2026, 1, 2)
    assert read_date(at_date("none.on"), document) is None
    assert read_date(at_date(lambda d: d.on), document) == date(2026, 1, 1)
    assert read_date(at_date(lambda d, line: line.on), document, line) == date(2026, 1, 3)
    assert read_date(within(hours=1), document) is None


def test_a_limit_runs_from_a_moment_of_the_document_if_asked() -> None:
    assert due(within(minutes=60, since="received_at"), on=local(3, 2, 8, 30)).at == local(3, 2, 9, 30)
    assert due(within(hours=1, since="received_on"), on=date(2026, 3, 2)).at == local(3, 2, 9)


def test_a_form_takes_exactly_one_limit() -> None:
    with pytest.raises(ValueError, match="within"):
        within()
    with pytest.raises(ValueError, match="within"):
        within(hours=1, minutes=1)
    with pytest.raises(ValueError, match="before"):
        before("on", days=1, workdays=1)


def test_every_step_of_a_computation_has_words() -> None:
    forms = (
        within(minutes=5), within(workdays=2), within(hours=1, clock=WORKING), same_day(), at_date("on"),
        before("on", days=2, opens=3), before("on", workdays=5), before("on", half_day=True),
    )  # fmt: skip
    answers = [
        due(form, start=start, on=on)
        for form in forms
        for start in (NINE, local(12, 31, 9))
        for on in (date(2026, 10, 8), date(2026, 1, 2), local(10, 8, 9))
    ]
    for answer in answers:
        assert all("{" not in sentence for sentence in trail.sentences(answer.trail))


def test_a_night_shift_has_its_own_half_day() -> None:
    nights = Worktime(usual=((time(18), time(0)),), years=frozenset({2026}))
    form = before("on", half_day=True)
    found = form.compute(start_at=NINE, date=local(3, 3, 18), worktime=nights, terms=form.terms(None, ()))
    assert found.at == local(3, 2, 21)
