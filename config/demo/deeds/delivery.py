"""What is done until an order is archived: shipped, receipted, invoiced, paid, evaluated."""

from __future__ import annotations

from typing import Any

from aftersales import actions as aftersales
from aftersales.models import Invoice
from catalog.models import Carrier
from config.demo.deeds.supply import Supply
from delivery import actions as delivery
from delivery.models import Shipment
from orders import actions as orders
from orders import queries
from orders.models import Order
from procurement import actions as procurement
from procurement.models import PurchaseOrder


class Delivery(Supply):
    """From the store to the customer, his money, and the archive."""

    def shipments(self, *states: str) -> list[Shipment]:
        """The shipments of the order in these states."""
        rows = self.order.shipments.filter(state__in=states)
        return list(rows.select_related("company", "case").order_by("pk"))

    def notice_drafted(self, *quantities: Any) -> Shipment:
        """A notice for a dispatch in two working days."""
        address = {"address": self.customer.address, "planned_dispatch_on": self.workdays(2)}
        return self.draft_shipment(*quantities, **address)

    def notice_issued(self, *quantities: Any) -> None:
        """It is given out."""
        delivery.issue(self.notice_drafted(*quantities), by=self.by(self.sender))

    def prepared(self) -> None:
        """The keeper puts the goods ready."""
        for shipment in self.shipments(Shipment.State.ISSUED):
            delivery.prepare(shipment, by=self.by("fg_keeper"), boxes=self.luck.randint(1, 6))

    def sent_off(self) -> None:
        """They leave, by our own vehicle or by a carrier."""
        way: dict[str, Any] = {"vehicle": f"苏B{self.luck.randint(10000, 99999)}"}
        if self.luck.random() < 0.5:
            carrier = self.luck.choice(list(Carrier.objects.order_by("pk")))
            way |= {"carrier": carrier, "no_vehicle_reason": "自有车辆已派出, 委托承运"}
        for shipment in self.shipments(Shipment.State.PREPARED):
            delivery.dispatch(shipment, by=self.by("shipper"), **way)

    def carrier_signed(self) -> None:
        """The carrier's receipt comes in."""
        for shipment in self.shipments(Shipment.State.DISPATCHED):
            file = self.scan("承运签收单.pdf")
            delivery.record_carrier_receipt(shipment, by=self.by("shipper"), file=file)

    def customer_told(self) -> None:
        """The clerk tells the customer."""
        for shipment in self.shipments(Shipment.State.CARRIER_RECEIPTED):
            said = self.call(self.one_of("notice_calls"))
            delivery.record_customer_told(shipment, by=self.by("sales_clerk"), **said)

    def customer_signed_receipt(self) -> None:
        """The salesperson brings the signed receipt back."""
        for shipment in self.shipments(Shipment.State.CUSTOMER_TOLD):
            file = self.scan("发货回执.pdf")
            delivery.record_customer_receipt(shipment, by=self.by("salesperson"), file=file)

    def shipments_closed(self) -> None:
        """Nothing is left to do for them."""
        for shipment in self.shipments(Shipment.State.CUSTOMER_RECEIPTED):
            delivery.close(shipment, by=self.by(self.sender))

    # -- money and the end ----------------------------------------------------------------------------

    def invoice_asked(self) -> Invoice:
        """The salesperson asks for the invoice."""
        return aftersales.invoice.create(by=self.by("salesperson"), order=self.order)

    def invoice_sent(self) -> None:
        """Finance writes it and sends it, and settles with the suppliers."""
        for invoice in self.order.invoices.filter(state=Invoice.State.REQUESTED).order_by("pk"):
            number = f"{self.at:%y}3200{self.luck.randint(10_000_000, 99_999_999)}"
            file = self.scan("增值税专用发票.pdf")
            by = self.by("finance")
            issued = aftersales.invoice.issue(invoice, by=by, tax_number=number, file=file)
            aftersales.invoice.send(issued, by=self.by("finance"))
        for document in self.purchases:
            if document.state == PurchaseOrder.State.QUALIFIED:
                self._settle(document)

    def _settle(self, document: PurchaseOrder) -> None:
        settled = procurement.purchase_order.settle(
            document,
            by=self.by("finance"),
            invoice_number=f"{self.at:%y}3300{self.luck.randint(10_000_000, 99_999_999)}",
            invoice_amount=document.amount,
        )
        procurement.purchase_order.close(settled, by=self.by("buyer"))

    def balance_paid(self) -> None:
        """The customer pays what is left."""
        if left := queries.unpaid(self.order):
            self.pay(left)

    def completed(self) -> Order:
        """The customer accepts."""
        received = self.order.shipments.order_by("pk").last()
        return orders.complete(
            self.order,
            by=self.by("salesperson"),
            accepted_on=received.received_on if received else self.worktime.day_of(self.at),
            signer=self.signer,
            satisfaction=self.luck.choice((5, 5, 4, 4, 3)),
            acceptance=self.scan("验收单.pdf"),
        )

    def answered(self) -> None:
        """The departments say what they think of it."""
        roles = self.luck.sample(sorted(self.words["answers"]), 2)
        for role in roles:
            said = {
                "score": self.luck.choice((5, 4, 4, 3)),
                "proposal": self.luck.choice(self.words["answers"][role]),
            }
            orders.evaluation.answer(self.order.evaluation, by=self.by(role), **said)

    def evaluated(self) -> None:
        """The evaluator sums up."""
        orders.evaluation.finish(
            self.order.evaluation, by=self.by("evaluator"), summary=self.one_of("summaries")
        )

    def archived(self) -> Order:
        """The order goes into the archive."""
        return orders.close(self.order, by=self.by("sales_leader"))
