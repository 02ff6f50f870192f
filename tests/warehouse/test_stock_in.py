"""The stock-in slip: only what passed goes into stock, by its keeper, for the order it is for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog import stock
from catalog.models import Item, Location, Lot, StockMove
from flow.events import By
from flow.invariants import violations
from flow.refusals import Denied, Invalid, Refused
from orders import actions as orders
from orders.models import Order, Stage
from planning.models import Kind, OpenQuantity
from procurement.models import PurchaseOrder, Receipt
from production.models import WorkOrder
from tests.goods import Factory
from tests.story import Story, scan
from warehouse import actions as warehouse
from warehouse.models import StockIn

verbs = warehouse.stock_in
State = StockIn.State


def kept(story: Story) -> dict[str, Decimal]:
    """What is kept for the order of the story, by the code of the item."""
    found = stock.kept_for(Order.label(), [story.order.pk]).get(story.order.pk, {})
    codes = {
        item.pk: item.code for item in (story.factory.breaker, story.factory.copper, story.factory.cabinet)
    }
    return {codes.get(pk, str(pk)): quantity for pk, quantity in found.items()}


def lying(story: Story, item: Item, kind: str) -> Decimal:
    """What lies of the item in the company's store of that kind."""
    place = story.factory.location(kind, story.company)
    rows = StockMove.objects.filter(item=item, location=place)
    return sum((row.quantity for row in rows), Decimal())


def again(slip: StockIn) -> StockIn:
    """The slip as it stands now."""
    return StockIn.objects.select_related("company", "case").get(pk=slip.pk)


# -- bought material ----------------------------------------------------------------------------------


@pytest.fixture
def receipt(story: Story) -> Receipt:
    """Two breakers that passed; the copper is still to come."""
    documents = story.ordered()
    breakers = next(d for d in documents if d.supplier == story.factory.breaker_supplier)
    return story.inspected(story.delivered(breakers))


@pytest.mark.rule("WHS-06", "WHS-07", "E-21")
def test_the_storekeeper_puts_what_passed_into_the_material_store(story: Story, receipt: Receipt) -> None:
    (slip,) = story.slips()
    assert (slip.kind, slip.order, [line.quantity for line in slip.lines.all()]) == ("material", None, [2])
    for who in (story.by("fg_keeper"), story.by("buyer"), By(story.factory.stranger, story.at)):
        with pytest.raises(Denied):
            verbs.post(slip, by=who)
    breaker = story.factory.breaker
    assert stock.available([breaker.pk]) == {breaker.pk: 0}
    posted = verbs.post(slip, by=story.by("storekeeper"))
    assert posted.state == State.POSTED
    assert (lying(story, breaker, "raw"), lying(story, breaker, "quarantine")) == (2, 0)
    assert Receipt.objects.get(pk=receipt.pk).state == Receipt.State.STOCKED
    with pytest.raises(Refused, match="not possible while"):
        verbs.post(slip, by=story.by("storekeeper"))


@pytest.mark.rule("PUR-04", "WHS-07")
def test_it_is_kept_for_the_order_it_was_bought_for_and_no_longer_on_order(
    story: Story, receipt: Receipt
) -> None:
    on_order = OpenQuantity.objects.filter(kind=Kind.ON_ORDER, item=story.factory.breaker, quantity__gt=0)
    assert on_order.exists()
    story.materials_stocked()
    assert kept(story) == {"VS1-12": 2}
    assert not on_order.exists()
    assert stock.available([story.factory.breaker.pk]) == {story.factory.breaker.pk: 0}
    assert not any(violations().values())


@pytest.mark.rule("WHS-07", "QUA-02")
def test_only_the_qualified_quantity_goes_into_stock(story: Story) -> None:
    copper = next(d for d in story.ordered() if d.supplier == story.factory.copper_supplier)
    story.inspected(story.delivered(copper), qualified_quantity=Decimal(20))
    story.materials_stocked()
    assert lying(story, story.factory.copper, "raw") == 20
    assert lying(story, story.factory.copper, "quarantine") == 5
    assert kept(story) == {"COPPER-BAR": 20}
    assert {lot.status for lot in Lot.objects.filter(item=story.factory.copper)} == {
        "qualified", "nonconforming",
    }  # fmt: skip
    assert not any(violations().values())


def test_a_bundled_purchase_is_kept_for_each_of_its_orders(factory: Factory) -> None:
    one, two = Story(factory), Story(factory)
    one.requested()
    two.received(lines=[{"item": factory.cabinet, "quantity": 3, "unit_price": 38000}]).requested()
    lines = [*one.needs(factory.breaker), *two.needs(factory.breaker)]
    document = one.sent(one.order_from(factory.breaker_supplier, *lines))
    one.inspected(one.delivered(document))
    one.materials_stocked()
    assert (kept(one), kept(two)) == ({"VS1-12": 2}, {"VS1-12": 3})
    assert not any(violations().values())


def test_what_was_bought_for_a_cancelled_order_is_free(story: Story, receipt: Receipt) -> None:
    orders.cancel(story.order, by=story.by("gm"), reason="客户取消", proof=scan())
    story.materials_stocked()
    assert kept(story) == {}
    assert stock.available([story.factory.breaker.pk]) == {story.factory.breaker.pk: 2}


def test_what_is_kept_is_given_back_when_the_order_is_cancelled(story: Story, receipt: Receipt) -> None:
    story.materials_stocked()
    orders.cancel(story.order, by=story.by("gm"), reason="客户取消", proof=scan())
    assert stock.available([story.factory.breaker.pk]) == {story.factory.breaker.pk: 2}


@pytest.mark.rule("WHS-07")
def test_a_place_of_another_store_is_no_place_for_it(story: Story, receipt: Receipt) -> None:
    (slip,) = story.slips()
    for place in (story.factory.location("finished"), story.factory.location("raw", story.factory.hg)):
        with pytest.raises(Invalid) as refusal:
            verbs.post(slip, by=story.by("storekeeper"), location=place)
        assert "location" in refusal.value.errors
    raw = story.factory.location("raw")
    shelf = Location.objects.create(warehouse=raw.warehouse, code="02")
    form = verbs.post.form({"location": "KG-raw/02"})
    assert form.is_valid()
    assert verbs.post(slip, by=story.by("storekeeper"), **form.cleaned_data).location == shelf
    assert kept(story) == {"VS1-12": 2}


def test_a_reversed_slip_undoes_everything_and_opens_another(story: Story, receipt: Receipt) -> None:
    story.materials_stocked()
    (slip,) = StockIn.objects.filter(state=State.POSTED)
    with pytest.raises(Denied):
        verbs.reverse(slip, by=story.by("fg_keeper"), reason="点错")
    assert verbs.reverse(slip, by=story.by("storekeeper"), reason="点错").state == State.REVERSED
    breaker = story.factory.breaker
    assert (lying(story, breaker, "raw"), lying(story, breaker, "quarantine")) == (0, 2)
    assert kept(story) == {}
    assert Receipt.objects.get(pk=receipt.pk).state == Receipt.State.INSPECTED
    assert OpenQuantity.objects.filter(kind=Kind.ON_ORDER, item=breaker, quantity=2).exists()
    assert not any(violations().values())
    story.materials_stocked()
    assert kept(story) == {"VS1-12": 2}
    assert PurchaseOrder.objects.get(pk=receipt.purchase_order_id).lines.get().stocked == 2
    assert not any(violations().values())


def test_issued_goods_are_not_taken_back(story: Story, receipt: Receipt) -> None:
    story.materials_stocked()
    (slip,) = StockIn.objects.filter(state=State.POSTED)
    story.released()
    story.pick(story.product, agreed_short=True, reason="母线框架未到")
    with pytest.raises(Refused, match="needs 2, available 0"):
        verbs.reverse(slip, by=story.by("storekeeper"), reason="点错")
    assert again(slip).state == State.POSTED


# -- what is made in the house ---------------------------------------------------------------------------


@pytest.mark.rule("WHS-10", "PRD-21")
def test_finished_goods_go_into_stock_when_they_are_packed(story: Story) -> None:
    story.with_material().made()
    (slip,) = story.slips()
    assert (slip.kind, slip.order) == ("finished", story.order)
    with pytest.raises(Refused, match="not packed yet"):
        verbs.post(slip, by=story.by("fg_keeper"))
    story.packed()
    with pytest.raises(Denied, match="Finished goods keeper"):
        verbs.post(slip, by=story.by("storekeeper"))
    verbs.post(slip, by=story.by("fg_keeper"))
    assert lying(story, story.factory.cabinet, "finished") == 2
    assert kept(story) == {"KYN28A-12": 2}
    assert story.order.state == Order.State.STOCKED
    assert story.product.state == WorkOrder.State.COMPLETED
    assert not any(violations().values())


@pytest.mark.rule("WHS-15", "SYS-12")
def test_a_part_goes_into_the_material_store_and_is_kept_for_its_order(story: Story) -> None:
    story.with_material().released()
    part = next(w for w in story.work_orders if not w.is_final)
    story.pick(part)
    story.inspect(story.make(story.again(part)))
    (slip,) = story.slips()
    assert slip.kind == "semi_finished"
    story.stow(slip)
    assert lying(story, story.factory.frame, "raw") == 2
    assert stock.kept_for(Order.label(), [story.order.pk])[story.order.pk][story.factory.frame.pk] == 2
    assert story.again(part).state == WorkOrder.State.COMPLETED
    assert story.order.tally[Stage.STOCKED] == {}


def test_the_shop_floor_gives_up_the_material_as_the_product_goes_into_stock(story: Story) -> None:
    story.with_material().released()
    part = next(w for w in story.work_orders if not w.is_final)
    story.pick(part)
    copper = story.factory.copper
    assert (lying(story, copper, "raw"), lying(story, copper, "in_process")) == (0, 25)
    story.inspect(story.make(story.again(part)), qualified_quantity=1)
    first = story.stow(*story.slips())
    assert lying(story, copper, "in_process") == Decimal("12.5")
    verbs.reverse(first, by=story.by("storekeeper"), reason="点错")
    assert lying(story, copper, "in_process") == 25
    story.stow(*story.slips())
    story.inspect(story.make(story.again(part)))
    story.stow(*story.slips())
    assert lying(story, copper, "in_process") == 0
    assert lying(story, story.factory.frame, "raw") == 2
    assert not any(violations().values())


def test_finished_goods_may_be_taken_out_again_until_they_are_on_a_notice(story: Story) -> None:
    story.with_material().in_stock()
    (slip,) = StockIn.objects.filter(kind="finished")
    verbs.reverse(slip, by=story.by("fg_keeper"), reason="型号贴错")
    assert story.order.tally[Stage.STOCKED][story.lines[0].pk] == 0
    assert story.product.state == WorkOrder.State.PASSED
    for again_slip in story.slips():
        story.stow(again_slip)
    story.notified()
    (slip,) = StockIn.objects.filter(kind="finished", state=State.POSTED)
    with pytest.raises(Refused, match="on a shipping notice"):
        verbs.reverse(slip, by=story.by("fg_keeper"), reason="型号贴错")
    assert not any(violations().values())


def test_begun_work_of_a_cancelled_order_goes_into_free_stock_without_packaging(story: Story) -> None:
    story.with_material().released()
    part = next(w for w in story.work_orders if not w.is_final)
    story.pick(part)
    story.inspect(story.make(story.again(part)))
    story.stow(*story.slips())
    story.pick(story.product)
    story.make(story.product)
    orders.cancel(story.order, by=story.by("gm"), reason="客户取消", proof=scan())
    story.inspect(story.product)
    story.stow(*story.slips())
    assert stock.available([story.factory.cabinet.pk]) == {story.factory.cabinet.pk: 2}
    assert story.order.state == Order.State.CANCELLED
    assert not any(violations().values())


def test_the_orders_it_is_kept_for_are_locked_with_it(story: Story, receipt: Receipt) -> None:
    (slip,) = story.slips()
    assert slip.case != story.order.case
    assert verbs.post.cases(slip, {}) == verbs.reverse.cases(slip, {}) == {story.order.case_id}
