"""The part of the story that store, transport and after-sales tell: made, stocked, shipped, served, paid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q

from aftersales import actions as aftersales
from aftersales.models import Invoice, Ticket
from config.demo.story.standing import Standing
from delivery import actions as delivery
from delivery.models import Shipment
from orders import actions as orders
from orders.models import Order
from production import actions as production
from production.models import WorkOrder
from quality import actions as quality
from quality.models import Inspection
from warehouse import actions as warehouse
from warehouse.models import PickList, StockIn


class Store(Standing):
    """What happens to an order once its material is there; a part of `Story`."""

    def released(self) -> Any:
        """Every work order is released."""
        raise NotImplementedError

    def make(self, work_order: WorkOrder, **said: Any) -> WorkOrder:
        """A work order that has its material is made and sent to inspection."""
        raise NotImplementedError

    def packed(self) -> Any:
        """What has passed is packed."""
        raise NotImplementedError

    # -- the store ----------------------------------------------------------------------------------

    def slips(self, **said: Any) -> list[StockIn]:
        """The stock-in slips that wait to be posted for the order."""
        case = self.order.case
        rows = StockIn.objects.select_related("company", "case").filter(state=StockIn.State.DRAFT, **said)
        here = rows.filter(Q(case=case) | Q(case__serves__served=case))
        return list(here.distinct().order_by("pk"))

    def stow(self, slip: StockIn, **said: Any) -> StockIn:
        """A slip is posted by the keeper of its store."""
        keeper = "fg_keeper" if slip.kind == StockIn.Kind.FINISHED else "storekeeper"
        return warehouse.stock_in.post(slip, by=self.by(keeper), **said)

    def materials_stocked(self) -> Any:
        """Everything that was bought and passed is put into the material store."""
        for slip in self.slips(kind=StockIn.Kind.MATERIAL):
            self.stow(slip)
        return self

    def pick_list(self, work_order: WorkOrder) -> PickList:
        """The newest pick list of a work order."""
        return work_order.pick_lists.select_related("company", "case").latest("pk")

    def pick(self, work_order: WorkOrder, **said: Any) -> PickList:
        """The material of a work order is prepared by the keeper, checked by the picker and issued."""
        verbs = warehouse.pick_list
        prepared = verbs.prepare(self.pick_list(work_order), by=self.by("storekeeper"))
        return verbs.confirm_issue(prepared, by=self.by("picker"), **said)

    def inspect(self, work_order: WorkOrder, **result: Any) -> Inspection:
        """Finished work is inspected and passes, in part if said: `qualified_quantity=1`."""
        inspection = work_order.inspections.select_related("company", "case").latest("pk")
        inspection = quality.start(inspection, by=self.by("inspector"))
        return quality.pass_(inspection, by=self.by("inspector"), **result)

    def short(self, work_order: WorkOrder, owed: str) -> Inspection:
        """Work that lacks parts is made and passes; the card and the inspection name what is owed."""
        verbs = production.work_order
        started = verbs.start(self.again(work_order), by=self.by("team_leader"))
        verbs.sign_operation(
            started, by=self.by("assembler"), operation="装配", self_check=True, owed_material=owed
        )
        assembled = verbs.report_assembled(started, by=self.by("team_leader"))
        verbs.submit_inspection(assembled, by=self.by("team_leader"), missing_parts=owed)
        return self.inspect(work_order)

    def again(self, work_order: WorkOrder) -> WorkOrder:
        """The work order as it stands now."""
        return WorkOrder.objects.select_related("company", "case", "item").get(pk=work_order.pk)

    def made(self) -> Any:
        """Every work order is made and passes; the parts, which are made first, go into stock."""
        self.released()
        for work_order in sorted(self.work_orders, key=lambda w: w.is_final):
            if work_order.state != WorkOrder.State.RELEASED:
                continue
            self.pick(work_order)
            self.inspect(self.make(self.again(work_order)))
            if not work_order.is_final:
                self.stow(*self.slips(inspection__work_order=work_order))
        return self

    def in_stock(self) -> Any:
        """The products are packed and in the finished goods store."""
        self.released()
        self.released()
        if not self.slips(kind=StockIn.Kind.FINISHED):
            self.made()
        self.packed()
        for slip in self.slips(kind=StockIn.Kind.FINISHED):
            self.stow(slip)
        return self

    # -- delivery -----------------------------------------------------------------------------------

    def draft_shipment(self, *quantities: Any, **said: Any) -> Shipment:
        """A shipping notice is drafted: all that is left, or so much of each line."""
        lines = [{"line": n, "quantity": quantity} for n, quantity in enumerate(quantities, start=1)]
        head = {
            "planned_dispatch_on": self.at.date() + timedelta(days=2),
            "address": "苏州工业园区 1 号",
            **said,
        }
        return delivery.create(by=self.by(self.sender), order=self.order, lines=lines, **head)

    def notified(self, *quantities: Any, **said: Any) -> Shipment:
        """The notice is issued."""
        return delivery.issue(self.draft_shipment(*quantities, **said), by=self.by(self.sender))

    def dispatched(self, shipment: Shipment, **said: Any) -> Shipment:
        """The goods of an issued notice are prepared and leave by company vehicle."""
        shipment = delivery.prepare(shipment, by=self.by("fg_keeper"))
        return delivery.dispatch(shipment, by=self.by("shipper"), **said)

    def receipted(self, shipment: Shipment) -> Shipment:
        """The carrier signs, the customer is told, and signs too."""
        shipment = delivery.record_carrier_receipt(
            shipment, by=self.by("shipper"), file=self.scan("承运签收单.pdf")
        )
        shipment = delivery.record_customer_told(shipment, by=self.by("sales_clerk"), **self.call("已发货"))
        return delivery.record_customer_receipt(
            shipment, by=self.by("salesperson"), file=self.scan("发货回执.pdf")
        )

    def shipped(self) -> Any:
        """Everything is in stock and goes to the customer in one shipment, with every receipt."""
        self.in_stock()
        self.receipted(self.dispatched(self.notified()))
        return self

    @property
    def sender(self) -> str:
        """Who gives shipping notices: marketing for a project, else the order desk."""
        return "marketing" if self.order.is_project else "order_desk"

    # -- after-sales and collection -------------------------------------------------------------------

    def ticket(self, **said: Any) -> Ticket:
        """A customer's demand is registered."""
        given = {"kind": "repair", "problem": "仪表不显示", "order": self.order, **said}
        return aftersales.ticket.create(by=self.by("sales_clerk"), **given)

    def served(self, ticket: Ticket, **found: Any) -> Ticket:
        """A registered demand is handed over, the customer contacted, served and satisfied."""
        verbs, leader = aftersales.ticket, self.by("service_leader")
        ticket = verbs.hand_over(ticket, by=self.by("sales_clerk"), telephone_only=True)
        ticket = verbs.record_contact(ticket, by=leader, **self.call("明日到现场"))
        ticket = verbs.start(ticket, by=self.by("service_eng"))
        ticket = verbs.solve(ticket, by=self.by("service_eng"), solution="更换仪表", **found)
        ticket = verbs.confirm(ticket, by=leader, confirmed_by=self.signer, satisfaction=5)
        return verbs.close(ticket, by=leader)

    def invoiced(self, amount: Any = None) -> Invoice:
        """Sales asks for an invoice (of all that is left, unless said), finance issues and sends it."""
        invoice = aftersales.invoice.create(by=self.by("salesperson"), order=self.order, amount=amount)
        invoice = aftersales.invoice.issue(invoice, by=self.by("finance"))
        return aftersales.invoice.send(invoice, by=self.by("finance"))

    def completed(self) -> Order:
        """The customer accepts; the order is complete."""
        return orders.complete(
            self.order,
            by=self.by("salesperson"),
            accepted_on=self.at.date(),
            signer=self.signer,
            satisfaction=5,
        )

    def archived(self) -> Order:
        """A department answers, the evaluator sums up, the order is archived."""
        evaluation = self.order.evaluation
        orders.evaluation.answer(evaluation, by=self.by("prod_mgr"), score=4)
        orders.evaluation.finish(evaluation, by=self.by("evaluator"), summary="按期完成")
        return orders.close(self.order, by=self.by("sales_leader"))
