"""The shipment on its way: prepared, dispatched or delayed, and both receipts brought back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from aftersales.models import Ticket
from catalog import stock
from catalog.models import StockMove
from delivery import actions as delivery
from delivery.models import Shipment
from flow import papers
from flow.events import By
from flow.invariants import violations
from flow.refusals import Denied, Invalid, Refused
from integration.models import Notice
from orders import actions as orders
from orders.models import Order, Stage
from tests.story import Story, call, scan
from warehouse.models import PickList

State = Shipment.State


@pytest.fixture
def issued(stocked: Story) -> Shipment:
    """The notice of both cabinets."""
    return stocked.notified()


@pytest.fixture
def gone(stocked: Story, issued: Shipment) -> Shipment:
    """Both cabinets have left."""
    return stocked.dispatched(issued)


@pytest.mark.rule("DLV-20", "DLV-08")
def test_nothing_leaves_before_notice_and_preparation(stocked: Story) -> None:
    draft = stocked.draft_shipment()
    with pytest.raises(Refused, match="not possible while"):
        delivery.dispatch(draft, by=stocked.by("shipper"))
    issued = delivery.issue(draft, by=stocked.by("order_desk"))
    with pytest.raises(Refused, match="not possible while"):
        delivery.dispatch(issued, by=stocked.by("shipper"))
    for who in (stocked.by("shipper"), stocked.by("storekeeper"), By(stocked.factory.stranger, stocked.at)):
        with pytest.raises(Denied):
            delivery.prepare(issued, by=who)
    prepared = delivery.prepare(issued, by=stocked.by("fg_keeper"), boxes=4)
    assert (prepared.state, prepared.boxes, prepared.goods_prepared) == (State.PREPARED, 4, True)


@pytest.mark.rule("DLV-11", "WHS-10")
def test_the_shipper_dispatches_and_the_goods_leave_the_stock(stocked: Story, issued: Shipment) -> None:
    prepared = delivery.prepare(issued, by=stocked.by("fg_keeper"))
    with pytest.raises(Denied, match="Shipper"):
        delivery.dispatch(prepared, by=stocked.by("order_desk"))
    gone = delivery.dispatch(prepared, by=stocked.by("shipper"), vehicle="苏E-12345")
    assert (gone.state, gone.dispatched_on, gone.vehicle) == (
        State.DISPATCHED,
        stocked.at.date(),
        "苏E-12345",
    )
    cabinet = stocked.factory.cabinet
    (level,) = stock.balances([cabinet.pk])
    assert (level.on_hand, level.reserved) == (0, 0)
    assert StockMove.objects.get(document_type=Shipment.label()).quantity == -2
    assert stocked.order.state == Order.State.SHIPPED
    assert not any(violations().values())


@pytest.mark.rule("DLV-05")
def test_goods_kept_for_others_do_not_leave(stocked: Story, issued: Shipment) -> None:
    prepared = delivery.prepare(issued, by=stocked.by("fg_keeper"))
    other = Story(stocked.factory)
    other.effective()
    stocked.factory.stocked(stocked.factory.cabinet, 2, kind="finished")
    orders.fulfil_from_stock(other.order, by=other.by("order_desk"))
    delivery.dispatch(prepared, by=stocked.by("shipper"))
    kept = stock.kept_for(Order.label(), [other.order.pk])[other.order.pk]
    assert kept == {stocked.factory.cabinet.pk: 2}


@pytest.mark.rule("DLV-10", "E-54")
def test_a_carrier_needs_the_reason_why_no_vehicle_of_ours(stocked: Story, issued: Shipment) -> None:
    prepared = delivery.prepare(issued, by=stocked.by("fg_keeper"))
    carrier = stocked.factory.carrier
    with pytest.raises(Invalid) as refusal:
        delivery.dispatch(prepared, by=stocked.by("shipper"), carrier=carrier)
    assert "no_vehicle_reason" in refusal.value.errors
    gone = delivery.dispatch(
        prepared, by=stocked.by("shipper"), carrier=carrier, no_vehicle_reason="车辆在外"
    )
    assert (gone.carrier, gone.method) == (carrier, "carrier")


def test_a_notice_that_asks_for_a_carrier_gets_one(stocked: Story) -> None:
    prepared = delivery.prepare(stocked.notified(method="carrier"), by=stocked.by("fg_keeper"))
    with pytest.raises(Invalid) as refusal:
        delivery.dispatch(prepared, by=stocked.by("shipper"))
    assert "carrier" in refusal.value.errors


@pytest.mark.rule("DLV-12")
def test_a_delay_is_reported_with_reason_and_day(stocked: Story, issued: Shipment) -> None:
    day = issued.planned_dispatch_on + timedelta(days=3)
    with pytest.raises(Denied):
        delivery.report_delay(issued, by=stocked.by("order_desk"), reason="车坏", expected_on=day)
    with pytest.raises(Invalid, match="passed already"):
        delivery.report_delay(issued, by=stocked.by("shipper"), reason="车坏", expected_on=date(2026, 3, 1))
    late = delivery.report_delay(issued, by=stocked.by("shipper"), reason="车坏", expected_on=day)
    assert (late.state, late.expected_on, late.delay_reason) == (State.DELAYED, day, "车坏")
    told = Notice.objects.filter(title__contains="delayed").values_list("person__username", flat=True)
    assert list(told) == ["order_desk"]
    with pytest.raises(Refused, match="not confirmed and labelled"):
        delivery.dispatch(late, by=stocked.by("shipper"))
    assert stocked.dispatched(late).state == State.DISPATCHED


def test_prepared_goods_that_were_delayed_leave_without_a_second_preparation(
    stocked: Story, issued: Shipment
) -> None:
    prepared = delivery.prepare(issued, by=stocked.by("fg_keeper"))
    late = delivery.report_delay(
        prepared, by=stocked.by("shipper"), reason="大雪封路", expected_on=date(2026, 7, 3)
    )
    assert late.arrival_on == date(2026, 7, 3)
    assert delivery.dispatch(late, by=stocked.by("shipper")).state == State.DISPATCHED


@pytest.mark.rule("DLV-11", "DLV-13", "DLV-15", "E-30")
def test_both_receipts_come_back_and_the_order_is_delivered(stocked: Story, gone: Shipment) -> None:
    assert "file" in delivery.record_carrier_receipt.form({}).errors
    with pytest.raises(Denied):
        delivery.record_carrier_receipt(gone, by=stocked.by("salesperson"), file=scan())
    told = delivery.record_carrier_receipt(gone, by=stocked.by("shipper"), file=scan("承运回执.pdf"))
    with pytest.raises(Refused, match="not possible while"):
        delivery.record_customer_receipt(told, by=stocked.by("salesperson"), file=scan())
    told = delivery.record_customer_told(told, by=stocked.by("sales_clerk"), **call("明日到货"))
    assert papers.contacts(told).get().content == "明日到货"
    urged = Notice.objects.filter(person=stocked.by("salesperson").actor, title__contains="bring back")
    assert urged.count() == 1
    with pytest.raises(Denied, match="Salesperson"):
        delivery.record_customer_receipt(told, by=stocked.by("sales_clerk"), file=scan())
    done = delivery.record_customer_receipt(
        told, by=stocked.by("salesperson"), file=scan("发货回执.pdf"), received_by="王工"
    )
    assert (done.state, done.received_by, done.received_on) == (
        State.CUSTOMER_RECEIPTED, "王工", stocked.at.date(),
    )  # fmt: skip
    assert papers.attached(done, "customer_receipt").get().name == "发货回执.pdf"
    assert stocked.order.state == Order.State.AFTER_SALES
    assert delivery.close(done, by=stocked.by("order_desk")).state == State.CLOSED
    assert not any(violations().values())


def test_it_is_not_received_before_it_left_nor_in_the_future(stocked: Story, gone: Shipment) -> None:
    gone = delivery.record_carrier_receipt(gone, by=stocked.by("shipper"), file=scan())
    gone = delivery.record_customer_told(gone, by=stocked.by("sales_clerk"), **call())
    for days in (-1, 1):
        with pytest.raises(Invalid) as refusal:
            delivery.record_customer_receipt(
                gone,
                by=stocked.by("salesperson"),
                file=scan(),
                received_on=stocked.at.date() + timedelta(days=days),
            )
        assert "received_on" in refusal.value.errors


@pytest.mark.rule("DLV-19")
def test_with_the_last_receipt_the_order_is_delivered(stocked: Story) -> None:
    first = stocked.dispatched(stocked.notified(1))
    stocked.receipted(stocked.dispatched(stocked.notified(1)))
    assert stocked.order.state == Order.State.SHIPPED
    assert stocked.order.tally[Stage.DELIVERED] == {stocked.lines[0].pk: 1}
    stocked.receipted(first)
    assert stocked.order.state == Order.State.AFTER_SALES


@pytest.fixture
def short(story: Story) -> Shipment:
    """A notice for cabinets of which one lacks its breaker."""
    story.with_material(breakers=1).released()
    part = next(w for w in story.work_orders if not w.is_final)
    story.pick(part)
    story.inspect(story.make(story.again(part)))
    story.stow(*story.slips())
    story.pick(story.product, agreed_short=True, reason="断路器晚到")
    story.short(story.product, "VS1-12 一台")
    story.in_stock()
    return delivery.prepare(story.notified(), by=story.by("fg_keeper"))


@pytest.mark.rule("DLV-14", "E-38")
def test_a_short_product_leaves_only_with_the_customers_consent(story: Story, short: Shipment) -> None:
    with pytest.raises(Refused, match="customer's consent"):
        delivery.dispatch(short, by=story.by("shipper"))
    with pytest.raises(Denied):
        delivery.record_consent(short, by=story.by("shipper"), missing_parts="断路器", consent_by="王工")
    short = delivery.record_consent(
        short, by=story.by("sales_clerk"), missing_parts="VS1-12 一台", consent_by="王工", proof=scan()
    )
    assert delivery.dispatch(short, by=story.by("shipper")).state == State.DISPATCHED
    ticket = Ticket.objects.get()
    assert (ticket.kind, ticket.problem, ticket.order) == ("missing_part", "VS1-12 一台", story.order)
    assert PickList.objects.filter(is_supplement=True, state=PickList.State.CREATED).exists()


@pytest.mark.rule("DLV-14", "E-38")
def test_or_when_the_missing_part_was_built_in(story: Story, short: Shipment) -> None:
    with pytest.raises(Refused, match="not issued yet"):
        delivery.record_made_good(short, by=story.by("prod_mgr"), made_good="断路器已装")
    story.factory.stocked(story.factory.breaker, 1)
    story.pick(story.product)
    with pytest.raises(Refused, match="customer's consent"):
        delivery.dispatch(short, by=story.by("shipper"))
    short = delivery.record_made_good(short, by=story.by("prod_mgr"), made_good="断路器已装")
    assert delivery.dispatch(short, by=story.by("shipper")).state == State.DISPATCHED
    assert not Ticket.objects.exists()
    assert not any(violations().values())


@pytest.mark.rule("ORD-15")
def test_an_order_fulfilled_from_stock_is_shipped_like_any_other(story: Story) -> None:
    story.effective()
    story.factory.stocked(story.factory.cabinet, 2, kind="finished")
    orders.fulfil_from_stock(story.order, by=story.by("order_desk"))
    story.receipted(story.dispatched(story.notified()))
    assert story.order.state == Order.State.AFTER_SALES
    assert not any(violations().values())
