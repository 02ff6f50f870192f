"""What customers want otherwise after they have signed, and how far the house has come with it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from config.demo.course import Chapter, chapter
from config.demo.deeds.delivery import Delivery
from flow.events import By
from orders import actions as orders
from orders.models import OrderChange
from review import actions as review

Tail = tuple[Chapter, ...]
TAKEN: Tail = (chapter(0, "more_wanted +0.4!"),)
IN_REVIEW: Tail = (chapter(1, "breaker_changed", "structure_found +0.3!"),)
TO_CUSTOMER: Tail = (chapter(1, "more_wanted", "plan_found +0.3!", "date_found +2!"),)
COLOUR_CHANGED: Tail = (
    chapter(1, "colour_changed", "colour_issued +0.3!", "colour_forwarded +0.3!", "colour_adjusted +2"),
)


class Changes(Delivery):
    """The deeds of a change of a signed order."""

    @property
    def change(self) -> OrderChange:
        """The newest change of the order."""
        return self.order.changes.select_related("company", "case").latest("pk")

    def _take(self, wish: str, lines: list[dict[str, Any]], **said: Any) -> None:
        given = {"kind": "commercial", "party": self.signer, "channel": "phone", "wish": wish, **said}
        orders.change.create(by=self.by("sales_clerk"), order=self.order, lines=lines, **given)

    def _classify(self, grounds: str, **answers: bool) -> None:
        orders.change.classify(self.change, by=self.by("sales_clerk"), grounds=grounds, **answers)

    def more_wanted(self) -> None:
        """The customer wants one piece more."""
        line = self.lines[0]
        more = [{"position": line.position, "quantity": line.quantity + Decimal(1)}]
        self._take("用户增加一台, 其余不变", more, confirmation=self.scan("更改函.pdf"))

    def plan_found(self) -> None:
        """One piece more moves the plan."""
        self._classify("数量增加, 装配计划要顺延", affects_plan=True)

    def date_found(self) -> None:
        """Production can make it twelve days later, material control finds nothing against it."""
        later = self.order.delivery_on + timedelta(days=12)
        for role, said in (("prod_mgr", {"earliest_on": later}), ("mat_controller", {})):
            by = self.by(role)
            review.give_opinion(self.round, by=by, decision="feasible", seat=role, opinion="可安排", **said)

    def breaker_changed(self) -> None:
        """The customer wants breakers of another make."""
        self._take("断路器改用用户指定厂家", [], confirmation=self.scan("技术更改函.pdf"))

    def structure_found(self) -> None:
        """A specified manufacturer changes, and the price with it."""
        self._classify("指定厂家变动, 元件价差约 3%", changes_maker=True, raises_cost=True)

    def colour_changed(self) -> None:
        """The customer wants the doors in another colour."""
        line = self.lines[0].position
        grey = [{"position": line, "technical_requirement": "面板颜色改为 RAL7035"}]
        self._take("面板颜色改为 RAL7035", grey, confirmation=self.scan("更改函.pdf"))

    def colour_issued(self) -> None:
        """It is small: the notice goes out at once."""
        self._classify("只改面板颜色, 不影响计划")
        orders.change_notice.issue(self.change, by=self.by("sales_clerk"))

    def colour_forwarded(self) -> None:
        """The production manager passes it on to the workshop and the supply department."""
        to = [{"department": self.department(code)} for code in ("SHOP", "PURCH")]
        orders.change_notice.forward(self.change, by=self.by("prod_mgr"), lines=to)

    def colour_adjusted(self) -> None:
        """Both have adjusted."""
        for row in self.change.forwards.select_related("department__leader"):
            leader = row.department.leader
            assert leader is not None
            orders.change_notice.acknowledge(self.change, by=By(leader, self.at), adjustment="已按新颜色安排")
