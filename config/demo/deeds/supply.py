"""What is done until an order is made: bought, received, inspected, issued to the shop floor, assembled."""

from __future__ import annotations

from typing import Any

from catalog.models import Supplier
from config.demo.deeds.front import Front
from procurement import actions as procurement
from procurement.models import PurchaseOrder, Receipt, Requisition, RequisitionLine
from production import actions as production
from production.models import WorkOrder
from quality import actions as quality
from quality.models import Inspection
from warehouse import actions as warehouse
from warehouse.models import PickList, StockIn


class Supply(Front):
    """From the plan to products that are packed and in the store."""

    # -- bought ---------------------------------------------------------------------------------------

    @property
    def buys(self) -> bool:
        """Whether anything must be bought for the order."""
        return self.order.requisitions.exists()

    @property
    def purchases(self) -> list[PurchaseOrder]:
        """The purchase orders that buy for the order."""
        rows = PurchaseOrder.objects.filter(lines__requisition_line__requisition__order=self.order)
        return list(rows.select_related("company", "case", "supplier").distinct().order_by("pk"))

    def requested(self) -> Any:
        """The material controller asks for what must be bought."""
        return super().requested() if self.buys else self

    def ordered(self) -> list[PurchaseOrder]:
        """The buyer orders it, the leader approves."""
        if not self.buys:
            return []
        self.begin("purchase")
        return super().ordered()

    def order_from(self, supplier: Supplier, *lines: RequisitionLine, **said: Any) -> PurchaseOrder:
        """Everything comes on the same day."""
        return super().order_from(supplier, *lines, arrival_on=self.workdays(self.said.arrival + 1), **said)

    def supplier_confirmed(self) -> None:
        """The suppliers confirm the day; some send their paper."""
        self.last_task_accepted()
        for document in self.purchases:
            file = self.scan("供方确认回执.pdf") if self.luck.random() < 0.4 else None
            procurement.purchase_order.record_confirmation(document, by=self.by("buyer"), file=file)

    def supplier_called(self) -> None:
        """The buyer asks the suppliers when the goods really leave."""
        for document in self.purchases:
            said = {
                "party": f"{document.supplier.name} {document.supplier.contact}",
                "channel": "phone",
                "content": self.one_of("supplier"),
                "dispatch_on": self.workdays(self.said.arrival - 1),
            }
            procurement.purchase_order.log_supplier_contact(document, by=self.by("buyer"), **said)

    def goods_arrived(self) -> None:
        """What was bought is at the gate; the keeper counts it and hands it to quality."""
        for document in self.purchases:
            self.handed_over(self.delivered(document))

    def handed_over(self, receipt: Receipt) -> Receipt:
        """A delivery is counted, taken over and handed to quality."""
        received = procurement.receipt.receive(receipt, by=self.by("storekeeper"))
        return procurement.receipt.send_to_inspection(received, by=self.by("storekeeper"))

    def goods_inspected(self) -> None:
        """The inspector judges what came."""
        rows = Inspection.objects.filter(receipt__purchase_order__in=self.purchases)
        for one in rows.filter(state=Inspection.State.REQUESTED).select_related("company", "case"):
            begun = quality.start(one, by=self.by("inspector"))
            quality.pass_(begun, by=self.by("inspector"), result=self.one_of("results"))

    def materials_stocked(self) -> Any:
        """What passed is put away; the purchase is done."""
        super().materials_stocked()
        if self.buys:
            self.finish("purchase")
            if self.requisition.state == Requisition.State.CONVERTED:
                procurement.requisition.close(self.requisition, by=self.by("mat_controller"))
        return self

    # -- made -----------------------------------------------------------------------------------------

    def work_released(self) -> None:
        """The material controller releases the work orders."""
        self.released()
        self.begin("produce")

    def drawn(self, work_order: WorkOrder, **said: Any) -> PickList:
        """The material of a work order is issued and its list filed."""
        issued = self.pick(work_order, **said)
        return warehouse.pick_list.close(issued, by=self.by("storekeeper"))

    def parts_started(self) -> None:
        """The parts that are made first are begun."""
        for work_order in self._parts():
            self.drawn(work_order)
            production.work_order.start(self.again(work_order), by=self.by("team_leader"))

    def parts_made(self) -> None:
        """They are made, pass, and lie in the store."""
        for work_order in self._parts():
            self.inspect(self.make(self.again(work_order)))
            self.stow(*self.slips(inspection__work_order=work_order))
        self.finish("produce")

    def product_started(self) -> None:
        """The products get their material and are begun."""
        self.begin("assemble")
        for work_order in self._products():
            self.drawn(work_order)
            production.work_order.start(self.again(work_order), by=self.by("team_leader"))

    def product_submitted(self) -> None:
        """The products are assembled and sent to inspection."""
        for work_order in self._products():
            self.make(self.again(work_order))
        self.finish("assemble")

    def product_passed(self) -> None:
        """They pass."""
        self.begin("inspect")
        for work_order in self._products():
            self.inspect(work_order, result=self.one_of("results"))
        self.finish("inspect")

    def boxed(self) -> None:
        """They are packed."""
        self.packed()
        self.finish("pack")

    def products_stocked(self) -> None:
        """They lie in the finished goods store."""
        for slip in self.slips(kind=StockIn.Kind.FINISHED):
            self.stow(slip)

    def _parts(self) -> list[WorkOrder]:
        return [work_order for work_order in self.work_orders if not work_order.is_final]

    def _products(self) -> list[WorkOrder]:
        return [work_order for work_order in self.work_orders if work_order.is_final]
