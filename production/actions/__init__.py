"""The verbs of production, by document; used through the modules: `production.work_order.release(…)`."""

from production.actions import instruction, packaging, plan, task, work_order

__all__ = ["instruction", "packaging", "plan", "task", "work_order"]
