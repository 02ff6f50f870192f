"""The pick list: prepared by one, checked by a second, issued whole or short as agreed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog import stock
from catalog.models import Lot, StockMove
from flow.events import By
from flow.invariants import violations
from flow.refusals import Denied, Invalid, Refused
from integration.models import Notice
from orders import actions as orders
from org.models import Membership
from org.roles import Role
from planning.models import Kind, OpenQuantity
from production.models import WorkOrder
from tests.people import SINCE
from tests.story import Story, scan
from warehouse import actions as warehouse
from warehouse.models import PickList

verbs = warehouse.pick_list
State = PickList.State
SHORT = {"agreed_short": True, "reason": "一台断路器晚到"}


@pytest.fixture
def part(story: Story) -> WorkOrder:
    """The work order of two frames, released; 25 kg of copper bar lie in the store."""
    story.with_material().released()
    return next(w for w in story.work_orders if not w.is_final)


def figures(pick_list: PickList) -> list[tuple[Decimal, Decimal, Decimal]]:
    """Needed, prepared and issued of every line."""
    return list(pick_list.lines.values_list("quantity", "prepared", "issued"))


def wanted(work_order: WorkOrder) -> dict[str, Decimal]:
    """What the ledger says the work order still wants."""
    rows = OpenQuantity.objects.filter(kind=Kind.DEPENDENT, source_id=work_order.pk, quantity__gt=0)
    return dict(rows.values_list("item__code", "quantity"))


@pytest.mark.rule("WHS-11")
def test_a_released_work_order_has_its_pick_list(story: Story, part: WorkOrder) -> None:
    pick_list = story.pick_list(part)
    assert (pick_list.state, pick_list.order, figures(pick_list)) == (
        State.CREATED,
        story.order,
        [(25, 0, 0)],
    )
    assert str(pick_list.number).startswith("LLKG2026-")


@pytest.mark.rule("WHS-12")
def test_storekeeper_prepares_picker_confirms(story: Story, part: WorkOrder) -> None:
    pick_list = story.pick_list(part)
    for who in (story.by("picker"), story.by("fg_keeper"), By(story.factory.stranger, story.at)):
        with pytest.raises(Denied):
            verbs.prepare(pick_list, by=who)
    with pytest.raises(Refused, match="not possible while"):
        verbs.confirm_issue(pick_list, by=story.by("picker"))
    pick_list = verbs.prepare(pick_list, by=story.by("storekeeper"))
    assert figures(pick_list) == [(25, 25, 0)]
    with pytest.raises(Denied, match="Material picker"):
        verbs.confirm_issue(pick_list, by=story.by("storekeeper"))
    issued = verbs.confirm_issue(pick_list, by=story.by("picker"))
    assert (issued.state, figures(issued)) == (State.ISSUED, [(25, 25, 25)])
    assert (story.again(part).state, story.again(part).is_short) == (WorkOrder.State.KITTED, False)
    assert wanted(part) == {}
    assert verbs.close(issued, by=story.by("storekeeper")).state == State.CLOSED
    assert not any(violations().values())


@pytest.mark.rule("WHS-12")
def test_nobody_checks_what_he_prepared_himself(story: Story, part: WorkOrder) -> None:
    keeper = story.by("storekeeper")
    Membership.objects.create(person=keeper.actor, role=Role.PICKER, company=story.company, starts_on=SINCE)
    pick_list = verbs.prepare(story.pick_list(part), by=keeper)
    with pytest.raises(Denied, match="a second person"):
        verbs.confirm_issue(pick_list, by=keeper)
    assert not StockMove.objects.filter(document_type=PickList.label()).exists()


@pytest.mark.rule("WHS-15", "SYS-12")
def test_only_qualified_lots_are_issued(story: Story, part: WorkOrder) -> None:
    Lot.objects.filter(item=story.factory.copper).update(status="to_inspect")
    pick_list = verbs.prepare(story.pick_list(part), by=story.by("storekeeper"))
    assert figures(pick_list) == [(25, 0, 0)]
    with pytest.raises(Refused, match="nothing to issue"):
        verbs.confirm_issue(pick_list, by=story.by("picker"), **SHORT)
    everything = [{"line": 1, "quantity": Decimal(25)}]
    with pytest.raises(Refused, match="needs 25, available 0"):
        verbs.confirm_issue(pick_list, by=story.by("picker"), lines=everything)


def test_the_own_orders_stock_goes_first_and_that_of_others_stays(story: Story) -> None:
    for receipt in story.arrived():
        assert receipt.pk
    story.materials_stocked()
    own = Lot.objects.get(item=story.factory.copper)
    story.factory.stocked(story.factory.copper, 100)
    story.released()
    part = next(w for w in story.work_orders if not w.is_final)
    story.pick(part)
    assert set(StockMove.objects.filter(document_type=PickList.label()).values_list("lot", flat=True)) == {
        own.pk
    }
    assert stock.available([story.factory.copper.pk]) == {story.factory.copper.pk: 100}


@pytest.mark.rule("WHS-13", "E-38")
def test_short_material_is_refused_unless_agreed_with_a_reason(story: Story) -> None:
    story.with_material(breakers=1).released()
    pick_list = verbs.prepare(story.pick_list(story.product), by=story.by("storekeeper"))
    assert figures(pick_list) == [(2, 1, 0), (2, 0, 0)]
    with pytest.raises(Refused, match="Material is missing") as refusal:
        verbs.confirm_issue(pick_list, by=story.by("picker"))
    assert "VS1-12 真空断路器: needs 2, available 1." in [str(r) for r in refusal.value.reasons]
    with pytest.raises(Invalid) as invalid:
        verbs.confirm_issue(pick_list, by=story.by("picker"), agreed_short=True)
    assert "reason" in invalid.value.errors
    assert story.product.state == WorkOrder.State.RELEASED


@pytest.mark.rule("WHS-13", "WHS-14", "PRD-73")
def test_what_was_issued_short_is_told_and_follows_on_a_further_list(story: Story) -> None:
    story.with_material(breakers=1).released()
    part = next(w for w in story.work_orders if not w.is_final)
    story.pick(part)
    story.inspect(story.make(story.again(part)))
    story.stow(*story.slips())
    assert story.pick(story.product, **SHORT).state == State.ISSUED_SHORT
    assert (story.product.state, story.product.is_short) == (WorkOrder.State.KITTED, True)
    assert wanted(story.product) == {"VS1-12": 1}
    told = Notice.objects.filter(title__contains="issued short").values_list("person__username", flat=True)
    assert set(told) == {"prod_mgr", "mat_controller", "team_leader"}
    further = story.pick_list(story.product)
    assert (further.is_supplement, figures(further)) == (True, [(1, 0, 0)])
    story.factory.stocked(story.factory.breaker, 1)
    assert story.pick(story.product).state == State.ISSUED
    assert (story.product.is_short, wanted(story.product)) == (False, {})
    assert not any(violations().values())


def test_more_than_needed_is_neither_prepared_nor_issued(story: Story, part: WorkOrder) -> None:
    pick_list = story.pick_list(part)
    more = [{"line": 1, "quantity": Decimal(26)}]
    with pytest.raises(Invalid) as refusal:
        verbs.prepare(pick_list, by=story.by("storekeeper"), lines=more)
    assert "Only 25 are needed" in str(refusal.value.lines[0]["quantity"])
    pick_list = verbs.prepare(pick_list, by=story.by("storekeeper"))
    with pytest.raises(Invalid):
        verbs.confirm_issue(pick_list, by=story.by("picker"), lines=more)
    with pytest.raises(Invalid, match="no line 7"):
        verbs.prepare(pick_list, by=story.by("storekeeper"), lines=[{"line": 7, "quantity": Decimal(1)}])


def test_the_picker_issues_what_he_counted(story: Story, part: WorkOrder) -> None:
    pick_list = verbs.prepare(story.pick_list(part), by=story.by("storekeeper"))
    counted = [{"line": pick_list.lines.get().pk, "quantity": Decimal("24.5")}]
    issued = verbs.confirm_issue(pick_list, by=story.by("picker"), lines=counted, **SHORT)
    assert (issued.state, figures(issued)) == (State.ISSUED_SHORT, [(25, 25, Decimal("24.5"))])
    assert stock.available([story.factory.copper.pk]) == {story.factory.copper.pk: Decimal("0.5")}


def test_a_cancelled_order_needs_no_material(story: Story, part: WorkOrder) -> None:
    orders.cancel(story.order, by=story.by("gm"), reason="客户取消", proof=scan())
    assert set(PickList.objects.values_list("state", flat=True)) == {State.CANCELLED}


@pytest.mark.rule("WHS-18")
def test_material_of_an_order_that_ended_comes_back(story: Story, part: WorkOrder) -> None:
    """Drawn, never begun, cancelled: it does not lie on the shop floor for ever, and comes back once."""
    drawn = story.pick(part)
    copper = story.factory.copper
    with pytest.raises(Refused, match="nothing to take back"):
        verbs.take_back(drawn, by=story.by("storekeeper"))
    assert stock.available([copper.pk], company=story.company) == {copper.pk: 0}
    orders.cancel(story.order, by=story.by("gm"), reason="终止", proof=scan())
    told = Notice.objects.filter(person=story.factory.person("storekeeper"), title__contains=drawn.number)
    assert told.count() == 1
    drawn = verbs.take_back(drawn, by=story.by("storekeeper"))
    assert (drawn.state, figures(drawn)) == (State.CLOSED, [(25, 25, 0)])
    assert stock.available([copper.pk], company=story.company) == {copper.pk: 25}
    with pytest.raises(Refused, match="nothing to take back"):
        verbs.take_back(drawn, by=story.by("storekeeper"))
    assert not any(violations().values())
