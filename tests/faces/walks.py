"""The walks that lead past every verb of the house, each on an order of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from aftersales import actions as aftersales
from config.demo.story.papers import call, scan
from deadlines import actions as duties
from deadlines.models import Duty
from delivery import actions as delivery
from flow import cases
from flow.events import By
from orders import actions as orders
from procurement import actions as procurement
from production import actions as production
from quality import actions as quality
from review import actions as review
from tests.story import DELIVERY, Story
from warehouse import actions as warehouse

LATER = DELIVERY + timedelta(days=30)
Walk = Callable[[Story], None]


def head(story: Story, **changed: Any) -> dict[str, Any]:
    """Head and lines of the order, as an edit takes them."""
    order = story.order
    rows = [{"item": line.item, "quantity": line.quantity + 1, "unit_price": 38000} for line in story.lines]
    known = {name: getattr(order, name) for name in ("customer", "channel", "delivery_on", "is_important")}
    return {**known, "lines": rows, **changed}


def talks(story: Story) -> None:
    """From the first word to the loss: edited, returned, postponed, half declined, conditional, lost."""
    story.received(is_important=True)
    orders.edit(story.order, by=story.by("sales_clerk"), **head(story))
    story.confirmed(order_class="non_regular").in_review()
    orders.refuse_important(story.order, by=story.by("senior_mgmt"), opinion="再议")
    orders.approve_important(story.order, by=story.by("senior_mgmt"), opinion="同意")
    review.return_for_rework(story.round, by=story.by("order_mgr"), reasons="参数不全")
    orders.confirm_requirements(
        story.order,
        by=story.by("sales_clerk"),
        order_class="non_regular",
        confirmed_with="王工",
        channel="phone",
    )
    orders.submit_review(story.order, by=story.by("sales_clerk"))
    opinions(story)
    review.decide(story.round, by=story.by("gm"), decision="infeasible", opinion="产能不足")
    postponed(story, LATER)
    opinions(story)
    review.decide(story.round, by=story.by("gm"), decision="infeasible", opinion="产能不足")
    day = LATER + timedelta(days=9)
    orders.start_postpone(story.order, by=story.by("sales_clerk"), proposed_on=day, reason="产能不足")
    orders.request_decline(story.order, by=story.by("sales_clerk"), **call("不能再等"))
    orders.refuse_decline(story.order, by=story.by("gm"), opinion="外协解决")
    opinions(story)
    review.decide(story.round, by=story.by("gm"), decision="conditional", conditions="分批交货")
    orders.agree_conditions(story.order, by=story.by("sales_clerk"), **call("同意分批"))
    until = story.at.date() + timedelta(days=20)
    clerk = story.by("sales_clerk")
    thrown = orders.quotation.create(by=clerk, order=story.order, valid_until=until, reason="异型", lines=[])
    orders.quotation.discard(thrown, by=clerk)
    offer = orders.quotation.create(by=clerk, order=story.order, valid_until=until, reason="异型", lines=[])
    offer = orders.quotation.send(offer, by=clerk)
    orders.quotation.refuse(offer, by=clerk, reason="价高")
    orders.mark_lost(story.order, by=clerk, reason="价高")


def declined(story: Story) -> None:
    """The customer cannot wait, the general manager lets the order go."""
    story.in_review()
    review.give_opinion(story.round, by=story.by("prod_mgr"), decision="infeasible", opinion="产能不足")
    review.decide(story.round, by=story.by("order_desk"), decision="infeasible", opinion="产能不足")
    orders.start_postpone(story.order, by=story.by("sales_clerk"), proposed_on=LATER, reason="产能不足")
    orders.request_decline(story.order, by=story.by("sales_clerk"), **call("不能等"))
    orders.approve_decline(story.order, by=story.by("gm"), opinion="同意")


def from_stock(story: Story) -> None:
    """What lies in the finished goods store is to be shipped: released before payment, then cancelled."""
    story.factory.stocked(story.factory.cabinet, 2, kind="finished")
    story.contracted(payment_before_shipping=True, prepayment_percent=0).effective()
    orders.fulfil_from_stock(story.order, by=story.by("order_desk"))
    shipment = story.draft_shipment()
    planned = shipment.planned_dispatch_on
    delivery.edit(
        shipment, by=story.by("order_desk"), planned_dispatch_on=planned, address="常州路 2 号", lines=[]
    )
    delivery.release_payment(shipment, by=story.by("sales_leader"), reason="老客户")
    delivery.issue(shipment, by=story.by("order_desk"))
    delivery.cancel(shipment, by=story.by("order_desk"), reason="改期")
    orders.cancel(story.order, by=story.by("gm"), reason="项目终止", proof=scan())


def given_up(story: Story) -> None:
    """The order ends when its material is drawn and nothing is made yet."""
    story.with_material().released()
    part = next(work_order for work_order in story.work_orders if not work_order.is_final)
    drawn = story.pick(part)
    orders.cancel(story.order, by=story.by("gm"), reason="项目终止", proof=scan())
    warehouse.pick_list.take_back(drawn, by=story.by("storekeeper"))


def bought(story: Story) -> None:
    """What suppliers bring, and all that may go wrong with it."""
    story.requested()
    clerks(story)
    spoilt(story)


def whole(story: Story) -> None:
    """From the first word to the archive."""
    story.approved()
    quoted(story)
    contracted(story)
    paid(story)
    instructed(story)
    tasks(story)
    story.arrived()
    settled(story)
    stored(story)
    story.made()
    story.in_stock()
    orders.replan_date(
        story.order,
        by=story.by("order_desk"),
        delivery_on=LATER,
        reason="客户土建延期",
        party="王工",
        channel="phone",
        agreement=scan(),
    )
    shipped(story)
    served(story)
    finished(story)


def duty(story: Story) -> None:
    """A periodic duty is done, another one is let off."""
    for number in (1, 2):
        with cases.transact():
            made = duties.open.follow(
                by=story.by("gm"),
                company=story.company,
                rule="walk",
                code="TM-10",
                title="巡检",
                role="prod_leader",
                period=f"2026-03-{number}",
                starts_at=story.at,
                ends_at=story.at + timedelta(hours=8),
            )
        one = Duty.objects.select_related("company", "case").get(pk=made.pk)
        if number == 1:
            duties.fulfil(one, by=story.by("prod_leader"), note="正常")
        else:
            duties.withdraw(one, by=story.by("gm"), reason="停产")


WALKS: tuple[Walk, ...] = (talks, declined, from_stock, bought, whole, given_up, duty)


# ---- parts of the walks ----


def opinions(story: Story) -> None:
    """Every seat of the round answers, feasible."""
    while seat := story.round.seats.filter(answered_at=None).exclude(opened_at=None).first():
        review.give_opinion(story.round, by=story.by(seat.role), decision="feasible", seat=seat.role)


def postponed(story: Story, day: date) -> None:
    """The customer agrees to a later day."""
    clerk = story.by("sales_clerk")
    orders.start_postpone(story.order, by=clerk, proposed_on=day, reason="产能不足")
    orders.postpone_agreed(story.order, by=clerk, delivery_on=day, **call("同意延期"))


def quoted(story: Story) -> None:
    """A price beside the list, explained, approved, sent and accepted."""
    clerk, until = story.by("sales_clerk"), story.at.date() + timedelta(days=20)
    lines = [{"line": 1, "unit_price": Decimal(37000)}]
    offer = orders.quotation.create(
        by=clerk, order=story.order, valid_until=until, reason="老客户", lines=lines
    )
    offer = orders.quotation.edit(offer, by=clerk, valid_until=until, reason="批量", lines=lines)
    offer = orders.quotation.approve_deviation(offer, by=story.by("sales_leader"))
    offer = orders.quotation.send(offer, by=clerk)
    orders.quotation.accept(offer, by=clerk)
    story.told |= {"quoted", "accepted"}


def contracted(story: Story) -> None:
    """The contract goes to the customer, comes back for a change, and is signed by both."""
    clerk, verbs = story.by("sales_clerk"), orders.contract
    made = verbs.create(by=clerk, order=story.order, prepayment_percent=Decimal(20))
    made = verbs.edit(made, by=clerk, prepayment_percent=Decimal(30), delivery_on=made.delivery_on)
    made = verbs.submit(made, by=clerk)
    made = verbs.withdraw(made, by=clerk)
    made = verbs.submit(made, by=clerk)
    day = story.at.date()
    made = verbs.record_customer_signature(made, by=clerk, signer="王工", signed_on=day, file=scan())
    verbs.countersign(made, by=clerk)
    story.told |= {"contracted", "signed"}


def paid(story: Story) -> None:
    """Money is booked, taken back, booked again; a draft is thrown away."""
    finance, verbs = story.by("finance"), orders.payment
    money = {"order": story.order, "received_on": story.at.date()}
    verbs.discard(verbs.create(by=finance, amount=Decimal(1), **money), by=finance)
    part = verbs.record(verbs.create(by=finance, amount=Decimal(100), **money), by=finance)
    verbs.reverse(part, by=finance, reason="记错")
    story.effective()


def instructed(story: Story) -> None:
    """The instruction is completed, issued, taken over; a plan is thrown away, another edited and issued."""
    line = story.lines[0]
    row = {"position": 1, "quantity": line.quantity, "delivery_on": line.delivery_on}
    production.instruction.edit(
        story.instruction, by=story.by("sales_clerk"), remark="户内", lines=[row], packing_requirement="木箱"
    )
    story.acknowledged().drafted()
    production.plan.discard(story.plan, by=story.by("prod_mgr"))
    story.told.discard("drafted")
    story.drafted()
    production.plan.edit(
        story.plan, by=story.by("prod_mgr"), stock_checked=True, lines=story.usual_tasks(), remark="第二版"
    )
    story.planned()


def tasks(story: Story) -> None:
    """One task is objected to, coordinated and ruled; one is done on the second attempt."""
    verbs, manager = production.task, story.by("prod_mgr")
    task = story.tasks["produce"]
    leader = By(task.department.leader, story.at)
    task = verbs.object(task, by=leader, proposed_on=task.finish_on + timedelta(days=3), reason="缺料")
    task = verbs.coordinate(task, by=manager, opinion="加班")
    verbs.rule(task, by=story.by("gm"), finish_on=task.finish_on, opinion="按期")
    task = story.tasks["purchase"]
    leader = By(task.department.leader, story.at)
    task = verbs.accept(task, by=leader)
    task = verbs.start(task, by=leader)
    task = verbs.report_done(task, by=leader, result="已订")
    task = verbs.refuse_done(task, by=manager, reason="缺铜排")
    task = verbs.report_done(task, by=leader, result="齐")
    verbs.confirm_done(task, by=manager)


def clerks(story: Story) -> None:
    """Requisitions by hand: edited, rejected, closed, withdrawn."""
    verbs = procurement.requisition
    controller, leader = story.by("mat_controller"), story.by("bu_leader")
    rows = [{"item": story.factory.copper, "quantity": Decimal(3), "due_on": date(2026, 5, 1)}]
    special = {"kind": "special", "reason": "试制", "lines": rows}
    made = verbs.create(by=controller, company=story.company, **special)
    made = verbs.edit(made, by=controller, **special)
    made = verbs.reject(verbs.submit(made, by=controller), by=leader, reason="改数量")
    made = verbs.approve(verbs.submit(made, by=controller), by=leader)
    verbs.close(made, by=controller, reason="不需要了")
    made = verbs.create(by=controller, company=story.company, **special)
    verbs.cancel(made, by=controller, reason="不需要了")


def spoilt(story: Story) -> None:
    """An order to a supplier is thrown away, changed, rejected, reduced, refused at the gate, found bad."""
    verbs, buyer, leader = procurement.purchase_order, story.by("buyer"), story.by("purch_leader")
    supplier, need = story.factory.copper_supplier, story.needs(story.factory.copper)[0]
    verbs.discard(story.order_from(supplier, need), by=buyer)
    made = story.order_from(supplier, need)
    rows = [{"requisition_line": need, "quantity": Decimal(20), "unit_price": Decimal(68)}]
    made = verbs.edit(made, by=buyer, supplier=supplier, terms="含税", lines=rows)
    made = verbs.reject(verbs.submit(made, by=buyer), by=leader, reason="价高")
    made = verbs.cancel(made, by=buyer, reason="换供应商")
    made = story.sent(story.order_from(supplier, need))
    made = verbs.record_confirmation(made, by=buyer, confirmed_on=date(2026, 4, 1), lines=[], file=scan())
    contact = {"party": "长江铜业", "channel": "phone", "content": "周一发货"}
    made = verbs.log_supplier_contact(made, by=buyer, dispatch_on=date(2026, 3, 30), lines=[], **contact)
    line = made.lines.get()
    less = [{"line": line.pk, "quantity": line.quantity - 5}]
    made = verbs.reduce(made, by=buyer, reason="供应商缺货", agreed_with="生产部", lines=less)
    procurement.receipt.refuse(story.delivered(made, note="SH-1"), by=story.by("storekeeper"), reason="破损")
    inspection = story.handed_to_quality(story.delivered(made, note="SH-2"))
    inspection = quality.fail(inspection, by=story.by("inspector"), reason="截面不足")
    procurement.receipt.return_goods(inspection.receipt, by=story.by("storekeeper"), reason="不合格")
    verbs.cancel(inspection.receipt.purchase_order, by=buyer, reason="换供应商")
    orders.cancel(story.order, by=story.by("gm"), reason="项目终止", proof=scan())


def settled(story: Story) -> None:
    """What was bought is put into stock, out again, in again; the suppliers are paid."""
    verbs, keeper = warehouse.stock_in, story.by("storekeeper")
    slip = story.stow(story.slips()[0])
    verbs.reverse(slip, by=keeper, reason="库位错")
    story.materials_stocked()
    receipt = slip.inspection.receipt
    assert receipt is not None
    made = procurement.purchase_order.settle(
        receipt.purchase_order, by=story.by("finance"), invoice_number="1", invoice_amount=Decimal(1)
    )
    procurement.purchase_order.close(made, by=story.by("buyer"))


def stored(story: Story) -> None:
    """The material of the part is drawn and the list is filed."""
    story.released()
    part = next(work_order for work_order in story.work_orders if not work_order.is_final)
    lists = story.pick(part)
    warehouse.pick_list.close(lists, by=story.by("storekeeper"))
    story.inspect(story.make(story.again(part)))
    story.stow(*story.slips(inspection__work_order=part))


def shipped(story: Story) -> None:
    """One shipment, delayed once, that a part is missing of at first, and every receipt."""
    shipper, clerk = story.by("shipper"), story.by("sales_clerk")
    shipment = story.notified()
    delivery.record_consent(shipment, by=clerk, missing_parts="备件一套", consent_by="王工")
    delivery.record_made_good(shipment, by=story.by("prod_mgr"), made_good="已补装")
    expected = story.at.date() + timedelta(days=3)
    shipment = delivery.report_delay(shipment, by=shipper, reason="大雨", expected_on=expected)
    shipment = story.receipted(story.dispatched(shipment))
    delivery.close(shipment, by=story.by("order_desk"))


def served(story: Story) -> None:
    """The missing part is served, a repair only at the second attempt."""
    verbs, leader, engineer = aftersales.ticket, story.by("service_leader"), story.by("service_eng")
    for open_ in story.order.tickets.select_related("company", "case"):
        story.served(open_)
    ticket = verbs.hand_over(story.ticket(), by=story.by("sales_clerk"), telephone_only=True)
    ticket = verbs.record_contact(ticket, by=leader, **call())
    ticket = verbs.solve(verbs.start(ticket, by=engineer), by=engineer, solution="更换仪表")
    ticket = verbs.reopen(ticket, by=leader, reason="又不亮")
    ticket = verbs.solve(ticket, by=engineer, solution="更换接线")
    verbs.close(verbs.confirm(ticket, by=leader, confirmed_by="王工"), by=leader)


def finished(story: Story) -> None:
    """Invoiced wrongly, rightly, paid, accepted, evaluated, archived."""
    verbs, finance, seller = aftersales.invoice, story.by("finance"), story.by("salesperson")
    verbs.discard(verbs.create(by=seller, order=story.order, amount=Decimal(5)), by=seller)
    wrong = verbs.issue(verbs.create(by=seller, order=story.order, amount=Decimal(9)), by=finance)
    verbs.credit(wrong, by=finance, reason="税号错")
    story.settle()
    story.completed()
    story.archived()
