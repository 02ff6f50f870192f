"""What a supplier brings: counted against his note and the order, never usable before it is inspected."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from catalog import stock
from catalog.models import Balance, Lot
from flow.refusals import Denied, Invalid, Refused
from integration.models import Notice
from planning.models import Kind, OpenQuantity
from procurement import actions as procurement
from procurement.models import PurchaseOrder, Receipt
from tests.procurement.conftest import Two

pytestmark = pytest.mark.django_db
State = Receipt.State


def again(document: Any) -> Any:
    """The document as it stands now."""
    return type(document).objects.select_related("company", "case").get(pk=document.pk)


def lying(two: Two) -> dict[str, Decimal]:
    """How much copper lies in the area of goods to be inspected, by the status of its lot."""
    place = two.factory.location("quarantine")
    rows = Balance.objects.filter(item=two.factory.copper, location=place, quantity__gt=0)
    found: dict[str, Decimal] = {}
    for row in rows.select_related("lot"):
        assert row.lot is not None
        found[row.lot.status] = found.get(row.lot.status, Decimal()) + row.quantity
    return found


@pytest.fixture
def sent(two: Two) -> PurchaseOrder:
    """The copper of two orders, 25 kg each, ordered and sent."""
    return two.first.sent(two.bundled())


@pytest.mark.rule("WHS-01", "WHS-04", "SYS-12")
def test_what_is_received_waits_for_its_inspection_and_is_not_available(
    two: Two, sent: PurchaseOrder, sound: Callable[[], None]
) -> None:
    receipt = two.first.delivered(sent)
    assert (receipt.state, receipt.number, receipt.case_id) == (State.ARRIVED, "SLKG2026-0001", sent.case_id)
    assert lying(two) == {}
    receipt = procurement.receipt.receive(receipt, by=two.factory.by("storekeeper"))
    assert lying(two) == {Lot.Status.TO_INSPECT: 50}
    assert stock.available([two.factory.copper.pk], company=two.factory.kg) == {two.factory.copper.pk: 0}
    assert [row.lot.number for row in receipt.lines.all()] == ["SLKG2026-0001-1", "SLKG2026-0001-2"]
    assert again(sent).state == PurchaseOrder.State.RECEIVED
    on_order = OpenQuantity.objects.filter(item=two.factory.copper, kind=Kind.ON_ORDER)
    assert sum(row.quantity for row in on_order) == 50, "on order until it lies in the store"
    sound()


@pytest.mark.rule("WHS-02")
def test_the_delivery_note_is_the_only_voucher_and_counts_once(two: Two, sent: PurchaseOrder) -> None:
    by = two.factory.by("storekeeper")
    lines = [{"line": 1, "quantity": Decimal(10)}]
    with pytest.raises(Invalid, match="delivery note"):
        procurement.receipt.create(by=by, purchase_order=sent, delivery_note="  ", lines=lines)
    first = procurement.receipt.create(by=by, purchase_order=sent, delivery_note="SH-1", lines=lines)
    with pytest.raises(Invalid, match="registered already"):
        procurement.receipt.create(by=by, purchase_order=sent, delivery_note="SH-1 ", lines=lines)
    procurement.receipt.refuse(first, by=by, reason="单据不全")
    procurement.receipt.create(by=by, purchase_order=sent, delivery_note="SH-1", lines=lines)


@pytest.mark.rule("WHS-04", "PUR-38")
def test_more_than_is_on_order_is_refused_with_figures(
    two: Two, sent: PurchaseOrder, sound: Callable[[], None]
) -> None:
    first = two.first.delivered(sent, line_1=20, line_2=0)
    by = two.factory.by("storekeeper")
    procurement.receipt.receive(first, by=by)
    over = two.first.delivered(again(sent), line_1=6)
    with pytest.raises(Refused, match="6 came, but 20 of 25 are received already: 5 left"):
        procurement.receipt.receive(over, by=by)
    assert lying(two) == {Lot.Status.TO_INSPECT: 20}
    assert again(over).state == State.ARRIVED
    sound()


@pytest.mark.rule("WHS-04")
def test_what_is_not_on_the_order_is_not_registered(two: Two, sent: PurchaseOrder) -> None:
    by = two.factory.by("storekeeper")
    for lines in ([{"line": 99999, "quantity": Decimal(1)}], [{"line": 1, "quantity": Decimal(1)}] * 2):
        with pytest.raises(Invalid):
            procurement.receipt.create(by=by, purchase_order=sent, delivery_note="SH-2", lines=lines)
    with pytest.raises(Invalid, match="which lines"):
        procurement.receipt.create(by=by, purchase_order=sent, delivery_note="SH-2", lines=[])


def test_nothing_is_registered_for_an_order_that_was_not_sent(two: Two) -> None:
    with pytest.raises(Refused, match="nothing is delivered for it now"):
        two.first.delivered(two.bundled())


@pytest.mark.rule("WHS-03", "E-66")
def test_a_count_that_differs_from_the_note_is_no_receipt(two: Two, sent: PurchaseOrder) -> None:
    receipt = two.first.delivered(sent)
    by = two.factory.by("storekeeper")
    with pytest.raises(Refused, match="24 counted, 25 on the delivery note: refuse the delivery"):
        procurement.receipt.receive(receipt, by=by, lines=[{"line": 1, "quantity": Decimal(24)}])
    assert lying(two) == {}


@pytest.mark.rule("WHS-03", "PUR-37")
def test_a_refused_delivery_leaves_no_stock_and_tells_the_buyer(two: Two, sent: PurchaseOrder) -> None:
    receipt = procurement.receipt.refuse(
        two.first.delivered(sent), by=two.factory.by("storekeeper"), reason="包装破损"
    )
    assert (receipt.state, receipt.refusal) == (State.REFUSED, "包装破损")
    assert lying(two) == {}
    notice = Notice.objects.get(person=two.factory.person("buyer"), title__contains=receipt.number)
    assert notice.text == "包装破损"
    assert again(sent).state == PurchaseOrder.State.SENT, "the order stays open"


def test_only_the_storekeeper_receives(two: Two, sent: PurchaseOrder) -> None:
    receipt = two.first.delivered(sent)
    for role in ("buyer", "inspector", "fg_keeper"):
        with pytest.raises(Denied):
            procurement.receipt.receive(receipt, by=two.factory.by(role))


def test_a_delivery_in_parts_fills_the_order(
    two: Two, sent: PurchaseOrder, sound: Callable[[], None]
) -> None:
    two.first.inspected(two.first.delivered(sent, line_1=10, line_2=0))
    assert again(sent).state == PurchaseOrder.State.PARTIALLY_RECEIVED
    two.first.inspected(two.first.delivered(again(sent)))
    assert again(sent).state == PurchaseOrder.State.QUALIFIED
    assert [row.qualified for row in sent.lines.all()] == [25, 25]
    sound()


@pytest.mark.rule("PUR-32", "PUR-37", "QUA-16")
def test_what_failed_is_owed_again_and_goes_back(
    two: Two, sent: PurchaseOrder, sound: Callable[[], None]
) -> None:
    receipt = two.first.delivered(sent, line_2=0)
    receipt = two.first.inspected(receipt, qualified_quantity=Decimal("22.5"))
    assert receipt.state == State.INSPECTED
    assert lying(two) == {Lot.Status.QUALIFIED: Decimal("22.5"), Lot.Status.NONCONFORMING: Decimal("2.5")}
    line = sent.lines.get(position=1)
    assert (line.received, line.left) == (Decimal("22.5"), Decimal("2.5"))
    keeper = two.factory.by("storekeeper")
    receipt = procurement.receipt.return_goods(receipt, by=keeper, reason="划伤")
    assert receipt.state == State.INSPECTED, "what passed is still to be stocked"
    assert lying(two) == {Lot.Status.QUALIFIED: Decimal("22.5")}
    with pytest.raises(Refused, match="went back already"):
        procurement.receipt.return_goods(receipt, by=keeper, reason="划伤")
    two.first.inspected(two.first.delivered(again(sent)))
    assert again(sent).state == PurchaseOrder.State.QUALIFIED
    sound()


@pytest.mark.rule("PUR-37", "QUA-16")
def test_a_delivery_that_failed_wholly_goes_back_wholly(
    two: Two, sent: PurchaseOrder, sound: Callable[[], None]
) -> None:
    from quality import actions as quality

    receipt = two.first.delivered(sent)
    quality.fail(two.first.handed_to_quality(receipt), by=two.factory.by("inspector"), reason="材质不符")
    receipt = procurement.receipt.return_goods(
        again(receipt), by=two.factory.by("storekeeper"), reason="材质不符"
    )
    assert (receipt.state, lying(two)) == (State.RETURNED, {})
    document = again(sent)
    assert document.state == PurchaseOrder.State.PARTIALLY_RECEIVED
    document = procurement.purchase_order.cancel(document, by=two.factory.by("buyer"), reason="换供方")
    assert [line.left for line in two.copper] == [25, 25]
    sound()


def test_a_purchase_order_with_goods_in_the_house_is_not_cancelled(two: Two, sent: PurchaseOrder) -> None:
    two.first.delivered(sent)
    with pytest.raises(Refused, match="arrived already"):
        procurement.purchase_order.cancel(sent, by=two.factory.by("buyer"), reason="换供方")


def test_less_than_what_is_received_cannot_be_ordered(two: Two, sent: PurchaseOrder) -> None:
    said = {"reason": "够了", "agreed_with": "计划员"}
    buyer = two.factory.by("buyer")
    receipt = two.first.delivered(sent, line_1=20, line_2=0)
    with pytest.raises(Refused, match="at the gate"):
        procurement.purchase_order.reduce(sent, by=buyer, lines=[{"line": 1, "quantity": Decimal(5)}], **said)
    procurement.receipt.receive(receipt, by=two.factory.by("storekeeper"))
    with pytest.raises(Refused, match="20 are received already"):
        procurement.purchase_order.reduce(sent, by=buyer, lines=[{"line": 1, "quantity": Decimal(5)}], **said)
    lines = [{"line": 1, "quantity": Decimal(20)}, {"line": 2, "quantity": Decimal(0)}]
    document = procurement.purchase_order.reduce(sent, by=buyer, lines=lines, **said)
    assert document.state == PurchaseOrder.State.RECEIVED
