"""Quality judges what was delivered and what was made; nobody judges his own work."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Lot
from flow import cases, invariants
from flow.refusals import Denied, Invalid, Refused
from integration.models import Notice
from orders.models import Order
from org.models import Membership
from procurement.models import Receipt
from production import actions as production
from production.models import WorkOrder
from quality import actions as quality
from quality.models import Inspection
from tests.people import SINCE
from tests.story import Story, scan

pytestmark = pytest.mark.django_db
State = Inspection.State


def again(document: Any) -> Any:
    """The document as it stands now."""
    return type(document).objects.select_related("company", "case").get(pk=document.pk)


def begun(story: Story) -> Inspection:
    """The copper of the order came and is with the inspector."""
    document = next(d for d in story.ordered() if d.supplier == story.factory.copper_supplier)
    return story.handed_to_quality(story.delivered(document))


def made(story: Story) -> Inspection:
    """The product of the order is with the inspector."""
    story.released()
    for work_order in story.work_orders:
        with cases.transact():
            cases.lock([work_order.case_id])
            production.work_order.kit.follow(work_order, by=story.by("storekeeper"))
    story.make(again(story.product))
    return Inspection.objects.select_related("company", "case").get(work_order=story.product)


def lot_of(inspection: Inspection) -> Lot:
    """The lot of the one delivered line that is inspected."""
    return Lot.objects.get(pk=inspection.lines.values_list("receipt_line__lot", flat=True).get())


def told(story: Story, role: str, inspection: Inspection) -> bool:
    """Whether the holder of the role was told of the inspection."""
    rows = Notice.objects.filter(person=story.factory.person(role), title__contains=str(inspection))
    return rows.exists()


@pytest.mark.rule("QUA-01", "WHS-05")
def test_a_delivery_handed_over_opens_its_inspection(story: Story) -> None:
    inspection = begun(story)
    assert (inspection.kind, inspection.state, inspection.number) == (
        "incoming",
        State.INSPECTING,
        "SJKG2026-0001",
    )
    assert inspection.receipt is not None
    assert inspection.case_id == inspection.receipt.case_id
    assert [(line.item, line.quantity) for line in inspection.lines.all()] == [(story.factory.copper, 25)]


@pytest.mark.rule("QUA-02", "WHS-06")
def test_what_passed_becomes_usable_and_the_buyer_sees_it(story: Story) -> None:
    inspection = begun(story)
    lot = lot_of(inspection)
    inspection = quality.pass_(inspection, by=story.by("inspector"), result="合格", record=scan())
    assert inspection.state == State.PASSED
    assert Lot.objects.get(pk=lot.pk).status == Lot.Status.QUALIFIED
    assert again(inspection.receipt).state == Receipt.State.INSPECTED
    assert told(story, "buyer", inspection)
    assert told(story, "mat_controller", inspection)
    assert not told(story, "qc_leader", inspection)


@pytest.mark.rule("QUA-02", "QUA-12")
@pytest.mark.parametrize(("qualified", "leaders"), [("23.75", False), ("23.749", True)])
def test_below_95_of_100_the_leaders_hear_of_it(story: Story, qualified: str, leaders: bool) -> None:
    inspection = quality.pass_(begun(story), by=story.by("inspector"), qualified_quantity=Decimal(qualified))
    assert inspection.state == State.PARTLY
    line = inspection.lines.get()
    bad = Lot.objects.get(split_from=line.receipt_line.lot)
    assert (bad.status, line.failed) == (Lot.Status.NONCONFORMING, 25 - Decimal(qualified))
    for role in ("qc_leader", "purch_leader"):
        assert told(story, role, inspection) is leaders


@pytest.mark.rule("QUA-02")
def test_more_than_was_submitted_or_nothing_is_no_result(story: Story) -> None:
    inspection, by = begun(story), story.by("inspector")
    with pytest.raises(Invalid, match="26 qualified, but only 25 were submitted"):
        quality.pass_(inspection, by=by, qualified_quantity=Decimal(26))
    with pytest.raises(Invalid, match="26 qualified"):
        quality.pass_(inspection, by=by, lines=[{"line": 1, "qualified_quantity": Decimal(26)}])
    with pytest.raises(Invalid, match="fail the inspection"):
        quality.pass_(inspection, by=by, qualified_quantity=Decimal(0))
    with pytest.raises(Invalid, match="no line 7"):
        quality.pass_(inspection, by=by, lines=[{"line": 7, "qualified_quantity": Decimal(1)}])
    both = {"qualified_quantity": Decimal(20), "lines": [{"line": 1, "qualified_quantity": Decimal(21)}]}
    with pytest.raises(Invalid, match="only once"):
        quality.pass_(inspection, by=by, **both)
    done = quality.pass_(inspection, by=by, lines=[{"line": 1, "qualified_quantity": Decimal(20)}])
    assert done.state == State.PARTLY


def test_several_lines_are_judged_line_by_line(story: Story) -> None:
    story.requested()
    document = story.order_from(story.factory.copper_supplier, *story.needs(), unit_price=Decimal(1))
    inspection = story.handed_to_quality(story.delivered(story.sent(document)))
    with pytest.raises(Invalid, match="line by line"):
        quality.pass_(inspection, by=story.by("inspector"), qualified_quantity=Decimal(1))
    bad = inspection.lines.get(item=story.factory.breaker)
    inspection = quality.pass_(
        inspection, by=story.by("inspector"), lines=[{"line": bad.pk, "qualified_quantity": Decimal(0)}]
    )
    statuses = {line.item.code: line.receipt_line.lot.status for line in inspection.lines.all()}
    assert statuses == {"COPPER-BAR": Lot.Status.QUALIFIED, "VS1-12": Lot.Status.NONCONFORMING}
    assert {name: found for name, found in invariants.violations().items() if found} == {}


@pytest.mark.rule("QUA-02", "QUA-04")
def test_what_failed_is_blocked(story: Story) -> None:
    inspection = quality.fail(begun(story), by=story.by("inspector"), reason="材质不符", record=scan())
    assert (inspection.state, inspection.result) == (State.FAILED, "材质不符")
    assert lot_of(inspection).status == Lot.Status.NONCONFORMING
    assert told(story, "qc_leader", inspection)
    assert told(story, "purch_leader", inspection)


@pytest.mark.rule("QUA-01", "QUA-15")
def test_who_received_bought_or_made_it_does_not_judge_it(story: Story) -> None:
    for role in ("storekeeper", "buyer", "assembler", "team_leader"):
        person = story.factory.person(role)
        Membership.objects.create(person=person, role="inspector", company=story.company, starts_on=SINCE)
    inspection = begun(story)
    for role in ("storekeeper", "buyer"):
        with pytest.raises(Denied, match="second person"):
            quality.pass_(inspection, by=story.by(role))
    final = made(story)
    for role in ("assembler", "team_leader"):
        with pytest.raises(Denied, match="second person"):
            quality.start(final, by=story.by(role))


@pytest.mark.rule("QUA-15")
def test_only_quality_judges(story: Story) -> None:
    inspection = begun(story)
    for role in ("purch_leader", "prod_mgr", "qc_leader"):
        with pytest.raises(Denied):
            quality.pass_(inspection, by=story.by(role))


def test_nothing_is_judged_before_it_is_begun(story: Story) -> None:
    inspection = made(story)
    with pytest.raises(Refused, match="not possible"):
        quality.pass_(inspection, by=story.by("inspector"))


@pytest.mark.rule("QUA-29")
def test_finished_work_that_passes_carries_the_order_on(story: Story) -> None:
    inspection = quality.start(made(story), by=story.by("inspector"))
    assert (inspection.kind, inspection.submitted) == ("final", 2)
    inspection = quality.pass_(inspection, by=story.by("inspector"))
    assert inspection.state == State.PASSED
    assert story.product.state == WorkOrder.State.PASSED
    assert (story.order.state, story.order.total("passed")) == (Order.State.INSPECTING, 2)


@pytest.mark.rule("QUA-30")
def test_part_of_the_work_goes_back_and_is_inspected_again(story: Story) -> None:
    inspection = quality.start(made(story), by=story.by("inspector"))
    inspection = quality.pass_(inspection, by=story.by("inspector"), qualified_quantity=Decimal(1))
    assert inspection.state == State.PARTLY
    assert story.product.state == WorkOrder.State.STARTED
    assert (story.order.state, story.order.total("passed")) == (Order.State.PRODUCING, 1)
    story.make(story.product)
    second = Inspection.objects.select_related("company", "case").get(state=State.REQUESTED)
    assert second.submitted == 1
    quality.pass_(quality.start(second, by=story.by("inspector")), by=story.by("inspector"))
    assert story.order.total("passed") == 2
    assert {name: found for name, found in invariants.violations().items() if found} == {}


@pytest.mark.rule("QUA-30")
def test_work_that_fails_goes_back_to_the_shop_floor(story: Story) -> None:
    inspection = quality.start(made(story), by=story.by("inspector"))
    quality.fail(inspection, by=story.by("inspector"), reason="耐压不合格")
    assert story.product.state == WorkOrder.State.STARTED
    assert (story.order.state, story.order.total("submitted")) == (Order.State.PRODUCING, 0)
    assert told(story, "team_leader", inspection)


@pytest.mark.rule("PRD-74")
def test_work_that_passes_with_parts_missing_says_so(story: Story) -> None:
    inspection = quality.start(made(story), by=story.by("inspector"))
    inspection = quality.pass_(inspection, by=story.by("inspector"), missing_parts="二次插头")
    assert (inspection.state, inspection.missing_parts) == (State.PASSED_SHORT, "二次插头")
    assert story.product.state == WorkOrder.State.PASSED
