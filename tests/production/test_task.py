"""The tasks of a plan: accepted or objected to, ruled on, done, and confirmed by the one who issued them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from flow.actions import offers
from flow.events import By
from flow.policy import Viewer
from flow.refusals import Denied, Invalid, Refused
from org.models import Department, Membership
from production.actions import plan as plans
from production.actions import task as tasks
from production.models import Task
from tests.people import SINCE
from tests.story import Story

State = Task.State
LATER = {"proposed_on": date(2026, 6, 12), "reason": "人手不足"}


@pytest.fixture
def assembly(story: Story) -> Task:
    """The assembly task: the workshop's, led by its director."""
    return story.planned().tasks["assemble"]


@pytest.fixture
def abroad(story: Story) -> Task:
    """A production task of KG's plan for the workshop of the sister company HG."""
    story.instructed()
    shop = story.department("SHOP", story.factory.hg)
    lines = [{**t, "department": shop} if t["kind"] == "produce" else t for t in story.usual_tasks()]
    story.drafted(tasks=lines).planned()
    return story.tasks["produce"]


def again(task: Task) -> Task:
    return Task.objects.select_related("company", "case").get(pk=task.pk)


@pytest.mark.rule("PRD-13")
def test_the_leader_of_the_department_accepts_nobody_else(story: Story, assembly: Task) -> None:
    for role in ("prod_mgr", "purch_leader", "team_leader", "gm"):
        with pytest.raises(Denied, match="do not allow"):
            tasks.accept(assembly, by=story.by(role))
    with pytest.raises(Denied):
        tasks.accept(assembly, by=By(story.factory.stranger, story.at))
    with pytest.raises(Denied):
        tasks.accept(assembly, by=story.factory.by("workshop_director", company=story.factory.hg))
    assert tasks.accept(assembly, by=story.by("workshop_director")).state == State.ACCEPTED


@pytest.mark.rule("PRD-13")
def test_the_holder_of_the_leaders_post_accepts_while_the_post_lasts(story: Story, assembly: Task) -> None:
    leader = story.by("ws_leader")
    membership = Membership.objects.get(person=leader.actor, role="ws_leader")
    Membership.objects.filter(pk=membership.pk).update(ends_on=date(2026, 3, 1))
    Membership.objects.create(person=leader.actor, role="qc_leader", company=story.company, starts_on=SINCE)
    with pytest.raises(Denied):
        tasks.accept(assembly, by=leader)
    Membership.objects.filter(pk=membership.pk).update(ends_on=None)
    assert tasks.accept(assembly, by=leader).state == State.ACCEPTED


@pytest.mark.rule("PRD-13")
def test_an_objection_names_a_later_date_and_comes_within_a_working_day(story: Story, assembly: Task) -> None:
    director = story.by("workshop_director")
    with pytest.raises(Invalid) as refusal:
        tasks.object(assembly, by=director, proposed_on=assembly.finish_on, reason="…")
    assert "proposed_on" in refusal.value.errors
    late = story.by("workshop_director", hours=25)
    with pytest.raises(Refused, match="within one working day"):
        tasks.object(assembly, by=late, **LATER)
    assert tasks.object(assembly, by=story.by("workshop_director", hours=23), **LATER).state == State.OBJECTED


@pytest.mark.rule("PRD-14")
def test_the_issuer_coordinates_and_the_department_accepts_the_new_date(story: Story, assembly: Task) -> None:
    tasks.object(assembly, by=story.by("workshop_director"), **LATER)
    agreed: dict[str, Any] = {"opinion": "借两人", "finish_on": date(2026, 6, 9)}
    with pytest.raises(Denied):
        tasks.coordinate(assembly, by=story.by("workshop_director"), **agreed)
    with pytest.raises(Invalid):
        tasks.coordinate(assembly, by=story.by("prod_mgr"), opinion="…", finish_on=date(2026, 5, 1))
    done = tasks.coordinate(assembly, by=story.by("prod_mgr"), **agreed)
    assert (done.state, done.finish_on) == (State.COORDINATED, date(2026, 6, 9))
    with pytest.raises(Refused):
        tasks.object(assembly, by=story.by("workshop_director"), **LATER)
    assert tasks.accept(assembly, by=story.by("workshop_director")).state == State.ACCEPTED


@pytest.mark.rule("PRD-14")
def test_what_is_not_settled_the_general_manager_rules(story: Story, assembly: Task) -> None:
    tasks.object(assembly, by=story.by("workshop_director"), **LATER)
    tasks.coordinate(assembly, by=story.by("prod_mgr"), opinion="维持")
    with pytest.raises(Denied, match="General manager"):
        tasks.rule(assembly, by=story.by("prod_mgr"), finish_on=date(2026, 6, 12), opinion="…")
    ruled = tasks.rule(assembly, by=story.by("gm"), finish_on=date(2026, 6, 12), opinion="同意延期")
    assert (ruled.state, ruled.finish_on) == (State.RULED, date(2026, 6, 12))
    assert tasks.accept(assembly, by=story.by("workshop_director")).state == State.ACCEPTED


@pytest.mark.rule("PRD-15", "E-10")
def test_across_companies_the_manager_of_the_objecting_company_rules(story: Story, abroad: Task) -> None:
    hg = story.factory.hg
    assert abroad.company == hg
    with pytest.raises(Denied):
        tasks.object(abroad, by=story.by("workshop_director"), **LATER)
    tasks.object(abroad, by=story.factory.by("workshop_director", company=hg), **LATER)
    with pytest.raises(Denied):
        tasks.rule(abroad, by=story.by("gm"), finish_on=date(2026, 6, 12), opinion="…")
    by = story.factory.by("gm", company=hg)
    assert tasks.rule(abroad, by=by, finish_on=date(2026, 6, 12), opinion="同意").state == State.RULED


@pytest.mark.rule("PRD-14")
def test_across_companies_the_issuer_still_coordinates_and_confirms(story: Story, abroad: Task) -> None:
    director = story.factory.by("workshop_director", company=story.factory.hg)
    tasks.object(abroad, by=director, **LATER)
    with pytest.raises(Denied):
        tasks.coordinate(abroad, by=story.factory.by("prod_mgr", company=story.factory.hg), opinion="…")
    tasks.coordinate(abroad, by=story.by("prod_mgr"), opinion="维持")
    for verb in (tasks.accept, tasks.start, tasks.report_done):
        verb(abroad, by=director)
    assert tasks.confirm_done(abroad, by=story.by("prod_mgr")).state == State.DONE


@pytest.mark.rule("PRD-18", "PRD-20")
def test_the_issuer_not_the_doer_confirms(story: Story, assembly: Task) -> None:
    director = story.by("workshop_director")
    with pytest.raises(Refused):
        tasks.start(assembly, by=director)
    tasks.accept(assembly, by=director)
    with pytest.raises(Refused):
        tasks.report_done(assembly, by=director)
    tasks.start(assembly, by=director)
    tasks.report_done(assembly, by=director, result="完成")
    with pytest.raises(Denied):
        tasks.confirm_done(assembly, by=director)
    tasks.refuse_done(assembly, by=story.by("prod_mgr"), reason="未入库")
    assert again(assembly).state == State.IN_PROGRESS
    tasks.report_done(assembly, by=director)
    assert tasks.confirm_done(assembly, by=story.by("prod_mgr")).state == State.DONE


@pytest.mark.rule("PRD-20")
def test_who_reported_cannot_confirm_even_as_the_issuer(story: Story) -> None:
    Department.objects.filter(company=story.company, code="SHOP").update(
        leader=story.factory.person("prod_mgr")
    )
    task, manager = story.planned().tasks["assemble"], story.by("prod_mgr")
    for verb in (tasks.accept, tasks.start, tasks.report_done):
        verb(task, by=manager)
    with pytest.raises(Denied, match="a second person"):
        tasks.confirm_done(task, by=manager)


def test_the_page_offers_each_only_his_own_verbs(story: Story, assembly: Task) -> None:
    def open_to(role: str) -> set[str]:
        viewer = Viewer.of(story.factory.person(role), story.at)
        return {offer.action.name for offer in offers(again(assembly), viewer)}

    assert open_to("workshop_director") == {"accept", "object"}
    assert open_to("prod_mgr") == set()
    tasks.object(assembly, by=story.by("workshop_director"), **LATER)
    assert open_to("prod_mgr") == {"coordinate"}
    assert open_to("gm") == {"rule"}


def test_a_task_of_a_superseded_plan_is_over(story: Story, assembly: Task) -> None:
    create = {"by": story.by("prod_mgr"), "order": story.order, "lines": story.usual_tasks()}
    plans.create(**create, stock_checked=True)
    plans.issue(story.plan, by=story.by("prod_mgr"))
    with pytest.raises(Refused, match="not possible while"):
        tasks.accept(assembly, by=story.by("workshop_director"))
