"""Every verb × every face × who may, who may not, who is a stranger, and the wrong state: made from the
registry, so that a verb added tomorrow is tried tomorrow (C2, P12)."""

from __future__ import annotations

import pytest
from django.utils import translation

from flow.actions import Action
from flow.models import Document
from tests.faces.attempts import DONE, Try
from tests.faces.matrix import FACES, Matrix
from tests.faces.walk_changes import changes
from tests.faces.walks import WALKS
from tests.goods import Factory
from tests.story import Story

pytestmark = pytest.mark.django_db


@pytest.mark.crawl
@pytest.mark.rule("SYS-03", "PUR-02", "PUR-21", "QUA-01", "WHS-12")
def test_every_verb_at_every_face(factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = Matrix(factory)
    with translation.override("en"), matrix.watching(monkeypatch):
        for walk in (*WALKS, changes):
            walk(Story(factory))
    with translation.override("en"):
        matrix.finish()
        faceless(matrix)
    assert not matrix.faults, "\n".join(matrix.faults)
    verbs = {action.verb for action in Action.registry.values() if action.has_face}
    assert matrix.seen.keys() == verbs, f"the walks miss {sorted(verbs - matrix.seen.keys())}"


def faceless(matrix: Matrix) -> None:
    """What only follows from something else can be called by nobody, not even by the general manager."""
    manager = matrix.factory.person("gm")
    tried = 0
    for action in Action.registry.values():
        rows = action.model._default_manager.select_related("company", "case")
        document = (
            None if action.has_face or action.creates else rows.filter(company=matrix.factory.kg).last()
        )
        if document is None:
            continue
        one = Try(action, document, {}, matrix.at or document.created_at)
        matrix.expect("python", one, manager, {403})
        matrix.expect("html", one, manager, {404})
        matrix.expect("rest", one, manager, {404})
        tried += 1
    assert tried > 40


def test_the_faces_are_those_of_the_house() -> None:
    assert set(FACES) == {"python", "html", "rest"}
    assert DONE not in (200, 302)
    assert all(label.count(".") == 1 for label in Document.registry)
