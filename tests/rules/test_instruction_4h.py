"""TM-01: once an order has taken effect its production instruction is issued within four hours (PRD-01)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from deadlines import sweep
from deadlines.models import Deadline, Escalation
from integration.models import Notice
from orders import actions as orders
from production import actions as production
from tests.people import NINE
from tests.story import Story, scan

RULE = "instruction_4h"


def clock(story: Story) -> Deadline:
    """The one run of the rule for the order."""
    return Deadline.objects.get(rule=RULE, subject_type="orders.order", subject_id=story.order.pk)


def told(story: Story) -> dict[str, list[datetime]]:
    """Who was told of the clock, and for which moments; the names of the tests' people are their roles."""
    found: dict[str, list[datetime]] = {}
    rows = Notice.objects.filter(case=story.order.case, event__data__rule=RULE).select_related("person")
    for notice in rows.order_by("at", "pk"):
        found.setdefault(notice.person.username, []).append(notice.at)
    return found


def swept(story: Story, *hours: float) -> dict[str, list[datetime]]:
    """Who has been told after sweeps so many hours after nine."""
    for hour in hours:
        sweep.run(at=NINE + timedelta(hours=hour))
    return told(story)


@pytest.mark.rule("TM-01", "PRD-01")
def test_the_clerk_is_warned_then_told_then_the_next_level_each_once(story: Story) -> None:
    story.effective()
    noon, one, two = (NINE + timedelta(hours=h) for h in (3, 4, 5))
    assert swept(story, 2, 2.99) == {}
    assert swept(story, 3, 3, 3.5) == {"sales_clerk": [noon]}
    assert swept(story, 4, 4.5) == {"sales_clerk": [noon, one]}
    leaders = {"sales_leader": [two], "order_mgr": [two]}
    assert swept(story, 5, 5.5, 5.9) == {"sales_clerk": [noon, one], **leaders}
    assert swept(story, 6, 30)["gm"] == [NINE + timedelta(hours=6)]
    assert [e.kind for e in Escalation.objects.order_by("step")] == ["warn", "due", "escalate", "escalate"]
    assert clock(story).breached


@pytest.mark.rule("TM-01")
def test_after_an_outage_the_missed_steps_are_caught_up_once_and_marked_late(story: Story) -> None:
    story.effective()
    swept(story, 3)
    swept(story, 5.5, 5.5)
    steps = [(e.kind, e.at, e.late) for e in Escalation.objects.order_by("step")]
    assert steps == [
        ("warn", NINE + timedelta(hours=3), False),
        ("due", NINE + timedelta(hours=4), True),
        ("escalate", NINE + timedelta(hours=5), True),
    ]


@pytest.mark.rule("TM-01")
def test_an_instruction_in_time_stops_the_clock(story: Story) -> None:
    story.effective().later(hours=2).instructed()
    assert (clock(story).state, clock(story).breached) == (Deadline.State.DONE, False)
    assert swept(story, 3, 4, 5, 20) == {}


@pytest.mark.rule("TM-01", "SYS-08")
def test_a_late_instruction_keeps_its_breach_even_if_nothing_swept(story: Story) -> None:
    story.effective().later(hours=5).instructed()
    run = clock(story)
    assert (run.state, run.breached, run.late_by) == (Deadline.State.DONE, True, timedelta(hours=1))


@pytest.mark.rule("TM-01", "E-07")
def test_the_clock_waits_for_the_payment(story: Story) -> None:
    story.signed()
    assert not Deadline.objects.filter(rule=RULE).exists()
    story.later(hours=8).effective()
    assert clock(story).opened_at == NINE + timedelta(hours=8)


@pytest.mark.rule("TM-01", "E-07")
def test_a_company_may_start_it_at_the_signature(story: Story) -> None:
    story.company.start_on_signature = True
    story.company.save()
    story.signed()
    assert clock(story).opened_at == NINE
    story.later(hours=3).effective()
    assert clock(story).due_at == NINE + timedelta(hours=4)
    story.instructed()
    assert clock(story).state == Deadline.State.DONE


@pytest.mark.rule("TM-01", "E-09")
def test_for_a_project_it_is_marketing_that_is_warned(story: Story) -> None:
    story.received(is_project=True, project_name="城南变电站")
    story.effective()
    assert list(swept(story, 3)) == ["marketing"]


@pytest.mark.rule("TM-01", "ORD-15")
def test_an_order_fulfilled_from_stock_needs_none(story: Story) -> None:
    story.effective()
    story.factory.stocked(story.factory.cabinet, 2, kind="finished")
    orders.fulfil_from_stock(story.order, by=story.by("order_desk"))
    assert clock(story).state == Deadline.State.DONE


@pytest.mark.rule("TM-01")
def test_a_cancelled_order_cancels_its_clock(story: Story) -> None:
    story.effective()
    orders.cancel(story.order, by=story.by("gm"), reason="客户取消", proof=scan())
    assert clock(story).state == Deadline.State.CANCELLED


def test_editing_the_draft_stops_nothing(story: Story) -> None:
    story.effective()
    names = ("position", "quantity", "delivery_on")
    lines = [{name: getattr(line, name) for name in names} for line in story.instruction.lines.all()]
    production.instruction.edit(story.instruction, by=story.by("sales_clerk"), lines=lines)
    assert clock(story).state == Deadline.State.OPEN
