"""Every list and every creation of the house answers in order, whatever is asked of it (P13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flow import listing, narrowing
from flow.actions import Action, actions_of, creation_of
from flow.policy import Viewer
from flow.screens import Screen
from tests.api.conftest import Caller
from tests.api.test_hostile import NASTY, assert_told
from tests.goods import Factory
from tests.people import NINE
from tests.story import Story

pytestmark = pytest.mark.django_db
WORDS = ["", "\x00", "x", "true", "-1", "9" * 40, "2026-02-30", "0001-01-01", "%", "𝟙", "NaN", "1e999"]


def test_every_list_is_ordered_and_searched(calling: Callable[..., Caller], factory: Factory) -> None:
    caller = calling("gm")
    viewer = Viewer.of(factory.person("gm"), NINE)
    for label, screen in Screen.registry.items():
        path = f"/api/v1/{label.replace('.', '/')}/"
        one_way = {order.name for order in listing.orders()}
        for name in listing.orderings(screen, viewer):
            asked = {"ordering": name if name in one_way else f"-{name}"}
            assert caller.get(path, asked).status_code == 200, (label, name)
        assert caller.get(path, {"q": "a'b%_"}).status_code == 200, label


@pytest.mark.crawl
def test_every_filter_takes_nonsense(calling: Callable[..., Caller]) -> None:
    caller = calling("gm")
    for label, screen in Screen.registry.items():
        for name in narrowing.names(screen):
            ends = ("__from", "__to") if narrowing.is_range(screen.model, name) else ()
            for said in (name, *(f"{name}{end}" for end in ends)):
                for word in WORDS:
                    assert_told(caller.get(f"/api/v1/{label.replace('.', '/')}/", {said: word}))


@pytest.mark.parametrize("label", sorted(Screen.registry))
def test_every_creation_takes_nonsense(calling: Callable[..., Caller], label: str) -> None:
    screen = Screen.registry[label]
    path = f"/api/v1/{label.replace('.', '/')}/"
    creation = creation_of(screen.model)
    if creation is None:
        assert calling("gm").post(path).status_code == 405
        return
    caller = calling(sorted(creation.may)[0])
    for value in NASTY:
        assert_told(caller.post(path, filled(creation, value)))


def filled(action: Action, value: object) -> dict[str, object]:
    """A body with the value in every field and every cell."""
    body: dict[str, object] = dict.fromkeys(action.form.base_fields, value)
    if action.lines:
        body["lines"] = [dict.fromkeys(action.lines.base_fields, value)]
    return body


def test_every_verb_of_a_planned_order_takes_nonsense(calling: Callable[..., Caller], story: Story) -> None:
    """As the one who may do it, on the documents of an order that has come as far as its plan."""
    story.planned()
    tried = 0
    for label, screen in Screen.registry.items():
        document = screen.model._default_manager.filter(case=story.order.case).first()
        if document is None:
            continue
        for action in actions_of(screen.model):
            if not action.has_face or action.creates:
                continue
            caller = calling(sorted(action.roles_for(document) or action.may)[0])
            path = f"/api/v1/{label.replace('.', '/')}/{document.public_id}/{action.name}/"
            hostile: list[Any] = [{}, [1], True, "\x00", "\ud800", 10**40, -1, "9999-12-31", "x" * 5000, None]
            for value in hostile:
                assert_told(caller.post(path, filled(action, value)))
                tried += 1
    assert tried > 100
