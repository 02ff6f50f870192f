"""Whatever a step or a clock names as its reason is told in words, and only rules that exist are told."""

from __future__ import annotations

import pytest

from deadlines.rules import Rule
from flow import rulebook
from flow.actions import Action
from tests.contracts import coverage, openapi

FACES = sorted(verb for verb, action in Action.registry.items() if action.has_face)


@pytest.mark.parametrize("verb", FACES)
def test_every_step_names_the_rules_behind_it(verb: str) -> None:
    assert rulebook.codes(Action.registry[verb].rules), "people must be able to see why it is asked"


def test_every_rule_named_is_told() -> None:
    named = {code for action in Action.registry.values() for code in rulebook.codes(action.rules)}
    assert sorted(code for code in named if not rulebook.sentence_of(code)) == []


def test_every_clock_keeps_a_rule_that_is_told_and_only_one() -> None:
    kept = [code for text in rulebook.texts() for code in {text.code, *text.clocks}]
    told = {rule.slug: kept.count(rule.code) for rule in Rule.registry.values()}
    assert {slug: times for slug, times in told.items() if times != 1} == {}


def test_only_rules_of_the_rulebook_are_told() -> None:
    told = {code for text in rulebook.texts() for code in (text.code, *text.clocks)}
    assert sorted(told - set(coverage.known())) == []


def test_a_rule_is_told_in_a_sentence_of_its_own() -> None:
    said = [str(text.sentence) for text in rulebook.texts()]
    assert [sentence for sentence in said if not sentence.endswith(".") or len(sentence) > 260] == []
    assert len(said) == len(set(said))


def test_a_rule_is_told_once() -> None:
    with pytest.raises(RuntimeError, match="ORD-21"):
        rulebook.chapter("orders")("ORD-21", "Again.")


def test_programs_read_the_rules_too() -> None:
    assert str(rulebook.sentence_of("ORD-21"))[:40] in openapi.text()
