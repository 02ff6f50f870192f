"""Clocks as people and programs see them: D4's states, what is left, how computed, who was told (E-40)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from deadlines import boards, queries, screens, sweep
from deadlines.models import Deadline, Duty
from deadlines.rules import at_opening, before, hours, within
from flow import cases, panels
from flow.policy import Viewer
from integration import tokens
from org.roles import Role
from tests.deadlines.bench import HOUR, Bench, local
from tests.people import NINE


def viewer(bench: Bench, role: str, at: Any = NINE) -> Viewer:
    """The holder of a role, looking."""
    return Viewer.of(bench.people.person(role), at)


def asked(bench: Bench, document: Any, at: Any = NINE) -> panels.Asked:
    """The general manager looks at a document."""
    return panels.Asked(document, viewer(bench, Role.GM), at)


@pytest.mark.rule("SYS-08")
def test_the_states_are_those_of_the_handbook_s_timer(bench: Bench) -> None:
    bench.declare(due=before(bench.dated, days=2, opens=3), warn=at_opening())
    row = bench.begun(on=date(2026, 3, 20))
    seen = []
    for at in (NINE, local(3, 16, 23), local(3, 17), local(3, 19), local(3, 20), local(3, 21)):
        sweep.run(at=at)
        seen.append(boards.state_of(bench.again(row), at))
    assert seen == ["scheduled", "scheduled", "warned", "overdue", "escalated", "escalated"]
    assert boards.levels_of(bench.again(row)) == 2


def test_it_runs_once_the_window_is_open(bench: Bench) -> None:
    bench.declare()
    assert boards.state_of(bench.begun(), NINE + HOUR) == "running"


@pytest.mark.parametrize(
    ("verb", "after", "state"),
    [
        ("finish", 1, "stopped_in_time"),
        ("finish", 5, "stopped_late"),
        ("cancel", 1, "cancelled"),
        ("wait", 1, "paused"),
    ],
)
def test_how_it_ended(bench: Bench, verb: str, after: int, state: str) -> None:
    bench.declare(pause="deadlines.duty.wait")
    document = bench.document()
    bench.say("begin", document)
    bench.say(verb, document, NINE + after * HOUR)
    assert boards.state_of(bench.clock(document), NINE + 30 * HOUR) == state


def test_overdue_shows_before_any_sweep(bench: Bench) -> None:
    bench.declare()
    assert boards.state_of(bench.begun(), NINE + 4 * HOUR) == "overdue"


@pytest.mark.rule("E-40", "SYS-02")
def test_the_page_of_a_document_shows_its_clocks(bench: Bench) -> None:
    bench.declare(warn=hours(1))
    document = bench.document()
    bench.say("begin", document)
    sweep.run(at=NINE + 5.5 * HOUR)
    panel = screens.clock_panel(asked(bench, document, NINE + 5.5 * HOUR))
    assert panel is not None
    (row,), ended = panel.items, panel.earlier
    assert ended == []
    assert row.title == "Answer within the limit."
    assert row.href == f"/{document.path}/"
    assert (row.tone, row.word, row.badge) == ("late", "Overdue", "1 h 30 min")
    began, due = "started 2026-03-02 09:00", "due 2026-03-02 13:00"
    assert row.facts == ("TM-01", "Sales clerk", began, due, "escalated (1)")
    assert (row.owner, row.used) == ("Sales clerk", 100)
    assert "In working time it would be 2026-03-02 14:00." in row.folded
    told = "2026-03-02 14:00 escalated: Sales leader、Contract and order manager (caught up late)"
    assert told in [rung.text for rung in row.ladder if rung.done]
    assert [rung.text for rung in row.ladder if not rung.done] == [
        "2026-03-02 15:00 escalated: General manager"
    ]


def test_the_nearest_clock_comes_first_and_ended_ones_stay_folded(bench: Bench) -> None:
    bench.declare()
    bench.declare("second", due=within(hours=2))
    document = bench.document()
    bench.say("begin", document)
    running = screens.clock_panel(asked(bench, document, NINE + HOUR))
    bench.say("finish", document, at=NINE + HOUR)
    ended = screens.clock_panel(asked(bench, document, NINE + HOUR))
    assert running is not None
    assert [row.badge for row in running.items] == ["1 h 0 min left", "3 h 0 min left"]
    assert ended is not None
    assert ended.items == []
    assert [row.tone for row in ended.earlier] == ["met", "met"]


def test_a_document_without_clocks_shows_none(bench: Bench) -> None:
    assert screens.clock_panel(asked(bench, bench.document())) is None


def test_left_is_said_to_the_minute() -> None:
    said = [screens.span_in_words(timedelta(minutes=m)) for m in (5, 65, 1500, -5)]
    assert said == ["5 min left", "1 h 5 min left", "1 d 1 h left", "5 min late"]


def test_the_api_answer_has_the_same(bench: Bench) -> None:
    bench.declare(warn=hours(1))
    document = bench.document()
    bench.say("begin", document)
    sweep.run(at=NINE + 3 * HOUR)
    (found,) = screens.clock_extra(asked(bench, document, NINE + 3 * HOUR))
    assert (found["code"], found["state"], found["left_seconds"]) == ("TM-01", "warned", 3600)
    assert found["subject"] == {
        "type": "deadlines.duty",
        "label": "periodic duty",
        "path": document.path,
        "id": str(document.public_id),
    }
    assert found["told"][0]["told"] == ["Sales clerk"]
    assert found["limit"] == {"amount": 4, "unit": "hour"}
    assert len(found["computed"]) == 4


def test_a_constant_number_of_queries(bench: Bench, django_assert_num_queries: Any) -> None:
    for slug in ("one", "two", "three"):
        bench.declare(slug, warn=hours(1))
    document = bench.document()
    bench.say("begin", document)
    sweep.run(at=NINE + 30 * HOUR)
    question = asked(bench, document)
    with django_assert_num_queries(3):
        screens.clock_extra(question)


def test_whole_case_for_an_order(bench: Bench, monkeypatch: Any) -> None:
    bench.declare()
    document = bench.document()
    bench.say("begin", document)
    with cases.transact():
        pass
    Deadline.objects.filter(subject_id=document.pk).update(subject_type="deadlines.duty")
    monkeypatch.setattr(screens, "WHOLE_CASE", frozenset({"deadlines.duty"}))
    assert len(screens.clocks_of(asked(bench, document))) == 1


@pytest.mark.rule("SYS-01")
def test_my_own_are_those_of_my_name_and_my_posts(bench: Bench) -> None:
    engineer = bench.people.person(Role.ENGINEER)
    bench.declare("post")
    bench.declare("name", owner=lambda document: engineer, due=before(bench.dated, days=1))
    kg, hg = bench.document(on=date(2026, 3, 20)), bench.document(company=bench.people.hg)
    for document in (kg, hg):
        bench.say("begin", document)

    def mine(role: str) -> list[tuple[str, int]]:
        return list(queries.mine(viewer(bench, role)).values_list("rule", "company_id"))

    assert mine(Role.SALES_CLERK) == [("post", bench.people.kg.pk)]
    assert mine(Role.ENGINEER) == [("name", bench.people.kg.pk)]
    assert mine(Role.BUYER) == []


def test_mine_come_by_due_moment(bench: Bench) -> None:
    bench.declare()
    later, sooner = bench.begun(at=NINE + HOUR), bench.begun(at=NINE)
    assert list(queries.mine(viewer(bench, Role.SALES_CLERK))) == [sooner, later]


def test_others_companies_are_not_to_be_seen(bench: Bench) -> None:
    bench.declare()
    bench.begun()
    assert not queries.visible(Viewer.of(bench.people.stranger, NINE)).exists()
    assert queries.visible(viewer(bench, Role.BUYER)).count() == 1


def get(bench: Bench, role: str, address: str) -> Any:
    """What the REST face answers the holder of a role."""
    person = bench.people.stranger if role == "stranger" else bench.people.person(role)
    _, secret = tokens.issue(person, purpose="test")
    return Client().get(f"/api/v1/{address}", headers={"Authorization": f"Token {secret}"})


def test_the_rest_list(bench: Bench) -> None:
    bench.declare(warn=hours(1))
    rows = [bench.begun(at=NINE + n * HOUR) for n in range(5)]
    bench.say("finish", Duty.objects.get(pk=rows[0].subject_id), NINE + 10 * HOUR)
    first = get(bench, Role.GM, "deadlines/?page_size=2").json()
    assert [row["id"] for row in first["results"]] == [rows[0].pk, rows[1].pk]
    second = get(bench, Role.GM, f"deadlines/?page_size=2&after={first['next']}").json()
    assert [row["id"] for row in second["results"]] == [rows[2].pk, rows[3].pk]
    assert len(get(bench, Role.GM, "deadlines/?state=open&code=TM-01").json()["results"]) == 4
    assert len(get(bench, Role.GM, "deadlines/?breached=1").json()["results"]) == 1
    assert len(get(bench, Role.SALES_CLERK, "deadlines/?mine=1").json()["results"]) == 4
    assert get(bench, Role.GM, "deadlines/?mine=1").json()["results"] == []
    assert get(bench, "stranger", "deadlines/").json()["results"] == []


@pytest.mark.parametrize("query", ["after=x", "page_size=-1", "colour=red", "after=" + "9" * 30])
def test_a_bad_question_is_a_400(bench: Bench, query: str) -> None:
    assert 400 <= get(bench, Role.GM, f"deadlines/?{query}").status_code < 500


def test_without_a_token_there_is_no_list(db: None) -> None:
    assert Client().get("/api/v1/deadlines/").status_code in (401, 403)


def test_the_first_pages_render(bench: Bench, client: Client) -> None:
    bench.declare(warn=hours(1))
    document = bench.document()
    bench.say("begin", document)
    client.force_login(bench.people.person(Role.SALES_CLERK))
    assert client.get(f"/{document.path}/").status_code == 200
    assert client.get("/deadlines/duty/").status_code == 200
