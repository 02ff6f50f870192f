"""What happens beside the main line: sent back, put off, lost, short, failed, damaged, in parts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aftersales import actions as aftersales
from aftersales.models import Ticket
from config.demo.course import Chapter, chapter
from config.demo.deeds.delivery import Delivery
from delivery import actions as delivery
from delivery.models import Shipment
from orders import actions as orders
from orders.models import Order
from procurement import actions as procurement
from procurement.models import Receipt
from production import actions as production
from quality import actions as quality
from quality.models import Inspection
from review import actions as review
from warehouse import actions as warehouse

Tail = tuple[Chapter, ...]
SENT_BACK: Tail = (chapter(1, "sent_back"),)
POSTPONING: Tail = (chapter(1, "production_refuses", "chair_says_so +1", "postponement_asked +2"),)
AGREED: Tail = (*POSTPONING, chapter(2, "postponement_agreed"))
DECLINE_ASKED: Tail = (*POSTPONING, chapter(1, "decline_asked"))
DECLINED: Tail = (*DECLINE_ASKED, chapter(1, "declined"))
REQUOTED: Tail = (chapter(2, "quotation_refused", "quoted_again +3"),)
LOST: Tail = (*REQUOTED, chapter(4, "lost"))
CANCELLED: Tail = (chapter(2, "cancelled"),)
FROM_STOCK: Tail = (chapter(0, "taken_from_stock +1.2!"),)
OBJECTED: Tail = (chapter(0, "task_objected +0.5"),)
TO_APPROVE: Tail = (chapter(0, "purchase_drafted +1.5"),)
SOME_FAILED: Tail = (chapter(0, "some_failed +3!", "failed_returned +2"),)
SHORT: Tail = (chapter(1, "product_started_short"),)
SENT_TO_SHOP: Tail = (chapter(1, "product_failed"),)
NOTICE_DRAFT: Tail = (chapter(1, "notice_drafted"),)
HALF_GONE: Tail = (chapter(1, "half_notified"), chapter(2, "prepared", "sent_off +2"))
DELAYED: Tail = (chapter(1, "prepared", "shipment_delayed +2"),)
CALLED: Tail = (chapter(4, "service_called"),)
HANDED_OVER: Tail = (chapter(4, "service_called", "ticket_handed_over +0.5!"),)
CONTACTED: Tail = (chapter(4, "service_called", "ticket_handed_over +0.5!", "customer_contacted +0.9!"),)
SERVED: Tail = (
    *CONTACTED,
    chapter(1, "service_begun"),
    chapter(1, "problem_solved", "customer_satisfied +3"),
)


class Turns(Delivery):
    """The deeds of orders that did not go straight on."""

    # -- review and quotation -------------------------------------------------------------------------

    def sent_back(self) -> None:
        """The chair sends the order back to the clerk."""
        reasons = "图号与型号不一致, 请核对后重新提交"
        review.return_for_rework(self.round, by=self.by("order_desk"), reasons=reasons)

    def production_refuses(self) -> None:
        """Production cannot make the date."""
        review.give_opinion(self.round, by=self.by("order_desk"), decision="feasible", seat="order_desk")
        review.give_opinion(
            self.round,
            by=self.by("prod_mgr"),
            decision="infeasible",
            seat="prod_mgr",
            earliest_on=self.order.delivery_on + timedelta(days=20),
            opinion="装配线产能已排满",
        )

    def chair_says_so(self) -> None:
        """The chair states that the date is not possible."""
        review.decide(self.round, by=self.by("order_desk"), decision="infeasible", opinion="生产部无法按期")

    def postponement_asked(self) -> None:
        """Sales asks the customer to wait."""
        later = self.order.delivery_on + timedelta(days=20)
        orders.start_postpone(
            self.order, by=self.by("sales_clerk"), proposed_on=later, reason="装配线产能已排满"
        )

    def postponement_agreed(self) -> None:
        """The customer waits; the review goes on."""
        said = self.call("客户同意交期顺延二十天")
        later = self.order.delivery_on + timedelta(days=20)
        orders.postpone_agreed(self.order, by=self.by("sales_clerk"), delivery_on=later, **said)

    def decline_asked(self) -> None:
        """The customer cannot wait; the general manager is asked not to take the order."""
        said = self.call("客户工期已定, 无法延期")
        orders.request_decline(self.order, by=self.by("sales_clerk"), **said)

    def declined(self) -> None:
        """The general manager lets the order go."""
        orders.approve_decline(self.order, by=self.by("gm"), opinion="同意不接, 保持联系")

    def quotation_refused(self) -> None:
        """The customer finds it too dear."""
        reason = "客户反馈价格高于预算 4%"
        orders.quotation.refuse(self.quotation, by=self.by("sales_clerk"), reason=reason)

    def quoted_again(self) -> None:
        """A second version with a discount that the leader approves."""
        prices = [
            {"line": line.position, "unit_price": (line.unit_price * 96 / 100).quantize(line.unit_price)}
            for line in self.quotation.lines.order_by("position")
        ]
        offer = orders.quotation.create(
            by=self.by("sales_clerk"),
            order=self.order,
            valid_until=self.workdays(20),
            reason="第二轮报价, 让利 4%",
            lines=prices,
        )
        if offer.deviates:
            orders.quotation.approve_deviation(offer, by=self.by("sales_leader"))
        orders.quotation.send(offer, by=self.by("sales_clerk"))

    def lost(self) -> None:
        """Another manufacturer was cheaper."""
        orders.mark_lost(self.order, by=self.by("sales_clerk"), reason="客户选择了报价更低的厂家")

    def cancelled(self) -> None:
        """The customer's project was put off."""
        who = "sales_leader" if self.order.state in Order.UNSIGNED else "gm"
        proof = self.scan("取消函.pdf")
        orders.cancel(self.order, by=self.by(who), reason="用户项目缓建, 来函取消", proof=proof)

    def taken_from_stock(self) -> None:
        """The order desk finds it finished in the store."""
        orders.fulfil_from_stock(self.order, by=self.by("order_desk"))

    # -- plan, goods, shop floor ----------------------------------------------------------------------

    def task_objected(self) -> None:
        """The workshop says that its date is too near."""
        task = self.tasks["assemble"]
        reason = "同期两台箱变在装, 需顺延五天"
        later = task.finish_on + timedelta(days=5)
        production.task.object(task, by=self._leader(task), proposed_on=later, reason=reason)

    def purchase_drafted(self) -> None:
        """The buyer has written the purchase orders; they wait for the leader."""
        by_supplier: dict[Any, list[Any]] = {}
        for line in self.needs():
            supplier = line.item.suppliers.get(is_preferred=True).supplier
            by_supplier.setdefault(supplier, []).append(line)
        for supplier, lines in by_supplier.items():
            document = self.order_from(supplier, *lines)
            procurement.purchase_order.submit(document, by=self.by("buyer"))

    def some_failed(self) -> None:
        """A part of what came does not pass."""
        for one in Inspection.objects.filter(receipt__purchase_order__in=self.purchases, state="requested"):
            begun = quality.start(one, by=self.by("inspector"))
            lines = [
                {"line": line.position, "qualified_quantity": line.quantity * 3 // 4}
                for line in begun.lines.all()
                if line.quantity >= 4
            ]
            quality.pass_(begun, by=self.by("inspector"), lines=lines, result="部分绝缘件有气泡, 退回更换")

    def failed_returned(self) -> None:
        """What failed goes back."""
        rows = Receipt.objects.filter(purchase_order__in=self.purchases).select_related("company", "case")
        for receipt in rows:
            if any(line.failed for line in receipt.lines.all()):
                procurement.receipt.return_goods(receipt, by=self.by("storekeeper"), reason="绝缘件气泡")

    def product_started_short(self) -> None:
        """The product is begun although something is missing, as agreed."""
        product = self.product
        prepared = warehouse.pick_list.prepare(self.pick_list(product), by=self.by("storekeeper"))
        line = prepared.lines.filter(quantity__gte=2).order_by("position").first()
        less = [{"line": line.position, "quantity": line.quantity - 1}] if line else []
        said = {"agreed_short": True, "reason": "一只外观磕碰, 待补领"}
        warehouse.pick_list.confirm_issue(prepared, by=self.by("picker"), lines=less, **said)
        production.work_order.start(self.again(product), by=self.by("team_leader"))

    def product_failed(self) -> None:
        """The final inspection sends the product back to the shop floor."""
        inspection = self.product.inspections.select_related("company", "case").latest("pk")
        begun = quality.start(inspection, by=self.by("inspector"))
        quality.fail(begun, by=self.by("inspector"), reason="二次回路接线与图纸不符")

    # -- delivery -------------------------------------------------------------------------------------

    def half_notified(self) -> None:
        """One half goes first."""
        self.notice_issued(self.lines[0].quantity // 2)

    def shipment_delayed(self) -> None:
        """The vehicle does not come."""
        for shipment in self.shipments(Shipment.State.PREPARED):
            said = {"reason": "高速封路, 车辆无法到厂", "expected_on": self.workdays(2)}
            delivery.report_delay(shipment, by=self.by("shipper"), **said)

    # -- service --------------------------------------------------------------------------------------

    def service_called(self) -> Ticket:
        """The customer calls: something is to be seen to."""
        kind, problem = self.one_of("problems")
        file = self.scan("现场照片.png") if kind in ("repair", "damaged") else self.scan("客户来函.pdf")
        contact = {"contact": self.customer.contact, "phone": self.customer.phone}
        by = self.by("sales_clerk")
        said = {"kind": kind, "problem": problem, "demand": "请尽快安排", "file": file, **contact}
        return aftersales.ticket.create(by=by, order=self.order, item=self.lines[0].item, **said)

    @property
    def open_ticket(self) -> Ticket:
        """The newest ticket of the order."""
        return self.order.tickets.select_related("company", "case").latest("pk")

    def ticket_handed_over(self) -> None:
        """The clerk gives it to after-sales."""
        aftersales.ticket.hand_over(self.open_ticket, by=self.by("sales_clerk"))

    def customer_contacted(self) -> None:
        """After-sales calls the customer."""
        said = self.call("已约定到场时间, 请客户准备停电操作票")
        aftersales.ticket.record_contact(self.open_ticket, by=self.by("service_leader"), **said)

    def service_begun(self) -> None:
        """An engineer is there."""
        aftersales.ticket.start(self.open_ticket, by=self.by("service_eng"))

    def problem_solved(self) -> None:
        """It is mended."""
        found: dict[str, Any] = {"cause": "运输振动", "method": "现场维修", "power_on_checked": True}
        solution = self.one_of("solutions")
        aftersales.ticket.solve(self.open_ticket, by=self.by("service_eng"), solution=solution, **found)

    def customer_satisfied(self) -> None:
        """The customer says so; the ticket is closed."""
        said = {"confirmed_by": self.signer, "satisfaction": self.luck.choice((5, 4, 4))}
        done = aftersales.ticket.confirm(self.open_ticket, by=self.by("service_leader"), **said)
        aftersales.ticket.close(done, by=self.by("service_leader"))
