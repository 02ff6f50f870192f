"""The work order: released with its bill, made and signed for, inspected, put into stock."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import BomLine, Item
from catalog.stock import Subject
from flow.events import By
from flow.invariants import violations
from flow.models import Event, Signature
from flow.refusals import Denied, Invalid, Refused
from orders import actions as orders
from orders.models import Order, Stage
from planning.models import Kind, OpenQuantity
from production import actions as production
from production.models import WorkOrder
from tests.production.conftest import Follow, judged
from tests.story import Story, scan

State = WorkOrder.State
verbs = production.work_order


def again(work_order: WorkOrder) -> WorkOrder:
    return WorkOrder.objects.select_related("company", "case", "item").get(pk=work_order.pk)


def reached(story: Story, stage: str) -> Decimal:
    return sum(orders.progress.reached(story.order, stage).values(), Decimal())


def announced(work_order: WorkOrder) -> dict[tuple[str, str], Decimal]:
    """What the work order has open in the supply and demand ledger, by kind and item."""
    source = Subject.of(work_order)
    rows = OpenQuantity.objects.filter(source_type=source.type, source_id=source.id, quantity__gt=0)
    return {(row.kind, row.item.code): row.quantity for row in rows.select_related("item")}


@pytest.fixture
def submitted(story: Story, kitted: WorkOrder) -> WorkOrder:
    """Two cabinets with the inspector."""
    return story.make(kitted)


# -- release ----------------------------------------------------------------------------------------


@pytest.mark.rule("PRD-40", "PUR-05")
def test_the_material_controller_releases_and_the_order_procures(story: Story) -> None:
    story.planned()
    for role in ("prod_mgr", "team_leader", "planner"):
        with pytest.raises(Denied, match="Material controller"):
            verbs.release(story.product, by=story.by(role))
    with pytest.raises(Denied):
        verbs.release(story.product, by=By(story.factory.stranger, story.at))
    verbs.release(story.product, by=story.by("mat_controller"))
    assert story.product.state == State.RELEASED
    assert story.order.state == Order.State.PROCURING
    with pytest.raises(Refused, match="not possible while"):
        verbs.release(story.product, by=story.by("mat_controller"))


def test_only_the_first_material_action_counts_as_the_start_of_procurement(story: Story) -> None:
    story.released()
    assert orders.progress.reached(story.order, Stage.PROCURING) == {story.lines[0].pk: 2}


@pytest.mark.rule("PRD-60")
def test_nothing_is_released_without_an_issued_bill(story: Story) -> None:
    story.factory.cabinet.boms.update(state="draft", issued_by=None, issued_at=None)
    story.planned()
    with pytest.raises(Refused, match=r"KYN28A-12 .* has no issued bill"):
        verbs.release(story.product, by=story.by("mat_controller"))


@pytest.mark.rule("PRD-40")
def test_the_materials_are_those_of_the_bill_on_the_day_of_the_release(story: Story) -> None:
    story.planned()
    factory = story.factory
    assert {m.item.code: m.quantity for m in story.product.materials.all()} == {
        "VS1-12": 2,
        "BUSBAR-FRAME": 2,
    }
    bill = factory.bill(factory.cabinet, (factory.breaker, 1), (factory.frame, 2), (factory.wire, "0.3335"))
    BomLine.objects.filter(version=bill, component=factory.wire).update(scrap=Decimal("0.1"))
    verbs.release(story.product, by=story.by("mat_controller"))
    assert {m.item.code: m.quantity for m in story.product.materials.all()} == {
        "VS1-12": 2,
        "BUSBAR-FRAME": 4,
        "COPPER-WIRE": Decimal("0.734"),  # 2 × 0.3335 × 1.1, rounded up
    }
    assert story.product.bom == bill


def test_a_part_that_is_never_stored_is_replaced_by_what_it_consists_of(story: Story) -> None:
    Item.objects.filter(pk=story.factory.frame.pk).update(make_or_buy=Item.Source.PHANTOM)
    story.planned()
    assert {m.item.code: m.quantity for m in story.product.materials.all()} == {
        "VS1-12": 2,
        "COPPER-BAR": 25,
    }
    assert len(story.work_orders) == 1


def test_what_a_work_order_wants_and_gives_stands_in_the_ledger(story: Story, follow: Follow) -> None:
    story.planned()
    wanted = {(Kind.DEPENDENT, "VS1-12"): 2, (Kind.DEPENDENT, "BUSBAR-FRAME"): 2}
    assert announced(story.product) == {(Kind.PLANNED_MAKE, "KYN28A-12"): 2, **wanted}
    story.released()
    assert announced(story.product) == {(Kind.ON_MAKE, "KYN28A-12"): 2, **wanted}
    by, breaker = story.by("storekeeper"), story.factory.breaker
    follow(verbs.kit, story.product, by=by, short=True, owed={breaker.pk: Decimal(1)})
    assert announced(story.product) == {(Kind.ON_MAKE, "KYN28A-12"): 2, (Kind.DEPENDENT, "VS1-12"): 1}
    assert not any(violations().values())


# -- on the shop floor --------------------------------------------------------------------------------


@pytest.mark.rule("PRD-22")
def test_work_starts_with_its_material_by_the_team_leader(story: Story, follow: Follow) -> None:
    story.released()
    with pytest.raises(Refused, match="not possible while"):
        verbs.start(story.product, by=story.by("team_leader"))
    follow(verbs.kit, story.product, by=story.by("storekeeper"))
    with pytest.raises(Denied, match="Team leader"):
        verbs.start(story.product, by=story.by("assembler"))
    verbs.start(story.product, by=story.by("team_leader"))
    assert story.order.state == Order.State.PRODUCING
    assert reached(story, Stage.STARTED) == 2


@pytest.mark.rule("PRD-22")
def test_without_an_issued_plan_nothing_is_released_or_started(story: Story, follow: Follow) -> None:
    story.planned()
    follow(production.plan.cancel, story.plan, by=story.by("prod_mgr"))
    with pytest.raises(Refused, match="no issued plan"):
        verbs.release(story.product, by=story.by("mat_controller"))


def test_an_order_on_hold_is_not_started(story: Story, kitted: WorkOrder) -> None:
    Order.objects.filter(pk=story.order.pk).update(change_hold=True)
    with pytest.raises(Refused, match="on hold"):
        verbs.start(kitted, by=story.by("team_leader"))


def test_a_part_does_not_carry_the_order_line(story: Story, follow: Follow) -> None:
    story.released()
    part = next(w for w in story.work_orders if not w.is_final)
    part = follow(verbs.kit, part, by=story.by("storekeeper"))
    part = judged(story, story.make(part))
    assert part.state == State.PASSED
    assert story.order.state == Order.State.PROCURING
    assert reached(story, Stage.STARTED) == reached(story, Stage.PASSED) == 0


@pytest.mark.rule("PRD-70", "SYS-11")
def test_an_operation_is_signed_by_the_assembler_before_the_work_is_reported(
    story: Story, kitted: WorkOrder
) -> None:
    verbs.start(kitted, by=story.by("team_leader"))
    with pytest.raises(Refused, match="No operation of the process card is signed"):
        verbs.report_assembled(kitted, by=story.by("team_leader"))
    with pytest.raises(Denied):
        verbs.sign_operation(kitted, by=story.by("team_leader"), operation="装配", self_check=True)
    verbs.sign_operation(kitted, by=story.by("assembler"), operation="装配", self_check=True)
    signature = Signature.objects.get(subject_type="production.work_order", subject_id=kitted.pk)
    assert (signature.meaning, signature.by) == ("self_check", story.factory.person("assembler"))
    assert verbs.report_assembled(kitted, by=story.by("team_leader")).state == State.ASSEMBLED
    with pytest.raises(Refused):
        verbs.sign_operation(kitted, by=story.by("assembler"), operation="接线", self_check=True)


@pytest.mark.rule("PRD-70")
def test_an_unchecked_operation_is_not_signed() -> None:
    form = verbs.sign_operation.form({"operation": "装配", "self_check": False})
    assert not form.is_valid()
    assert "Check your work" in str(form.errors["self_check"])


@pytest.mark.rule("PRD-73", "PRD-74")
def test_owed_material_stands_on_the_card_and_on_the_inspection_request(story: Story, follow: Follow) -> None:
    story.released()
    work_order = follow(verbs.kit, story.product, by=story.by("storekeeper"), short=True)
    verbs.start(work_order, by=story.by("team_leader"))
    sign: dict[str, Any] = {"by": story.by("assembler"), "operation": "装配", "self_check": True}
    with pytest.raises(Invalid) as refusal:
        verbs.sign_operation(work_order, **sign)
    assert "owed_material" in refusal.value.errors
    verbs.sign_operation(work_order, **sign, owed_material="VS1-12 一台")
    verbs.sign_operation(work_order, **sign)
    verbs.report_assembled(work_order, by=story.by("team_leader"))
    with pytest.raises(Invalid) as refusal:
        verbs.submit_inspection(work_order, by=story.by("team_leader"))
    assert "missing_parts" in refusal.value.errors
    verbs.submit_inspection(work_order, by=story.by("team_leader"), missing_parts="VS1-12 一台")
    event = Event.objects.get(verb="production.work_order.submit_inspection")
    assert event.data["missing_parts"] == "VS1-12 一台"


# -- inspected and stocked ----------------------------------------------------------------------------


@pytest.mark.rule("QUA-27")
def test_the_last_product_sent_to_inspection_moves_the_order(story: Story, submitted: WorkOrder) -> None:
    assert submitted.state == State.SENT_TO_INSPECTION
    assert story.order.state == Order.State.INSPECTING
    assert reached(story, Stage.SUBMITTED) == 2


def test_passing_credits_the_order(story: Story, submitted: WorkOrder) -> None:
    passed = judged(story, submitted)
    assert (passed.state, passed.qualified) == (State.PASSED, 2)
    assert reached(story, Stage.PASSED) == 2
    assert story.order.state == Order.State.INSPECTING
    assert Event.objects.filter(verb="production.work_order.pass").exists()
    assert not any(violations().values())


@pytest.mark.rule("QUA-30")
def test_what_fails_goes_back_and_comes_again(story: Story, submitted: WorkOrder) -> None:
    back = judged(story, submitted, qualified=1)
    assert (back.state, back.qualified, back.rework) == (State.STARTED, 1, 1)
    assert story.order.state == Order.State.PRODUCING
    assert (reached(story, Stage.SUBMITTED), reached(story, Stage.PASSED)) == (1, 1)
    with pytest.raises(Refused, match="No operation"):
        verbs.report_assembled(back, by=story.by("team_leader"))
    story.make(back)
    assert story.order.state == Order.State.INSPECTING
    passed = judged(story, back)
    assert (passed.state, passed.qualified) == (State.PASSED, 2)
    assert (reached(story, Stage.SUBMITTED), reached(story, Stage.PASSED)) == (2, 2)
    assert not any(violations().values())


def test_when_all_fails_nothing_passes(story: Story, submitted: WorkOrder, follow: Follow) -> None:
    with pytest.raises(Refused, match="nothing goes back"):
        follow(verbs.send_back, submitted, by=story.by("inspector"), qualified=Decimal(2))
    judged(story, submitted, qualified=0)
    assert (reached(story, Stage.SUBMITTED), reached(story, Stage.PASSED)) == (0, 0)
    assert story.order.state == Order.State.PRODUCING


@pytest.mark.rule("WHS-10")
def test_the_last_piece_in_stock_completes_it_and_a_reversal_opens_it(
    story: Story, submitted: WorkOrder, follow: Follow
) -> None:
    keeper = story.by("fg_keeper")
    judged(story, submitted, qualified=1)
    with pytest.raises(Refused, match="only 1"):
        follow(verbs.stock_in, submitted, by=keeper, quantity=Decimal(2))
    part = follow(verbs.stock_in, submitted, by=keeper, quantity=Decimal(1))
    assert (part.state, part.stocked) == (State.STARTED, 1)
    assert announced(part)[Kind.ON_MAKE, "KYN28A-12"] == 1
    judged(story, story.make(again(part)))
    whole = follow(verbs.stock_in, submitted, by=keeper, quantity=Decimal(1))
    assert (whole.state, announced(whole)) == (State.COMPLETED, {})
    back = follow(verbs.reverse_stock_in, submitted, by=keeper, quantity=Decimal(1))
    assert (back.state, back.stocked) == (State.PASSED, 1)
    with pytest.raises(Refused):
        follow(verbs.reverse_stock_in, submitted, by=keeper, quantity=Decimal(2))
    assert again(submitted).state == State.PASSED
    assert not any(violations().values())


def test_begun_work_outlives_a_cancelled_order(story: Story, kitted: WorkOrder) -> None:
    verbs.start(kitted, by=story.by("team_leader"))
    orders.cancel(story.order, by=story.by("gm"), reason="客户取消", proof=scan())
    assert {w.item.code: w.state for w in story.work_orders} == {
        "KYN28A-12": State.STARTED,
        "BUSBAR-FRAME": State.CANCELLED,
    }


def test_a_work_order_has_the_dates_of_its_plan(story: Story) -> None:
    story.planned()
    product, part = story.work_orders
    assert product.finish_on == date(2026, 6, 17)
    assert part.finish_on == product.start_on
    assert part.finish_on - part.start_on >= timedelta(days=2)
