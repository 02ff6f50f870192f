"""The packaging: the notice, only what has passed, and nothing left out of the box."""

from __future__ import annotations

from datetime import date

import pytest

from flow.events import By
from flow.refusals import Denied, Refused
from orders import actions as orders
from orders.models import Stage
from production import actions as production
from production.models import Packaging, WorkOrder
from tests.production.conftest import judged
from tests.story import Story

State = Packaging.State
verbs = production.packaging
COMPLETE = {"has_accessories": True, "has_documents": True, "has_labels": True}


@pytest.fixture
def passed(story: Story, kitted: WorkOrder) -> Packaging:
    """The packaging of an order whose products have all passed."""
    judged(story, story.make(kitted))
    return verbs.notify(story.packaging, by=story.by("prod_mgr"))


@pytest.mark.rule("PRD-49")
def test_the_production_manager_notifies_with_the_day(story: Story) -> None:
    story.planned()
    for who in (story.by("packer"), story.by("planner"), By(story.factory.stranger, story.at)):
        with pytest.raises(Denied):
            verbs.notify(story.packaging, by=who)
    verbs.notify(story.packaging, by=story.by("prod_mgr"), ready_on=date(2026, 6, 18), requirement="木箱")
    packaging = story.packaging
    assert (packaging.state, packaging.ready_on, packaging.requirement) == (
        State.NOTICED,
        date(2026, 6, 18),
        "木箱",
    )
    assert packaging.finish_on == date(2026, 6, 18)


@pytest.mark.rule("PRD-50")
def test_only_what_has_passed_is_packed(story: Story) -> None:
    story.planned()
    with pytest.raises(Refused, match="not possible while"):
        verbs.start(story.packaging, by=story.by("packer"))
    verbs.notify(story.packaging, by=story.by("prod_mgr"))
    with pytest.raises(Refused, match="only qualified products"):
        verbs.start(story.packaging, by=story.by("packer"))


@pytest.mark.rule("PRD-51")
def test_every_point_of_the_checklist_is_confirmed(story: Story, passed: Packaging) -> None:
    for name in COMPLETE:
        form = verbs.confirm_packed.form({**COMPLETE, name: False})
        assert set(form.errors) == {name}
    assert verbs.confirm_packed.form(COMPLETE).is_valid()


@pytest.mark.rule("PRD-50", "PRD-51")
def test_packing_credits_the_order(story: Story, passed: Packaging) -> None:
    with pytest.raises(Denied):
        verbs.start(passed, by=story.by("prod_mgr"))
    verbs.start(passed, by=story.by("pack_leader"))
    with pytest.raises(Denied, match="Packer"):
        verbs.confirm_packed(passed, by=story.by("pack_leader"), **COMPLETE)
    packed = verbs.confirm_packed(passed, by=story.by("packer"), **COMPLETE, boxes=2)
    assert (packed.state, packed.boxes) == (State.PACKED, 2)
    assert orders.progress.reached(story.order, Stage.PACKED) == {story.lines[0].pk: 2}
    with pytest.raises(Refused):
        verbs.start(passed, by=story.by("packer"))
