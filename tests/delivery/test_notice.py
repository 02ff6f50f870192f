"""The shipping notice: by the right desk, complete, paid as agreed, and never more than lies in stock."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from delivery import actions as delivery
from delivery.models import Shipment
from flow.events import By
from flow.invariants import violations
from flow.models import Event
from flow.refusals import Denied, Invalid, Refused
from integration.models import Notice
from orders import actions as orders
from orders import queries
from orders.models import Order, Stage
from tests.story import DELIVERY, Story, scan

State = Shipment.State


def lines(shipment: Shipment) -> list[tuple[int, Decimal]]:
    """Line and quantity of a notice."""
    return list(shipment.lines.values_list("order_line__position", "quantity"))


@pytest.mark.rule("DLV-02", "DLV-06", "E-31")
def test_the_order_desk_gives_the_notice_marketing_that_of_a_project(story: Story) -> None:
    story.effective()
    for who in (story.by("marketing"), story.by("sales_clerk"), By(story.factory.stranger, story.at)):
        with pytest.raises(Denied):
            delivery.create(by=who, order=story.order, planned_dispatch_on=DELIVERY, address="苏州")
    assert story.draft_shipment().state == State.DRAFT
    project = Story(story.factory)
    project.received(is_project=True, project_name="城南变电站").effective()
    with pytest.raises(Denied, match="Marketing"):
        delivery.create(
            by=story.by("order_desk"), order=project.order, planned_dispatch_on=DELIVERY, address="苏州"
        )
    shipment = project.draft_shipment()
    with pytest.raises(Denied):
        delivery.issue(shipment, by=story.by("order_desk"))


@pytest.mark.rule("DLV-01", "DLV-04")
def test_the_notice_says_when_where_and_how(story: Story) -> None:
    story.effective()
    head = {"by": story.by("order_desk"), "order": story.order}
    with pytest.raises(Invalid) as refusal:
        delivery.create(**head, planned_dispatch_on=DELIVERY)
    assert "no address on file" in str(refusal.value.errors["address"][0])
    customer = story.factory.customer
    customer.address, customer.contact, customer.phone = "苏州人民路 18 号", "王工", "0512-65100101"
    customer.save()
    shipment = delivery.create(**head, planned_dispatch_on=DELIVERY)
    assert (shipment.address, shipment.receiver, shipment.phone) == (
        "苏州人民路 18 号", "王工", "0512-65100101",
    )  # fmt: skip
    assert (shipment.method, shipment.arrival_on) == ("own_vehicle", story.order.delivery_on)


def test_days_that_cannot_be_are_refused(story: Story) -> None:
    story.effective()
    with pytest.raises(Invalid, match="passed already"):
        story.draft_shipment(planned_dispatch_on=date(2026, 3, 1))
    with pytest.raises(Invalid, match="before it is dispatched"):
        story.draft_shipment(planned_dispatch_on=DELIVERY, arrival_on=date(2026, 6, 1))


def test_nothing_is_shipped_of_an_order_that_is_not_effective(story: Story) -> None:
    story.signed()
    with pytest.raises(Refused, match="Signed, not yet effective"):
        story.draft_shipment()


@pytest.mark.rule("DLV-05", "DLV-19")
def test_never_more_than_ordered_is_on_the_notices(story: Story) -> None:
    story.effective()
    with pytest.raises(Invalid) as refusal:
        story.draft_shipment(3)
    assert "Only 2 of this line" in str(refusal.value.lines[0]["quantity"])
    assert lines(story.draft_shipment(1)) == [(1, 1)]
    with pytest.raises(Invalid):
        story.draft_shipment(2)
    assert lines(story.draft_shipment()) == [(1, 1)]
    with pytest.raises(Refused, match="on a shipping notice already"):
        story.draft_shipment()


def test_a_line_is_named_by_its_number_or_its_id_and_once(story: Story) -> None:
    item = {"item": story.factory.cabinet, "quantity": 2, "unit_price": 38000}
    Story(story.factory).received(lines=[item, item])
    story.received(lines=[item, item]).effective()
    first = story.lines[0]
    given = {"by": story.by("order_desk"), "order": story.order, "address": "苏州"}
    given["planned_dispatch_on"] = DELIVERY
    by_number = delivery.create(**given, lines=[{"line": 2, "quantity": Decimal(1)}])
    by_id = delivery.create(**given, lines=[{"line": first.pk, "quantity": Decimal(1)}])
    assert (lines(by_number), lines(by_id)) == ([(2, 1)], [(1, 1)])
    twice = [{"line": 1, "quantity": Decimal(1)}] * 2
    for wrong in (twice, [{"line": 99, "quantity": Decimal(1)}]):
        with pytest.raises(Invalid, match="no such line"):
            delivery.create(**given, lines=wrong)


def test_a_draft_is_edited_by_who_gives_it(story: Story) -> None:
    shipment = story.effective().draft_shipment(1)
    head = {"planned_dispatch_on": DELIVERY, "address": "无锡", "extras": "备件一箱"}
    with pytest.raises(Denied):
        delivery.edit(shipment, by=story.by("shipper"), **head)
    shipment = delivery.edit(shipment, by=story.by("order_desk"), **head)
    assert (shipment.address, shipment.extras, lines(shipment)) == ("无锡", "备件一箱", [(1, 1)])
    shipment = delivery.edit(
        shipment, by=story.by("order_desk"), **head, lines=[{"line": 1, "quantity": Decimal(2)}]
    )
    assert lines(shipment) == [(1, 2)]


@pytest.mark.rule("DLV-03", "DLV-05")
def test_only_what_lies_in_stock_is_notified(story: Story) -> None:
    shipment = story.effective().draft_shipment()
    with pytest.raises(Refused, match="2 to be shipped, 0 in stock"):
        delivery.issue(shipment, by=story.by("order_desk"))
    story.with_material().in_stock()
    issued = delivery.issue(shipment, by=story.by("order_desk"))
    assert issued.state == State.ISSUED
    assert issued.number.startswith("FHKG2026-")
    assert story.order.state == Order.State.SHIPPING
    assert story.order.tally[Stage.NOTIFIED] == {story.lines[0].pk: 2}
    told = Notice.objects.filter(title__contains="to be prepared").values_list("person__username", flat=True)
    assert set(told) == {"fg_keeper", "shipper", "ship_leader"}


@pytest.mark.rule("DLV-03", "E-32", "AFS-18")
def test_payment_before_shipping_is_waited_for(story: Story) -> None:
    story.contracted(payment_before_shipping=True)
    shipment = story.with_material().in_stock().draft_shipment()
    with pytest.raises(Refused, match="payment before shipping"):
        delivery.issue(shipment, by=story.by("order_desk"))
    story.pay(story.contract.amount - story.contract.prepayment)
    assert delivery.issue(shipment, by=story.by("order_desk")).state == State.ISSUED


@pytest.mark.rule("DLV-03", "E-32")
def test_or_a_leader_releases_it_with_a_reason(story: Story) -> None:
    story.contracted(payment_before_shipping=True)
    shipment = story.with_material().in_stock().draft_shipment()
    for role in ("order_desk", "salesperson", "fg_keeper"):
        with pytest.raises(Denied):
            delivery.release_payment(shipment, by=story.by(role), reason="老客户")
    delivery.release_payment(shipment, by=story.by("sales_leader"), reason="老客户,月结")
    assert delivery.issue(shipment, by=story.by("order_desk")).payment_release == "老客户,月结"


def test_there_is_nothing_to_release_where_nothing_is_asked(story: Story) -> None:
    shipment = story.effective().draft_shipment()
    with pytest.raises(Refused, match="nothing to release"):
        delivery.release_payment(shipment, by=story.by("gm"), reason="急")


def test_an_order_on_hold_is_not_shipped(stocked: Story) -> None:
    shipment = stocked.draft_shipment()
    Order.objects.filter(pk=stocked.order.pk).update(change_hold=True)
    with pytest.raises(Refused, match="on hold"):
        delivery.issue(shipment, by=stocked.by("order_desk"))


def test_a_cancelled_shipment_frees_its_quantities(stocked: Story) -> None:
    shipment = stocked.notified()
    with pytest.raises(Denied):
        delivery.cancel(shipment, by=stocked.by("shipper"), reason="客户改期")
    assert delivery.cancel(shipment, by=stocked.by("order_desk"), reason="客户改期").state == State.CANCELLED
    assert stocked.order.tally[Stage.NOTIFIED] == {stocked.lines[0].pk: 0}
    assert stocked.order.state == Order.State.SHIPPING
    stocked.receipted(stocked.dispatched(stocked.notified()))
    assert stocked.order.state == Order.State.AFTER_SALES
    assert not any(violations().values())


def test_a_cancelled_order_cancels_its_shipments(stocked: Story) -> None:
    issued, draft = stocked.notified(1), stocked.draft_shipment()
    orders.cancel(stocked.order, by=stocked.by("gm"), reason="客户取消", proof=scan())
    states = Shipment.objects.filter(pk__in=[issued.pk, draft.pk]).values_list("state", flat=True)
    assert set(states) == {State.CANCELLED}
    assert not any(violations().values())


def test_an_order_whose_goods_have_left_is_not_cancelled(stocked: Story) -> None:
    stocked.notified(1)
    stocked.dispatched(Shipment.objects.get())
    stocked.notified(1)
    assert stocked.order.state == Order.State.SHIPPING
    with pytest.raises(Refused, match="has left the house"):
        orders.cancel(stocked.order, by=stocked.by("gm"), reason="客户取消", proof=scan())


@pytest.mark.rule("DLV-03", "E-32")
def test_a_release_counts_for_the_notice_as_it_was(story: Story) -> None:
    """Changed afterwards, it is released again; what is unpaid is told to nobody beside it."""
    story.with_material().contracted(payment_before_shipping=True).in_stock()
    shipment = story.draft_shipment(1)
    shipment = delivery.release_payment(shipment, by=story.by("sales_leader"), reason="老客户")
    event = Event.objects.get(verb="delivery.shipment.release_payment")
    assert event.data == {"reason": "老客户"}
    shipment = delivery.edit(
        shipment,
        by=story.by("order_desk"),
        planned_dispatch_on=shipment.planned_dispatch_on,
        address="常州路 2 号",
        lines=[{"line": 1, "quantity": Decimal(2)}],
    )
    assert shipment.payment_release == ""
    with pytest.raises(Refused, match="payment before shipping"):
        delivery.issue(shipment, by=story.by("order_desk"))


@pytest.mark.rule("DLV-03", "DLV-05")
def test_goods_do_not_leave_on_a_payment_that_was_taken_back(story: Story) -> None:
    story.with_material().contracted(payment_before_shipping=True).in_stock()
    paid = story.pay(queries.unpaid(story.order))
    shipment = delivery.prepare(story.notified(), by=story.by("fg_keeper"))
    orders.payment.reverse(paid, by=story.by("finance"), reason="支票退回")
    with pytest.raises(Refused, match="payment before shipping"):
        delivery.dispatch(shipment, by=story.by("shipper"))
