"""The plan of an order: what it must contain before it is issued, and what follows from it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from flow.events import By
from flow.invariants import violations
from flow.models import Event
from flow.refusals import Denied, Invalid, Refused
from orders import actions as orders
from orders.models import Order, Stage
from production.actions import plan as plans
from production.models import Instruction, Packaging, Plan, Task, WorkOrder
from tests.story import Story, scan

State = Plan.State


def create(story: Story, **head: Any) -> Plan:
    return plans.create(
        by=story.by(story.planner),
        order=story.order,
        **{"lines": story.usual_tasks(), "stock_checked": True, **head},
    )


@pytest.mark.rule("PRD-22")
def test_a_plan_follows_the_instruction(story: Story) -> None:
    story.effective()
    with pytest.raises(Refused, match="a plan follows the instruction"):
        create(story)
    story.instructed()
    create(story)
    with pytest.raises(Refused, match="in draft already"):
        create(story)


@pytest.mark.rule("PRD-06", "PRD-30")
def test_the_production_manager_plans_and_for_a_project_the_planner(story: Story) -> None:
    story.instructed()
    for role in ("planner", "sales_clerk", "gm"):
        with pytest.raises(Denied, match="Production manager"):
            plans.create(by=story.by(role), order=story.order, lines=story.usual_tasks())
    with pytest.raises(Denied):
        plans.create(by=By(story.factory.stranger, story.at), order=story.order, lines=story.usual_tasks())
    story.drafted()
    with pytest.raises(Denied):
        plans.issue(story.plan, by=story.by("planner"))
    story.planned()
    assert story.plan.state == State.ISSUED


@pytest.mark.rule("PRD-30", "E-09")
def test_a_project_is_instructed_by_marketing_and_planned_by_the_planner(story: Story) -> None:
    story.received(is_project=True, project_name="城南变电站")
    story.instructed()
    with pytest.raises(Denied, match="Project planner"):
        plans.create(by=story.by("prod_mgr"), order=story.order, lines=story.usual_tasks())
    story.planned()
    assert story.order.state == Order.State.PLANNED


@pytest.mark.rule("PRD-08")
def test_a_plan_without_stock_check_is_not_issued(story: Story) -> None:
    story.drafted(stock_checked=False)
    with pytest.raises(Refused, match="Check the stock of parts"):
        plans.issue(story.plan, by=story.by("prod_mgr"))
    assert story.order.state == Order.State.INSTRUCTED


@pytest.mark.rule("PRD-09")
def test_a_plan_without_packaging_is_not_issued(story: Story) -> None:
    story.instructed()
    create(story, lines=[task for task in story.usual_tasks() if task["kind"] != "pack"])
    with pytest.raises(Refused, match="no packaging task"):
        plans.issue(story.plan, by=story.by("prod_mgr"))


@pytest.mark.rule("PRD-10")
def test_a_non_regular_plan_needs_its_meeting_with_the_three_leaders(story: Story) -> None:
    story.confirmed(order_class="non_regular")
    story.instructed()
    create(story, meeting_on=story.at.date(), meeting_attendees=["technical", "quality"])
    with pytest.raises(Refused, match="planning meeting"):
        plans.issue(story.plan, by=story.by("prod_mgr"))
    seats = ["technical", "workshop", "purchasing"]
    head = {"stock_checked": True, "meeting_on": story.at.date(), "meeting_attendees": seats}
    plans.edit(story.plan, by=story.by("prod_mgr"), lines=story.usual_tasks(), **head)
    plans.issue(story.plan, by=story.by("prod_mgr"))
    assert story.plan.state == State.ISSUED


def test_a_plan_that_ends_after_the_delivery_date_is_not_issued(story: Story) -> None:
    story.drafted(finish_on=date(2026, 7, 1))
    with pytest.raises(Refused, match="after the delivery date"):
        plans.issue(story.plan, by=story.by("prod_mgr"))
    orders.replan_date(
        story.order,
        by=story.by("order_desk"),
        delivery_on=date(2026, 7, 15),
        reason="产能",
        party="王工",
        channel="phone",
        agreement=scan(),
    )
    plans.issue(story.plan, by=story.by("prod_mgr"))


def test_a_plan_has_tasks_whose_dates_fit_into_it(story: Story) -> None:
    story.instructed()
    with pytest.raises(Invalid) as refusal:
        create(story, lines=[])
    assert "lines" in refusal.value.errors
    with pytest.raises(Invalid) as refusal:
        create(story, finish_on=date(2026, 6, 1))
    assert "finish_on" in refusal.value.errors
    with pytest.raises(Invalid):
        create(story, start_on=date(2026, 6, 18), finish_on=date(2026, 6, 17))
    plan = create(story)
    assert (plan.start_on, plan.finish_on) == (date(2026, 3, 3), date(2026, 6, 17))


@pytest.mark.rule("PRD-06", "PRD-22")
def test_issuing_opens_tasks_work_orders_and_packaging_and_moves_the_order(story: Story) -> None:
    story.planned()
    assert story.plan.number.startswith("JHKG2026-")
    assert {task.kind: task.state for task in story.tasks.values()} == dict.fromkeys(
        ("purchase", "produce", "assemble", "inspect", "pack"), Task.State.ISSUED
    )
    assert [(w.item.code, w.quantity, w.is_final) for w in story.work_orders] == [
        ("KYN28A-12", 2, True),
        ("BUSBAR-FRAME", 2, False),
    ]
    assert story.packaging.ready_on == date(2026, 6, 15)
    assert story.instruction.state == Instruction.State.PLANNED
    assert story.order.state == Order.State.PLANNED
    assert not any(violations().values())


@pytest.mark.rule("PUR-04", "PRD-40")
def test_the_net_needs_are_kept_with_their_order_line_and_parent(story: Story) -> None:
    story.factory.stocked(story.factory.copper, 10)
    story.planned()
    line, cabinet = story.lines[0], story.factory.cabinet
    rows = {need.item.code: need for need in story.plan.needs.select_related("item")}
    assert {code: (need.source, need.quantity) for code, need in rows.items()} == {
        "KYN28A-12": ("make", 2),
        "BUSBAR-FRAME": ("make", 2),
        "VS1-12": ("buy", 2),
        "COPPER-BAR": ("buy", 15),  # 2 frames of 12.5 kg, 10 kg in stock
    }
    assert {need.order_line_id for need in rows.values()} == {line.pk}
    assert rows["KYN28A-12"].parent_item is None
    assert rows["VS1-12"].parent_item == cabinet
    assert rows["COPPER-BAR"].parent_item == story.factory.frame
    assert rows["VS1-12"].due_on == rows["KYN28A-12"].release_on < rows["KYN28A-12"].due_on
    assert rows["VS1-12"].release_on < rows["VS1-12"].due_on


@pytest.mark.rule("PUR-04")
def test_two_orders_do_not_count_on_the_same_stock(story: Story) -> None:
    story.factory.stocked(story.factory.copper, 25)
    story.planned()
    assert not story.plan.needs.filter(item=story.factory.copper).exists()
    second = Story(story.factory)
    second.planned()
    assert second.plan.needs.get(item=story.factory.copper).quantity == 25


def test_needs_of_several_lines_are_told_apart(story: Story) -> None:
    cabinet = story.factory.cabinet
    story.received(lines=[{"item": cabinet, "quantity": n, "unit_price": 38000} for n in (2, 3)])
    story.planned()
    first, second = story.lines
    finals = {w.order_line_id: w.quantity for w in story.work_orders if w.is_final}
    assert finals == {first.pk: 2, second.pk: 3}
    bought = story.plan.needs.filter(item=story.factory.breaker).order_by("position")
    assert [(need.order_line_id, need.quantity) for need in bought] == [(first.pk, 2), (second.pk, 3)]


def test_the_rest_of_a_lot_is_for_no_order_line(story: Story) -> None:
    story.factory.breaker.min_lot = 5
    story.factory.breaker.save()
    story.planned()
    bought = story.plan.needs.filter(item=story.factory.breaker).order_by("position")
    assert [(need.order_line_id, need.quantity) for need in bought] == [(story.lines[0].pk, 2), (None, 3)]


@pytest.mark.rule("PRD-60")
def test_what_has_no_issued_bill_is_named(story: Story) -> None:
    story.factory.frame.boms.all().delete()
    story.planned()
    event = Event.objects.get(verb="production.plan.issue")
    assert event.data["without_bill"] == ["BUSBAR-FRAME"]


def test_a_bought_product_is_handed_over_by_a_work_order(story: Story) -> None:
    breaker = story.factory.breaker
    story.received(lines=[{"item": breaker, "quantity": 4, "unit_price": 9800}])
    story.planned()
    (work_order,) = story.work_orders
    assert [(m.item, m.quantity) for m in work_order.materials.all()] == [(breaker, 4)]
    assert story.plan.needs.get(source="buy").quantity == 4


def test_the_next_version_supersedes_and_needs_nothing_twice(story: Story) -> None:
    story.planned()
    first, old_tasks = story.plan, set(story.tasks.values())
    later = [{**task, "finish_on": task["finish_on"] + timedelta(days=2)} for task in story.usual_tasks()]
    create(story, lines=later)
    plans.issue(story.plan, by=story.by("prod_mgr"))
    assert story.plan.version_no == 2
    assert Plan.objects.get(pk=first.pk).state == State.SUPERSEDED
    assert {Task.objects.get(pk=task.pk).state for task in old_tasks} == {Task.State.CANCELLED}
    assert story.order.work_orders.count() == 2
    assert not story.plan.needs.exists(), "all of it is requested or being made already"
    assert story.order.packagings.get().finish_on == date(2026, 6, 19)
    assert story.order.state == Order.State.PLANNED
    assert not any(violations().values())


def test_a_draft_is_discarded_with_its_lines(story: Story) -> None:
    story.drafted()
    plans.discard(story.plan, by=story.by("prod_mgr"))
    assert not story.order.plans.exists()
    assert Event.objects.filter(verb="production.plan.discard").exists()


def test_a_cancelled_order_takes_everything_along_that_was_not_begun(story: Story) -> None:
    story.planned()
    orders.cancel(story.order, by=story.by("gm"), reason="客户取消", proof=scan())
    assert story.plan.state == State.CANCELLED
    assert {task.state for task in story.tasks.values()} == {Task.State.CANCELLED}
    assert {w.state for w in story.work_orders} == {WorkOrder.State.CANCELLED}
    assert story.packaging.state == Packaging.State.CANCELLED
    second = Story(story.factory)
    second.factory.stocked(story.factory.copper, 25)
    second.planned()
    assert not second.plan.needs.filter(item=story.factory.copper).exists(), "the stock is free again"
    assert not any(violations().values())


def test_planning_credits_every_line_once(story: Story) -> None:
    story.planned()
    assert orders.progress.reached(story.order, Stage.PLANNED) == {story.lines[0].pk: 2}
