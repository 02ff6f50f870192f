"""How the documents of production are shown, and what production says of an order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from deadlines.screens import mark_of
from flow import html, render
from flow.panels import Asked, Late, Mark, Measure, measure, sentence, stage
from flow.screens import Lines, Screen
from orders.models import Order
from production import queries
from production.models import Instruction, Packaging, Plan, Task, WorkOrder
from production.models.plan import TaskKind

Screen(
    Instruction,
    columns=("number", "order", "state", "department"),
    filters=("state", "department", "order"),
    below={"order": "order__customer"},
    search=("number", "order__number", "order__customer__name"),
    facts=("packing_requirement", "to_drawing", "remark"),
    lines=(
        Lines(
            "lines",
            ("position", "item", "quantity", "delivery_on", "technical_requirement", "quality_requirement"),
        ),
    ),
    related=("order", "department"),
)

Screen(
    Plan,
    columns=("number", "order", "version_no", "state", "start_on", "finish_on"),
    filters=("state", "order", "start_on", "finish_on"),
    below={"order": "order__customer"},
    due="finish_on",
    search=("number", "order__number", "order__customer__name"),
    facts=(
        "instruction", "stock_checked", "meeting_on", "meeting_attendees", "meeting_decisions", "remark",
    ),
    lines=(
        Lines("lines", ("position", "kind", "department", "start_on", "finish_on", "text")),
        Lines(
            "needs",
            ("position", "source", "item", "quantity", "release_on", "due_on", "order_line", "parent_item"),
        ),
    ),
    related=("order", "instruction"),
)  # fmt: skip

Screen(
    Task,
    columns=("number", "kind", "department", "state", "start_on", "finish_on", "text"),
    filters=("state", "kind", "department", "plan", "start_on", "finish_on"),
    below={"number": "plan__order"},
    due="finish_on",
    search=("number", "plan__number", "plan__order__number", "text"),
    facts=("plan", "issued_by", "proposed_on", "objection", "decision", "result"),
    related=("plan", "department__company", "issued_by"),
)

Screen(
    WorkOrder,
    columns=("number", "order", "item", "quantity", "state", "start_on", "finish_on", "is_short"),
    filters=("state", "order", "plan", "item", "is_final", "is_short", "start_on", "finish_on"),
    below={"order": "order__customer", "item": "item__name"},
    due="finish_on",
    search=("number", "order__number", "item__code", "item__name"),
    facts=("plan", "order_line", "is_final", "bom", "qualified", "stocked", "rework"),
    lines=(
        Lines("materials", ("position", "item", "quantity")),
        Lines(
            "operations",
            ("position", "round", "operation", "owed_material", "remark", "signed_by", "signed_at"),
        ),
    ),
    related=("order", "item", "plan", "order_line__item", "bom__item"),
)

Screen(
    Packaging,
    columns=("number", "order", "state", "ready_on", "finish_on"),
    filters=("state", "order", "ready_on", "finish_on"),
    below={"order": "order__customer"},
    due="finish_on",
    search=("number", "order__number", "order__customer__name"),
    facts=("plan", "requirement", "boxes", "has_accessories", "has_documents", "has_labels", "remark"),
    related=("order", "plan"),
)


# ---- what production says of an order ----

SHOP = (TaskKind.PRODUCE, TaskKind.ASSEMBLE)
DRAWN = (TaskKind.DESIGN, TaskKind.DRAWING)
ENDED = (Task.State.DONE, Task.State.CANCELLED)
KITTED = (
    WorkOrder.State.KITTED, WorkOrder.State.STARTED, WorkOrder.State.ASSEMBLED,
    WorkOrder.State.SENT_TO_INSPECTION, WorkOrder.State.PASSED, WorkOrder.State.COMPLETED,
)  # fmt: skip
ASSEMBLED = KITTED[2:]


@stage("orders.order", "instruction")
def instruction_stage(asked: Asked) -> Mark:
    """Until when the production instruction is to be issued (TM-01)."""
    return mark_of(asked, "instruction_4h")


@stage("orders.order", "plan")
def plan_stage(asked: Asked) -> Mark:
    """Until when the plan is to be issued (TM-05, TM-06)."""
    return mark_of(asked, "assembly_plan_24h", "plan_4h")


@stage("orders.order", "production")
def shop_stage(asked: Asked) -> Mark | None:
    """Until when the shop floor is to be through, as planned. One query."""
    lines = asked.once("planned", lambda: queries.planned_lines(asked.document))
    last = queries.last_of(lines, SHOP)
    return Mark(owner=last.department, due=last.finish_on) if last else None


@sentence("orders.order")
def late_tasks(orders: Sequence[Order], at: datetime) -> dict[int, list[Late]]:
    """Tasks of plans in force that should be done by now, by department. One query."""
    today = localtime(at).date()
    rows = Task.objects.filter(plan__order__in=orders, plan__state=Plan.State.ISSUED, finish_on__lt=today)
    found: dict[int, list[Late]] = defaultdict(list)
    for task in (
        rows.exclude(state__in=ENDED).select_related("plan", "department").order_by("finish_on", "pk")
    ):
        found[task.plan.order_id].append(_late(task, (today - task.finish_on).days))
    return found


def _late(task: Task, days: int) -> Late:
    names: dict[str, Any] = {
        "kind": task.get_kind_display(),
        "task": task,
        "day": render.words(task.finish_on),
        "days": days,
    }
    said = _("{department} has not finished “{kind}” ({task}): due {day}, {days} days ago.")
    return Late(task.department, said, timedelta(days=days), names, html.href(task), moves=True)


@measure("orders.order")
def made(asked: Asked) -> Iterator[Measure]:
    """How much of each line is designed, has its material, and is assembled. Two queries."""
    order: Order = asked.document
    if order.state in Order.UNSIGNED:
        return
    drawn = Task.objects.filter(plan__order=order, plan__state=Plan.State.ISSUED, kind__in=DRAWN)
    states = list(drawn.values_list("state", flat=True))
    if states:
        done = all(state in ENDED for state in states)
        yield Measure(_("Design"), order.wanted if done else {}, 10)
    kitted: dict[int, Decimal] = defaultdict(Decimal)
    assembled: dict[int, Decimal] = defaultdict(Decimal)
    rows = WorkOrder.objects.filter(order=order, is_final=True).values_list("order_line", "state", "quantity")
    for line, state, quantity in rows:
        kitted[line] += quantity if state in KITTED else 0
        assembled[line] += quantity if state in ASSEMBLED else 0
    yield Measure(_("Material"), kitted, 20)
    yield Measure(_("Assembled"), assembled, 30)
