"""TM-07: an objection is raised at once or within one working day after the plan was received (PRD-13)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from deadlines import sweep
from deadlines.models import Deadline
from integration.models import Notice
from production import actions as production
from production.models import Task
from tests.people import NINE, SHANGHAI
from tests.story import Story

RULE = "task_answer_1d"


def clock(task: Task) -> Deadline:
    """The one run of the rule for the task."""
    return Deadline.objects.get(rule=RULE, subject_type="production.task", subject_id=task.pk)


def told(task: Task) -> set[str]:
    """Who has been told of the task's clock."""
    rows = Notice.objects.filter(event__data__deadline=clock(task).pk)
    return set(rows.values_list("person__username", flat=True))


@pytest.mark.rule("TM-07", "PRD-13")
def test_every_task_has_its_own_clock_of_one_working_day(story: Story) -> None:
    story.planned()
    assert {clock(task).due_at for task in story.tasks.values()} == {NINE + timedelta(days=1)}
    production.task.accept(story.tasks["assemble"], by=story.by("workshop_director"))
    later = {"proposed_on": date(2026, 5, 1), "reason": "缺料"}
    production.task.object(story.tasks["purchase"], by=story.by("purch_leader"), **later)
    running = {kind for kind, task in story.tasks.items() if clock(task).state == Deadline.State.OPEN}
    assert running == {"produce", "inspect", "pack"}


@pytest.mark.rule("TM-07", "SYS-05")
def test_over_a_weekend_it_is_due_on_monday(story: Story) -> None:
    story.effective().later(days=4)
    story.planned()
    assert clock(story.tasks["pack"]).due_at == datetime(2026, 3, 9, 9, tzinfo=SHANGHAI)


@pytest.mark.rule("TM-07")
def test_the_leader_of_the_receiving_department_is_warned_then_the_issuer_then_the_manager(
    story: Story,
) -> None:
    story.planned()
    task = story.tasks["assemble"]
    due = clock(task).due_at
    sweep.run(at=NINE + timedelta(hours=6.9))
    assert told(task) == set()
    sweep.run(at=NINE + timedelta(hours=7))  # 16:00: an hour of work before the evening, one in the morning
    assert told(task) == {"workshop_director"}
    sweep.run(at=due + timedelta(hours=2))
    assert told(task) == {"workshop_director", "prod_mgr", "planner"}
    sweep.run(at=due + timedelta(days=1))
    assert "gm" in told(task)


@pytest.mark.rule("TM-07")
def test_a_task_of_another_company_runs_on_the_clock_and_with_the_people_there(story: Story) -> None:
    story.instructed()
    shop = story.department("SHOP", story.factory.hg)
    lines = [{**t, "department": shop} if t["kind"] == "produce" else t for t in story.usual_tasks()]
    story.drafted(tasks=lines).planned()
    task = story.tasks["produce"]
    sweep.run(at=clock(task).due_at)
    assert told(task) == {"hg_workshop_director"}


@pytest.mark.rule("TM-07")
def test_a_task_of_a_superseded_plan_is_waited_for_no_longer(story: Story) -> None:
    story.planned()
    old = story.tasks["pack"]
    lines = story.usual_tasks()
    production.plan.create(by=story.by("prod_mgr"), order=story.order, lines=lines, stock_checked=True)
    production.plan.issue(story.plan, by=story.by("prod_mgr"))
    assert clock(old).state == Deadline.State.CANCELLED
    assert clock(story.tasks["pack"]).state == Deadline.State.OPEN
