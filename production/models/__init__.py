"""Documents of production."""

from production.models.instruction import Instruction, InstructionLine
from production.models.packaging import Packaging
from production.models.plan import Plan, PlanLine, PlanNeed, TaskKind
from production.models.task import Task
from production.models.work_order import Operation, WorkOrder, WorkOrderMaterial

__all__ = [
    "Instruction",
    "InstructionLine",
    "Operation",
    "Packaging",
    "Plan",
    "PlanLine",
    "PlanNeed",
    "Task",
    "TaskKind",
    "WorkOrder",
    "WorkOrderMaterial",
]
