"""Why something is asked: the rules and clocks behind a step, on its page and on the page of rules."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deadlines.models import Duty
from deadlines.rules import Rule
from desk import rules
from flow.actions import Action
from flow.rulebook import sentence_of, texts
from tests.story import Story

RULES = "/rules/"
LISTS = re.compile(r'href="(/\w+/\w+/)"')


def said(answer: Any) -> str:
    """The page as text."""
    return unescape(answer.content.decode())


@pytest.mark.rule("ORD-20", "ORD-23", "REV-05")
def test_a_form_says_why_it_asks(at_desk: Any, story: Story) -> None:
    story.accepted()
    page = said(at_desk("sales_clerk").get(f"/orders/contract/new/?order={story.order.number}"))
    assert "Why is this asked?" in page
    for code in ("ORD-20", "ORD-23", "REV-05"):
        assert f'<a href="/rules/#{code}">{code}</a>' in page
        assert str(sentence_of(code)) in page


@pytest.mark.rule("PRD-01", "TM-01", "TM-06")
def test_a_form_says_which_clocks_it_stops_and_starts(at_desk: Any, story: Story) -> None:
    story.effective()
    page = said(at_desk("sales_clerk").get(f"/{story.instruction.path}/issue/"))
    stops, _start, starts = page.partition("This starts the clock")
    assert "This stops the clock" in stops
    assert str(Rule.registry["instruction_4h"].sentence) in stops.partition("This stops the clock")[2]
    assert str(Rule.registry["plan_4h"].sentence) in starts


def test_a_step_that_is_not_possible_says_why_all_the_same(at_desk: Any, story: Story) -> None:
    story.received()
    answer = at_desk("sales_clerk").get(f"/{story.order.path}/submit_review/")
    assert answer.status_code == 409
    assert str(sentence_of("REV-05")) in said(answer)


def test_a_clock_is_named_once_for_what_a_step_does_to_it(db: None) -> None:
    meant = rules.meant(Action.registry["review.round.give_opinion"], None)
    named = [rule.slug for _does, clocks in meant.clocks for rule in clocks]
    assert named == ["review_opinion"]
    assert str(meant.clocks[0][0]) == "This stops the clock"


@pytest.mark.rule("PRD-44")
def test_of_a_duty_only_its_own_rule_is_told(db: None) -> None:
    duty = Duty(rule="patrol", code="TM-10")
    meant = rules.meant(Action.registry["deadlines.duty.fulfil"], duty)
    assert [text.code for text in meant.rules] == ["PRD-44"]
    assert [rule for _does, clocks in meant.clocks for rule in clocks if rule.slug != "patrol"] == []


def test_everybody_reads_all_rules(at_desk: Any, story: Story) -> None:
    page = said(at_desk("guard").get(RULES))
    for text in texts():
        assert f'<li id="{text.code}">' in page
        assert str(text.sentence) in page
    for rule in Rule.registry.values():
        assert f'id="{rule.code}"' in page


def test_rules_are_found_by_their_words_their_steps_and_their_clocks(at_desk: Any, story: Story) -> None:
    client = at_desk("buyer")

    def found(query: str) -> set[str]:
        return set(re.findall(r'<li id="([A-Z]+-\d+)">', said(client.get(RULES, {"q": query}))))

    assert found("ord-21") == {"ORD-21"}
    assert found("supplier dispatch") >= {"PUR-27"}
    assert found("Log supplier contact") == {"PUR-27", "SYS-10"}
    assert found("tm-24") == {"QUA-01"}
    nothing = client.get(RULES, {"q": "zzzz"})
    assert nothing.status_code == 200
    assert "No rule fits" in said(nothing)


def test_a_rule_has_an_address(at_desk: Any, story: Story) -> None:
    client = at_desk("buyer")
    for code in ("ORD-21", "TM-24"):
        assert client.get(f"{RULES}{code}/").headers["Location"] == f"{RULES}#{code}"
    assert client.get(f"{RULES}ORD-99/").status_code == 404


def test_it_leads_to_no_list_that_one_may_not_see(at_desk: Any, story: Story) -> None:
    client = at_desk("guard")
    paths = set(LISTS.findall(said(client.get(RULES))))
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


def test_the_rules_cost_no_query_of_their_own(at_desk: Any, story: Story) -> None:
    client = at_desk("buyer")

    def queries(query: str) -> int:
        client.get(RULES, {"q": query})
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get(RULES, {"q": query})
        return len(caught)

    assert queries("") == queries("zzzz")


def test_the_clock_of_a_person_says_who_has_it(db: None) -> None:
    rule: Any = SimpleNamespace(roles=(), terms=Rule.registry["review_opinion"].terms)
    assert "owner whoever has the document in hand" in rules.terms(rule)
    assert "limit 4 h" in " ".join(rules.terms(Rule.registry["instruction_4h"]))


def test_rules_open_only_for_who_is_logged_in(client: Any, db: None) -> None:
    assert client.get(RULES).headers["Location"].startswith("/login/")


def test_the_clock_on_a_page_leads_to_its_rule(at_desk: Any, story: Story) -> None:
    story.effective()
    assert 'href="/rules/#TM-01"' in said(at_desk("sales_clerk").get(f"/{story.order.path}/"))
