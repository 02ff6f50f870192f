"""The plan of an order: drafted, issued to the departments, replaced by its next version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Max, Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from catalog.models import Item
from flow import actions, guards
from flow.events import By
from flow.models import Event
from flow.refusals import Invalid
from orders import actions as orders
from orders.models import Order, OrderChange, Stage
from org.roles import Role
from production.actions import instruction as instructions
from production.actions import packaging as packagings
from production.actions import task as tasks
from production.actions import work_order as work_orders
from production.actions.needs import work_out
from production.forms import PlanForm, PlanHeadForm, PlanLineForm
from production.models import Instruction, Packaging, Plan, PlanLine, PlanNeed, Task, TaskKind
from production.queries import Bills, instruction_of, packaging_of, plan_of

TO_REPLAN = Q(changes__state=OrderChange.State.FORWARDED, changes__needs_replan=True)
PLANNERS = (Role.PROD_MGR, Role.PLANNER)


def _who_plans(document: Order | Plan) -> frozenset[str]:
    order = document.order if isinstance(document, Plan) else document
    return frozenset({Role.PLANNER if order.is_project else Role.PROD_MGR})


@actions.creation(
    Plan,
    _("Make plan"),
    PlanForm,
    lines=PlanLineForm,
    parent="order",
    may=PLANNERS,
    may_on=_who_plans,
    rules="PRD-06 PRD-07 PRD-08 PRD-09 PRD-10 PRD-30",
    awaited=(Q(state=Order.State.INSTRUCTED) | TO_REPLAN) & ~Q(plans__state=Plan.State.DRAFT),
)
def create(by: By, *, order: Order, lines: list[dict[str, Any]], **fields: Any) -> Plan:
    """Break an instructed order down into tasks with their departments and dates."""
    instruction = instruction_of(order)
    assert instruction is not None, "against_planning refused it before"
    latest = order.plans.aggregate(n=Max("version_no"))["n"] or 0
    plan = actions.draft(
        Plan,
        by=by,
        case=order.case,
        company=order.company,
        order=order,
        instruction=instruction,
        version_no=latest + 1,
        **_head(fields, lines),
    )
    _write_lines(plan, lines)
    return plan


@guards.ask("production.plan.create")
def against_planning(order: Order) -> Iterator[Any]:
    """A plan follows the instruction (PRD-22), one draft at a time."""
    if instruction_of(order) is None:
        yield _("The production instruction is not issued yet: a plan follows the instruction.")
    if order.plans.filter(state=Plan.State.DRAFT).exists():
        yield _("A plan of this order is in draft already: issue or discard it first.")


@actions.action(
    Plan,
    _("Edit plan"),
    PlanHeadForm,
    lines=PlanLineForm,
    may=PLANNERS,
    may_on=_who_plans,
    states=(Plan.State.DRAFT,),
    rules="PRD-09",
)
def edit(plan: Plan, by: By, *, lines: list[dict[str, Any]], **fields: Any) -> None:
    """Change head and tasks of a draft."""
    for name, value in _head(fields, lines).items():
        setattr(plan, name, value)
    plan.lines.all().delete()
    _write_lines(plan, lines)


@actions.discard(
    Plan,
    _("Discard plan"),
    may=PLANNERS,
    may_on=_who_plans,
    states=(Plan.State.DRAFT,),
    rules="SYS-03",
)
def discard(plan: Plan, by: By) -> None:
    """Throw a draft away."""


@actions.action(
    Plan,
    _("Issue plan"),
    may=PLANNERS,
    may_on=_who_plans,
    numbers=True,
    rules="PRD-06 PRD-07 PRD-08 PRD-09 PRD-10 PRD-22 PUR-04",
)
def issue(plan: Plan, by: By) -> dict[str, Any]:
    """Give the tasks to the departments and say what must be made and bought (O-21).

    A plan issued before is superseded; what its work orders make and its requisitions buy counts as coming.
    """
    if previous := plan_of(plan.order):
        supersede.follow(previous, by=by)
    plan.issue()
    found = work_out(plan, on=localtime(by.at).date())
    PlanNeed.objects.bulk_create(found.needs)
    bare = Item.objects.filter(pk__in=found.unstructured).order_by("code").values_list("code", flat=True)
    return {"needs": len(found.needs), "without_bill": list(bare)}


@issue.then
def give_out(plan: Plan, by: By, event: Event) -> None:
    """Open the tasks, the work orders and the packaging."""
    for line in plan.lines.select_related("department__company"):
        tasks.create.follow(by=by, cause=event, plan=plan, line=line)
    needs = plan.needs.filter(source=PlanNeed.Source.MAKE).select_related("item", "order_line")
    bills = Bills([need.item for need in needs], on=localtime(by.at).date())
    for need in needs:
        work_orders.create.follow(by=by, cause=event, plan=plan, need=need, bills=bills)
    _plan_packaging(plan, by, event)


@issue.then
def carry_on(plan: Plan, by: By, event: Event) -> None:
    """The instruction is planned, and so is every line of the order."""
    order, state = plan.order, Instruction.State
    if plan.instruction.state in (state.ISSUED, state.ACKNOWLEDGED):
        instructions.plan.follow(plan.instruction, by=by, cause=event)
    planned = orders.progress.reached(order, Stage.PLANNED)
    rows = [(line, line.quantity - planned.get(line.pk, 0)) for line in order.lines.all()]
    orders.credit(order, Stage.PLANNED, rows, document=plan, by=by, cause=event)


@issue.then
def changes_are_planned(plan: Plan, by: By, event: Event) -> None:
    """The changes that asked for a new version have it (ORD-32)."""
    for change in plan.order.changes.filter(state=OrderChange.State.FORWARDED, needs_replan=True):
        orders.change_notice.replan.follow(change, by=by, cause=event)


@guards.ask("production.plan.issue")
def changes_are_forwarded(plan: Plan) -> Iterator[Any]:
    """The departments hear of a change before they get the plan that follows from it (ORD-27)."""
    if plan.order.changes.filter(state=OrderChange.State.NOTICED, needs_replan=True).exists():
        yield _("A change notice is not forwarded to the departments yet: forward it first.")


@actions.consequence(Plan, _("Superseded"))
def supersede(plan: Plan, by: By) -> None:
    """The next version of the plan was issued."""
    plan.supersede()


@actions.consequence(Plan, _("Cancelled"))
def cancel(plan: Plan, by: By) -> None:
    """The order ended."""
    plan.cancel()


@supersede.then
@cancel.then
def withdraw_tasks(plan: Plan, by: By, event: Event) -> None:
    """Tasks that are not done yet are withdrawn with their plan."""
    over = (Task.State.DONE, Task.State.CANCELLED)
    for task in plan.tasks.exclude(state__in=over).order_by("pk"):
        tasks.cancel.follow(task, by=by, cause=event)


def _head(fields: dict[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The head with the dates that were left out, taken from the tasks."""
    if not lines:
        raise Invalid({"lines": _("A plan needs at least one task.")})
    first = min(line.get("start_on") or line["finish_on"] for line in lines)
    last = max(line["finish_on"] for line in lines)
    start_on, finish_on = fields.get("start_on") or first, fields.get("finish_on") or last
    if finish_on < start_on:
        raise Invalid({"finish_on": _("The plan ends before it starts.")})
    if last > finish_on:
        raise Invalid({"finish_on": _("A task ends after the plan.")})
    return {**fields, "start_on": start_on, "finish_on": finish_on}


def _write_lines(plan: Plan, lines: list[dict[str, Any]]) -> None:
    PlanLine.objects.bulk_create(
        PlanLine(
            plan=plan,
            position=position,
            **{**line, "start_on": line.get("start_on") or line["finish_on"]},
        )
        for position, line in enumerate(lines, start=1)
    )


def _plan_packaging(plan: Plan, by: By, event: Event) -> None:
    """One packaging an order: planned with the first plan, moved by a later one until the packing begins."""
    lines = [line for line in plan.lines.all() if line.kind == TaskKind.PACK]
    dates = {
        "ready_on": min(line.start_on for line in lines),
        "finish_on": max(line.finish_on for line in lines),
    }
    packaging = packaging_of(plan.order)
    if packaging is None:
        packagings.create.follow(by=by, cause=event, plan=plan, **dates)
    elif packaging.state in (Packaging.State.PLANNED, Packaging.State.NOTICED):
        packagings.replan.follow(packaging, by=by, cause=event, plan=plan, **dates)
