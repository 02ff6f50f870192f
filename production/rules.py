"""The clocks of production: instruction, plan and the answer of the departments (TM-01, TM-05…07)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from deadlines.rules import hours, rule, upon, within
from orders.models import Order
from org.models import Person
from org.roles import Role
from production.actions.task import LEADERS
from production.models import Instruction, Plan, Task
from production.queries import is_assembly


def _starts(order: Order) -> bool:
    """Whether the clock starts when the order takes effect, as usual, or already at the signature (E-07)."""
    return not order.company.start_on_signature


def _clerk(order: Order) -> Role:
    return Role.MARKETING if order.is_project else Role.SALES_CLERK


def _order(instruction: Instruction) -> Order:
    return instruction.order


def _planner(instruction: Instruction) -> Role:
    return Role.PLANNER if instruction.order.is_project else Role.PROD_MGR


def _instruction(plan: Plan) -> Instruction:
    return plan.instruction


def _assembly(instruction: Instruction) -> bool:
    return is_assembly(instruction.order)


def _receiver(task: Task) -> Person | frozenset[str]:
    return task.department.leader or LEADERS[task.kind] or frozenset({Role.PROD_LEADER})


rule(
    "instruction_4h",
    "TM-01",
    _("The production instruction is issued within 4 hours after the order takes effect."),
    start=(
        upon("orders.order.take_effect", _starts),
        upon("orders.order.sign", lambda order: not _starts(order)),
    ),
    stop=("production.instruction.issue", "orders.order.fulfil_from_stock"),
    about=_order,
    due=within(hours=4),
    warn=hours(1),
    owner=_clerk,
    escalation=[(Role.SALES_LEADER, Role.ORDER_MGR), Role.GM],
)

rule(
    "assembly_plan_24h",
    "TM-05",
    _("The plan of switchgear assemblies is issued within 24 hours after the instruction."),
    start="production.instruction.issue",
    when=_assembly,
    stop="production.plan.issue",
    about=_instruction,
    due=within(hours=24),
    warn=hours(4),
    owner=_planner,
    escalation=[Role.GM],
)

rule(
    "plan_4h",
    "TM-06",
    _("The plan of other products is issued within 4 hours after the instruction."),
    start="production.instruction.issue",
    when=lambda instruction: not _assembly(instruction),
    stop="production.plan.issue",
    about=_instruction,
    due=within(hours=4),
    warn=hours(1),
    owner=_planner,
    escalation=[Role.GM],
)

rule(
    "task_answer_1d",
    "TM-07",
    _("A department accepts its task or objects to its date within one working day."),
    start="production.task.create",
    stop=("production.task.accept", "production.task.object"),
    due=within(workdays=1),
    warn=hours(2),
    owner=_receiver,
    escalation=[(Role.PROD_MGR, Role.PLANNER), Role.GM],
)
