"""An order carried along by the people whose turn it is, in domain words: `story.effective()`.

Every step is done once; a step asks for the steps before it, so a test begins where its subject begins.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any

from aftersales import actions as aftersales
from config.demo.story.papers import call, scan
from config.demo.story.store import Store
from config.demo.story.supply import Supply
from orders import actions as orders
from orders import queries
from orders.models import Order, Payment
from org.models import Company, Department
from production import actions as production
from production.models import Packaging, WorkOrder
from review import actions as review

__all__ = ["DELIVERY", "Story", "call", "scan", "step"]

DELIVERY = date(2026, 6, 30)


def step(method: Callable[..., Any]) -> Callable[..., Any]:
    """Do the decorated step only once in a story; it always returns the story."""

    @wraps(method)
    def once(story: Story, *args: Any, **kwargs: Any) -> Story:
        if method.__name__ not in story.told:
            method(story, *args, **kwargs)
            story.told.add(method.__name__)
        return story

    return once


class Story(Supply, Store):
    """One order of two cabinets (unless said otherwise) of company KG, told step by step."""

    # -- orders: from the first word to the effect --------------------------------------------------

    @step
    def received(self, *, lines: list[dict[str, Any]] | None = None, **fields: Any) -> None:
        """A sales clerk registers the order."""
        given = {"customer": self.factory.customer, "channel": "phone", "delivery_on": DELIVERY, **fields}
        lines = lines or [{"item": self.factory.cabinet, "quantity": 2, "unit_price": 38000}]
        order = orders.receive(by=self.by("sales_clerk"), company=self.company, lines=lines, **given)
        self._order_id = order.pk

    @step
    def confirmed(self, *, order_class: str = "regular") -> None:
        """The clerk confirms the five requirements with the customer."""
        self.received()
        orders.confirm_requirements(
            self.order,
            by=self.by("sales_clerk"),
            order_class=order_class,
            confirmed_with=self.signer,
            channel="phone",
            technical_requirement="按 GB/T 3906",
            quality_requirement="出厂试验合格",
            confirmation=self.scan("技术要求确认书.pdf") if self.order.is_project else None,
        )

    @step
    def in_review(self) -> None:
        """The clerk asks for the review."""
        self.confirmed()
        basis = self.scan("确认图纸.pdf") if self.order.is_project else None
        orders.submit_review(self.order, by=self.by(self.maker), technical_basis=basis)

    @step
    def approved(self) -> None:
        """Every seat finds it feasible; where the general manager decides, he accepts."""
        self.in_review()
        while seat := self.round.seats.filter(answered_at=None).exclude(opened_at=None).first():
            by = self.by(seat.role)
            review.give_opinion(self.round, by=by, decision="feasible", seat=seat.role)
        if self.round.manager_decides and self.order.state == Order.State.IN_REVIEW:
            review.decide(self.round, by=self.by("gm"), decision="passed")

    @step
    def quoted(self, *, prices: list[dict[str, Any]] | None = None, reason: str = "") -> None:
        """The clerk quotes list prices (unless said otherwise), the leader approves what differs."""
        self.approved()
        if self.order.order_class == Order.OrderClass.NON_REGULAR:
            reason = reason or "按异型更改标准"
        offer = orders.quotation.create(
            by=self.by("sales_clerk"),
            order=self.order,
            valid_until=self.at.date() + timedelta(days=30),
            reason=reason,
            lines=prices or [],
        )
        if offer.deviates:
            orders.quotation.approve_deviation(offer, by=self.by("sales_leader"))
        orders.quotation.send(offer, by=self.by("sales_clerk"))

    @step
    def accepted(self) -> None:
        """The customer accepts the quotation."""
        self.quoted()
        orders.quotation.accept(self.quotation, by=self.by("sales_clerk"))

    @step
    def contracted(self, *, prepayment_percent: int = 30, **terms: Any) -> None:
        """The contract is drafted and sent to the customer."""
        self.accepted()
        orders.contract.create(
            by=self.by(self.maker), order=self.order, prepayment_percent=prepayment_percent, **terms
        )
        orders.contract.submit(self.contract, by=self.by(self.maker))

    @step
    def signed(self) -> None:
        """Both parties sign; with a prepayment the order still waits for it."""
        self.contracted()
        if self.order.is_important and not self.order.important_approved:
            orders.approve_important(self.order, by=self.by("senior_mgmt"), opinion="同意")
        orders.contract.record_customer_signature(
            self.contract,
            by=self.by(self.maker),
            signer=self.signer,
            signed_on=self.at.date(),
            file=self.scan("客户回签购销单.pdf"),
        )
        orders.contract.countersign(self.contract, by=self.by(self.maker))

    @step
    def effective(self) -> None:
        """The prepayment comes in, if one is asked: the order takes effect."""
        self.signed()
        if self.order.state == Order.State.SIGNED:
            self.pay(self.contract.prepayment)

    def pay(self, amount: Decimal | int, **later: float) -> Payment:
        """Finance books money of the customer."""
        by = self.by("finance", **later)
        made = orders.payment.create(by=by, order=self.order, amount=amount, received_on=by.at.date())
        return orders.payment.record(made, by=by)

    def settle(self) -> None:
        """The whole contract is invoiced and what is left of it is paid."""
        made = aftersales.invoice.create(by=self.by("salesperson"), order=self.order)
        made = aftersales.invoice.issue(made, by=self.by("finance"))
        aftersales.invoice.send(made, by=self.by("finance"))
        if left := queries.unpaid(self.order):
            self.pay(left)

    # -- production: instruction, plan, work orders -------------------------------------------------

    @step
    def instructed(self) -> None:
        """Sales hands the order over to production."""
        self.effective()
        production.instruction.issue(self.instruction, by=self.by(self.maker))

    @step
    def acknowledged(self) -> None:
        """The production manager takes the instruction over."""
        self.instructed()
        production.instruction.acknowledge(self.instruction, by=self.by("prod_mgr"))

    @step
    def drafted(self, *, tasks: list[dict[str, Any]] | None = None, **head: Any) -> None:
        """The planner breaks the order down into tasks."""
        self.instructed()
        if self.order.order_class == Order.OrderClass.NON_REGULAR:
            seats = ["technical", "workshop", "purchasing"]
            head = {"meeting_on": self.at.date(), "meeting_attendees": seats, **head}
        production.plan.create(
            by=self.by(self.planner),
            order=self.order,
            lines=tasks or self.usual_tasks(),
            **{"stock_checked": True, **head},
        )

    @step
    def planned(self) -> None:
        """The plan is issued: tasks, work orders, needs and packaging stand."""
        self.drafted()
        production.plan.issue(self.plan, by=self.by(self.planner))

    @step
    def released(self) -> None:
        """The material controller releases every work order."""
        self.planned()
        for work_order in self.work_orders:
            production.work_order.release(work_order, by=self.by("mat_controller"))

    def make(self, work_order: WorkOrder, **said: Any) -> WorkOrder:
        """A work order that has its material is made and sent to inspection."""
        if work_order.state == WorkOrder.State.KITTED:
            work_order = production.work_order.start(work_order, by=self.by("team_leader"))
        verbs = production.work_order
        verbs.sign_operation(work_order, by=self.by("assembler"), operation="装配", self_check=True)
        work_order = verbs.report_assembled(work_order, by=self.by("team_leader"))
        return verbs.submit_inspection(work_order, by=self.by("team_leader"), **said)

    @step
    def packed(self) -> None:
        """What has passed is packed: nothing is left out of the box."""
        packing, verbs = self.packaging, production.packaging
        if packing.state == Packaging.State.PLANNED:
            packing = verbs.notify(packing, by=self.by("prod_mgr"))
        packing = verbs.start(packing, by=self.by("packer"))
        checklist = {"has_accessories": True, "has_documents": True, "has_labels": True}
        verbs.confirm_packed(packing, by=self.by("packer"), **checklist)

    def usual_tasks(self) -> list[dict[str, Any]]:
        """Purchase, production, assembly, inspection and packaging, one after the other."""
        work = [
            ("purchase", "PURCH", date(2026, 3, 3), date(2026, 4, 10)),
            ("produce", "SHOP", date(2026, 4, 13), date(2026, 5, 8)),
            ("assemble", "SHOP", date(2026, 5, 11), date(2026, 6, 5)),
            ("inspect", "QC", date(2026, 6, 8), date(2026, 6, 12)),
            ("pack", "PROD", date(2026, 6, 15), date(2026, 6, 17)),
        ]
        return [
            {"kind": kind, "department": self.department(code), "start_on": start, "finish_on": finish}
            for kind, code, start, finish in work
        ]

    def department(self, code: str, company: Company | None = None) -> Department:
        """A department of the order's company (or of another)."""
        return Department.objects.select_related("company").get(company=company or self.company, code=code)
