"""How the order of a story stands: who acts for it, and its documents as they are now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.core.files.uploadedfile import SimpleUploadedFile

from config.demo.story import papers
from flow.events import By
from flow.models import Document
from orders.models import Contract, Order, Quotation
from org.models import Company
from production.models import Instruction, Packaging, Plan, Task, WorkOrder
from review.models import Round


class Standing:
    """The order of a story at a moment of it; the parts of `Story` read it here."""

    def __init__(self, factory: Any, *, at: datetime, company: Company | None = None) -> None:
        self.factory = factory
        self.at = at
        self.company = company or factory.kg
        self.told: set[str] = set()
        self._order_id = 0

    def by(self, role: str, **later: float) -> By:
        """The holder of `role` in the order's company, acting now in the story (or a little later)."""
        return self.factory.by(role, at=self.at, company=self.company, **later)

    def later(self, **span: float) -> Self:
        """Let time pass: `story.later(hours=4)`."""
        self.at += timedelta(**span)
        return self

    @property
    def signer(self) -> str:
        """Who speaks and signs for the customer."""
        return "王工"

    def scan(self, name: str) -> SimpleUploadedFile:
        """A paper of that name as a clerk uploads it; where nobody looks at it, any will do."""
        return papers.scan()

    def call(self, content: str) -> dict[str, str]:
        """A telephone call with the customer."""
        return papers.call(content)

    @property
    def order(self) -> Order:
        """The order as it stands now."""
        return Order.objects.select_related("company", "case").get(pk=self._order_id)

    @property
    def lines(self) -> list[Any]:
        """The lines of the order."""
        return list(self.order.lines.select_related("item"))

    def the(self, model: type[Document], **said: Any) -> Any:
        """The one document of that type in the order's case, as it stands now."""
        rows = model._default_manager.select_related("company", "case")
        return rows.get(case=self.order.case, **said)

    @property
    def maker(self) -> str:
        """Who makes the commercial papers: marketing for a project, else the sales clerk."""
        return "marketing" if self.order.is_project else "sales_clerk"

    @property
    def round(self) -> Round:
        """The newest review round."""
        return self.order.rounds.select_related("company", "case").latest("round_no")

    @property
    def quotation(self) -> Quotation:
        """The newest quotation."""
        return self.order.quotations.select_related("company", "case").latest("version_no")

    @property
    def contract(self) -> Contract:
        """The newest contract."""
        return self.order.contracts.select_related("company", "case").latest("pk")

    @property
    def planner(self) -> str:
        """Who plans: the project planner for a project, else the production manager."""
        return "planner" if self.order.is_project else "prod_mgr"

    @property
    def instruction(self) -> Instruction:
        """The newest instruction."""
        return self.order.instructions.select_related("company", "case").latest("pk")

    @property
    def plan(self) -> Plan:
        """The newest plan."""
        return self.order.plans.select_related("company", "case").latest("version_no")

    @property
    def tasks(self) -> dict[str, Task]:
        """The tasks of the newest plan by kind."""
        return {task.kind: task for task in self.plan.tasks.select_related("company", "case")}

    @property
    def work_orders(self) -> list[WorkOrder]:
        """All work orders, those of the products first."""
        return list(self.order.work_orders.select_related("company", "case", "item").order_by("pk"))

    @property
    def product(self) -> WorkOrder:
        """The work order of the (first) product."""
        return next(w for w in self.work_orders if w.is_final)

    @property
    def packaging(self) -> Packaging:
        """The packaging of the order."""
        return self.order.packagings.select_related("company", "case").latest("pk")
