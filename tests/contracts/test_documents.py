"""What every document and every verb owes the house."""

from __future__ import annotations

from typing import Any

import pytest

from flow import guards
from flow.actions import Action, Creation
from flow.models import Document
from flow.screens import Screen
from org.roles import Role

DOCUMENTS = sorted(Document.registry)
VERBS = sorted(Action.registry)


@pytest.mark.parametrize("label", DOCUMENTS)
def test_a_document_has_a_screen_a_prefix_and_a_name_in_its_docstring(label: str) -> None:
    model = Document.registry[label]
    assert label in Screen.registry
    assert model.prefix
    assert any("\u4e00" <= c <= "\u9fff" for c in model.__doc__ or ""), "its Chinese form name"
    assert str(model._meta.verbose_name)[0] != model.__name__[0], "a translated name in small letters"


def test_prefixes_are_unique() -> None:
    prefixes = [model.prefix for model in Document.registry.values()]
    assert len(prefixes) == len(set(prefixes))


@pytest.mark.parametrize("label", DOCUMENTS)
def test_every_transition_has_its_action(label: str) -> None:
    model: Any = Document.registry[label]
    transitions = {t.name for t in model._meta.get_field("state").get_all_transitions(model)}
    verbs = {a.run.__name__ for a in Action.registry.values() if a.model is model}
    assert transitions - verbs == set()


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_bounded_by_its_state_machine(verb: str) -> None:
    """A verb has a transition of its name, or says in which states it is open; a creation has neither."""
    action = Action.registry[verb]
    if isinstance(action, Creation):
        return
    has_transition = hasattr(getattr(action.model, action.run.__name__, None), "_django_fsm")
    assert has_transition or action.states, f"{verb} is open in every state"


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_names_known_states_roles_and_verbs(verb: str) -> None:
    action = Action.registry[verb]
    assert action.may <= set(Role.values)
    assert Role.ADMIN not in action.may, "the administrator has no business transition (C2)"
    model: Any = action.model
    assert action.states <= set(model.State.values)
    for name in action.not_by:
        assert f"{action.model.label()}.{name}" in Action.registry
    assert str(action.label)


@pytest.mark.parametrize("label", DOCUMENTS)
def test_every_condition_says_a_sentence(label: str) -> None:
    model: Any = Document.registry[label]
    for transition in model._meta.get_field("state").get_all_transitions(model):
        for condition in transition.conditions:
            assert isinstance(condition, guards.Guard), f"{label}.{transition.name}: {condition}"


def test_questions_of_higher_apps_name_known_verbs() -> None:
    assert [verb for verb in guards._asked if guards._asked[verb] and verb not in Action.registry] == []
