"""What people of the demo ask for beside the orders: stock to be filled up, tools, service of old goods."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aftersales import actions as aftersales
from aftersales.models import Ticket
from config.demo.factory import DemoFactory
from flow.events import By
from org.worktime import Worktime
from procurement import actions as procurement
from procurement.models import Requisition

# How many hours of working time ago each was done.
ERRANDS: Mapping[str, float] = {
    "bolts_asked": 60, "bolts_approved": 52, "gauge_asked": 20, "gauge_approved": 15, "copper_asked": 9,
    "gloves_asked": 4, "dealer_called": 34, "dealer_contacted": 32,
}  # fmt: skip


class Errands:
    """The things that belong to no order, each done once by who needs it."""

    def __init__(self, factory: DemoFactory) -> None:
        self.factory = factory
        self.at = datetime.min.replace(tzinfo=UTC)
        self._kept: dict[str, Any] = {}

    def by(self, role: str) -> By:
        """Who holds the role, now."""
        return self.factory.by(role, at=self.at)

    def remark(self, deed: str) -> None:
        """Nobody has anything to add."""

    def bolts_asked(self) -> None:
        """The stock of bolts runs low."""
        self._kept["bolts"] = self._request(
            "mat_controller", "safety_stock", "BOLT-M12", 5000, "低于安全库存"
        )

    def bolts_approved(self) -> None:
        """The planning supervisor agrees."""
        procurement.requisition.approve(self._kept["bolts"], by=self.by("plan_supervisor"))

    def gauge_asked(self) -> None:
        """The inspector needs an instrument."""
        reason = "送检在用, 需备用一只"
        self._kept["gauge"] = self._request("inspector", "general", "PZ96-E4", 1, reason)

    def gauge_approved(self) -> None:
        """His leader agrees."""
        procurement.requisition.approve(self._kept["gauge"], by=self.by("qc_leader"))

    def copper_asked(self) -> None:
        """Copper bar is to be filled up; nobody has decided yet."""
        self._request("mat_controller", "safety_stock", "TMY-80x10", 1500, "铜价走低, 建议补足两月用量")

    def gloves_asked(self) -> None:
        """The workshop asks for standard parts; its leader has not decided yet."""
        self._request("assembler", "general", "BOLT-M12", 200, "二次安装用")

    def dealer_called(self) -> None:
        """A dealer calls about goods of last year."""
        self._kept["ticket"] = aftersales.ticket.create(
            by=self.by("sales_clerk"),
            company=self.factory.kg,
            customer=self.factory.customers["D003"],
            kind=Ticket.Kind.COMMISSIONING,
            problem="去年供货的两面柜移位安装, 请派人指导",
            contact="罗川",
            phone="028-84410112",
            telephone_only=True,
        )
        aftersales.ticket.hand_over(self._kept["ticket"], by=self.by("sales_clerk"))

    def dealer_contacted(self) -> None:
        """After-sales makes an appointment."""
        said = {"party": "蓉城机电设备公司 罗川", "channel": "phone", "content": "约定下周二到现场"}
        ticket = Ticket.objects.select_related("company", "case").get(pk=self._kept["ticket"].pk)
        aftersales.ticket.record_contact(ticket, by=self.by("service_leader"), **said)

    def _request(self, role: str, kind: str, code: str, quantity: int, reason: str) -> Requisition:
        day = (self.at + timedelta(days=21)).date()
        lines = [{"item": self.factory.items[code], "quantity": quantity, "due_on": day}]
        made = procurement.requisition.create(
            by=self.by(role), company=self.factory.kg, kind=kind, reason=reason, lines=lines
        )
        return procurement.requisition.submit(made, by=self.by(role))


def moments(*, worktime: Worktime, now: datetime) -> list[tuple[datetime, str]]:
    """When each errand was done."""
    return [(worktime.subtract_hours(now, hours), name) for name, hours in ERRANDS.items()]
