"""TM-05, TM-06: the instruction becomes a plan within 24 hours (成套), for other products within 4."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deadlines import sweep
from deadlines.models import Deadline
from integration.models import Notice
from orders import actions as orders
from tests.people import NINE
from tests.story import Story, scan


def clock(story: Story) -> Deadline:
    """The one clock that runs about the instruction."""
    return Deadline.objects.get(subject_type="production.instruction", subject_id=story.instruction.pk)


def told_by(story: Story, hours: float) -> set[str]:
    """Who has been told of the instruction's clock after a sweep so many hours after nine."""
    sweep.run(at=NINE + timedelta(hours=hours))
    rows = Notice.objects.filter(event__data__rule=clock(story).rule)
    return set(rows.values_list("person__username", flat=True))


@pytest.mark.rule("TM-05", "PRD-06")
def test_switchgear_has_24_hours(story: Story) -> None:
    story.instructed()
    assert (clock(story).code, clock(story).due_at) == ("TM-05", NINE + timedelta(hours=24))
    assert told_by(story, 19.9) == set()
    assert told_by(story, 20) == {"prod_mgr"}
    assert told_by(story, 27.9) == {"prod_mgr"}
    assert told_by(story, 28) == {"prod_mgr", "gm"}


@pytest.mark.rule("TM-06", "PRD-07")
def test_other_products_have_4_hours(story: Story) -> None:
    story.received(lines=[{"item": story.factory.transformer, "quantity": 3, "unit_price": 1200}])
    story.instructed()
    assert (clock(story).code, clock(story).due_at) == ("TM-06", NINE + timedelta(hours=4))
    assert told_by(story, 3) == {"prod_mgr"}
    assert told_by(story, 5) == {"prod_mgr", "gm"}


@pytest.mark.rule("TM-05")
def test_acknowledging_starts_and_stops_nothing_issuing_the_plan_does(story: Story) -> None:
    story.acknowledged().later(hours=3).drafted()
    assert clock(story).state == Deadline.State.OPEN
    story.planned()
    assert (clock(story).state, clock(story).breached) == (Deadline.State.DONE, False)


@pytest.mark.rule("TM-05", "PRD-30")
def test_for_a_project_the_planner_is_warned(story: Story) -> None:
    story.received(is_project=True, project_name="城南变电站")
    story.instructed()
    assert told_by(story, 20) == {"planner"}


@pytest.mark.rule("TM-05")
def test_a_cancelled_order_cancels_the_clock(story: Story) -> None:
    story.instructed()
    orders.cancel(story.order, by=story.by("gm"), reason="客户取消", proof=scan())
    assert clock(story).state == Deadline.State.CANCELLED
