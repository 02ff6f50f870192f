"""The part of the story that buyers, storekeepers and inspectors tell: what an order needs is bought."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from catalog.models import Item, Supplier
from config.demo.story.standing import Standing
from procurement import actions as procurement
from procurement.models import PurchaseOrder, Receipt, Requisition, RequisitionLine
from quality import actions as quality
from quality.models import Inspection


class Supply(Standing):
    """What is bought for the order of a story; a part of `Story`."""

    def planned(self) -> Any:
        """The plan is issued."""
        raise NotImplementedError

    @property
    def requisition(self) -> Requisition:
        """The newest requisition of the order."""
        rows = Requisition.objects.filter(order=self.order)
        return rows.select_related("company", "case").latest("pk")

    def needs(self, item: Item | None = None) -> list[RequisitionLine]:
        """The lines of the newest requisition, of one item if said."""
        rows = self.requisition.lines.select_related("requisition", "item")
        return list(rows.filter(item=item) if item else rows)

    def requested(self) -> Any:
        """The material controller submits what the plan must buy; it is approved in the same act."""
        self.planned()
        if self.requisition.state == Requisition.State.DRAFT:
            procurement.requisition.submit(self.requisition, by=self.by("mat_controller"))
        return self

    def order_from(self, supplier: Supplier, *lines: RequisitionLine, **said: Any) -> PurchaseOrder:
        """The buyer orders these lines from a supplier, wholly unless said otherwise."""
        rows = [{"requisition_line": line, **said} for line in lines]
        company = self.order.company
        return procurement.purchase_order.create(
            by=self.by("buyer"), company=company, supplier=supplier, lines=rows
        )

    def ordered(self) -> list[PurchaseOrder]:
        """Everything the order needs is ordered from the usual suppliers, approved and sent."""
        self.requested()
        by_supplier: dict[Supplier, list[RequisitionLine]] = {}
        for line in self.needs():
            supplier = line.item.suppliers.get(is_preferred=True).supplier
            by_supplier.setdefault(supplier, []).append(line)
        return [self.sent(self.order_from(supplier, *lines)) for supplier, lines in by_supplier.items()]

    def sent(self, document: PurchaseOrder) -> PurchaseOrder:
        """A drafted purchase order is submitted, approved by the leader and sent."""
        verbs = procurement.purchase_order
        document = verbs.submit(document, by=self.by("buyer"))
        document = verbs.approve(document, by=self.by("purch_leader"))
        return verbs.send(document, by=self.by("buyer"))

    def delivered(self, document: PurchaseOrder, *, note: str = "", **quantities: Any) -> Receipt:
        """All that a purchase order still lacks is at the gate (or so much of a line: `line_1=3`)."""
        lines = [
            {"line": line.pk, "quantity": Decimal(quantities.get(f"line_{line.position}", line.left))}
            for line in document.lines.all()
            if quantities.get(f"line_{line.position}", line.left)
        ]
        return procurement.receipt.create(
            by=self.by("storekeeper"),
            purchase_order=document,
            delivery_note=note or f"SH-{document.number}-{document.receipts.count() + 1}",
            lines=lines,
        )

    def handed_to_quality(self, receipt: Receipt) -> Inspection:
        """A delivery is counted, received and handed over; its inspection is begun."""
        verbs = procurement.receipt
        receipt = verbs.receive(receipt, by=self.by("storekeeper"))
        receipt = verbs.send_to_inspection(receipt, by=self.by("storekeeper"))
        return quality.start(receipt.inspections.get(), by=self.by("inspector"))

    def inspected(self, receipt: Receipt, **result: Any) -> Receipt:
        """A delivery at the gate is received and passes, in part if said: `qualified_quantity=9`."""
        quality.pass_(self.handed_to_quality(receipt), by=self.by("inspector"), **result)
        return Receipt.objects.select_related("company", "case").get(pk=receipt.pk)

    def arrived(self) -> list[Receipt]:
        """Everything the order needs was bought, came, and passed the incoming inspection."""
        return [self.inspected(self.delivered(document)) for document in self.ordered()]
