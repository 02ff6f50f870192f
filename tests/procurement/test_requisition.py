"""What is to be bought: drafted from the plan or asked for by hand, approved by whom the kind says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Item
from flow import binding, invariants
from flow.actions import Action
from flow.policy import Viewer
from flow.refusals import Denied, Invalid, Refused
from integration.models import Notice
from orders import actions as orders
from orders.models import Order
from org.models import Membership
from planning.models import Kind, OpenQuantity
from procurement import actions as procurement
from procurement.models import Requisition
from production import actions as production
from tests.goods import Factory
from tests.people import NINE, SINCE
from tests.story import Story, scan

pytestmark = pytest.mark.django_db
State = Requisition.State
LATER = date(2026, 4, 1)


def open_(item: Item, kind: str) -> dict[str, Decimal]:
    """What is open of the item in the ledger, by for whom."""
    rows = OpenQuantity.objects.filter(item=item, kind=kind, quantity__gt=0)
    return {row.peg_type: row.quantity for row in rows}


def asked(factory: Factory, kind: str, *, role: str = "mat_controller", **more: Any) -> Requisition:
    """A requisition for ten breakers, written by hand."""
    lines = [{"item": factory.breaker, "quantity": Decimal(10), "due_on": LATER}]
    by = factory.by(role)
    company = factory.kg
    return procurement.requisition.create(
        by=by, company=company, kind=kind, reason="备货", lines=lines, **more
    )


def told(factory: Factory, role: str) -> list[str]:
    """The titles of what the holder of the role was told."""
    return list(Notice.objects.filter(person=factory.person(role)).values_list("title", flat=True))


@pytest.mark.rule("PUR-04", "PUR-07", "E-18")
def test_the_plan_drafts_a_requisition_of_the_net_needs(story: Story) -> None:
    story.factory.stocked(story.factory.copper, 5)
    story.planned()
    requisition = story.requisition
    assert (requisition.state, requisition.kind) == (State.DRAFT, "mrp")
    assert requisition.case_id == story.order.case_id
    rows = {line.item.code: line.quantity for line in story.needs()}
    assert rows == {"VS1-12": 2, "COPPER-BAR": 20}, "25 kg of copper less 5 in stock"
    assert {line.order_line for line in story.needs()} == set(story.lines)
    assert open_(story.factory.copper, Kind.REQUESTED) == {"orders.order": 20}


@pytest.mark.rule("PUR-07", "E-18")
def test_what_the_plan_needs_is_approved_when_it_is_submitted(story: Story) -> None:
    story.planned()
    assert story.order.state == Order.State.PLANNED
    procurement.requisition.submit(story.requisition, by=story.by("mat_controller"))
    assert story.requisition.state == State.APPROVED
    assert story.requisition.number == "QGKG2026-0001"
    assert story.order.state == Order.State.PROCURING
    assert len(told(story.factory, "buyer")) == 1
    assert story.order.total("procuring") == 2


def test_the_next_version_of_the_plan_does_not_ask_again(story: Story) -> None:
    story.requested()
    by = story.by("prod_mgr")
    production.plan.create(by=by, order=story.order, lines=story.usual_tasks(), stock_checked=True)
    production.plan.issue(story.plan, by=by)
    assert Requisition.objects.filter(order=story.order).count() == 1
    assert story.order.state == Order.State.PROCURING


def test_where_stock_suffices_nothing_is_requested(story: Story) -> None:
    story.factory.stocked(story.factory.copper, 25)
    story.factory.stocked(story.factory.breaker, 2)
    story.planned()
    assert not Requisition.objects.filter(order=story.order).exists()


@pytest.mark.rule("PUR-04")
def test_only_the_material_controller_submits_what_the_plan_needs(story: Story) -> None:
    story.planned()
    for person in (story.by("buyer"), story.by("prod_mgr")):
        with pytest.raises(Denied):
            procurement.requisition.submit(story.requisition, by=person)
    with pytest.raises(Refused, match="new version of the plan"):
        procurement.requisition.edit(
            story.requisition, by=story.by("mat_controller"), kind="special", reason="x", lines=[]
        )


@pytest.mark.rule("PUR-01", "PUR-02", "E-18")
def test_a_general_need_goes_from_the_applicant_to_his_own_leader(factory: Factory) -> None:
    requisition = asked(factory, "general", role="engineer")
    with pytest.raises(Denied):
        procurement.requisition.submit(requisition, by=factory.by("mat_controller"))
    requisition = procurement.requisition.submit(requisition, by=factory.by("engineer"))
    assert requisition.state == State.SUBMITTED
    assert len(told(factory, "tech_leader")) == 1
    for role in ("engineer", "bu_leader", "sales_leader", "gm"):
        with pytest.raises(Denied):
            procurement.requisition.approve(requisition, by=factory.by(role))
    requisition = procurement.requisition.approve(requisition, by=factory.by("tech_leader"))
    assert requisition.state == State.APPROVED
    assert open_(factory.breaker, Kind.REQUESTED) == {"": 10}


@pytest.mark.rule("PUR-02")
def test_a_rejected_need_comes_back_with_the_reason_and_may_be_asked_again(factory: Factory) -> None:
    requisition = asked(factory, "general", role="engineer")
    requisition = procurement.requisition.submit(requisition, by=factory.by("engineer"))
    requisition = procurement.requisition.reject(requisition, by=factory.by("tech_leader"), reason="太多")
    assert (requisition.state, len(told(factory, "engineer"))) == (State.REJECTED, 1)
    fewer = [{"item": factory.breaker, "quantity": Decimal(4), "due_on": LATER}]
    requisition = procurement.requisition.edit(
        requisition, by=factory.by("engineer"), kind="general", reason="减少", lines=fewer
    )
    procurement.requisition.submit(requisition, by=factory.by("engineer"))
    done = procurement.requisition.approve(requisition, by=factory.by("tech_leader"))
    assert [line.quantity for line in done.lines.all()] == [4]


@pytest.mark.rule("PUR-08", "PUR-09", "E-18")
@pytest.mark.parametrize(
    ("kind", "approver"),
    [
        ("pre_purchase", "bu_leader"),
        ("change", "bu_leader"),
        ("special", "bu_leader"),
        ("safety_stock", "plan_supervisor"),
    ],
)
def test_material_by_hand_is_approved_by_the_post_of_its_kind(
    factory: Factory, kind: str, approver: str
) -> None:
    requisition = procurement.requisition.submit(asked(factory, kind), by=factory.by("mat_controller"))
    assert requisition.state == State.SUBMITTED
    for role in {"bu_leader", "plan_supervisor", "purch_leader", "mat_controller"} - {approver}:
        with pytest.raises(Denied):
            procurement.requisition.approve(requisition, by=factory.by(role))
    assert procurement.requisition.approve(requisition, by=factory.by(approver)).state == State.APPROVED


@pytest.mark.rule("PUR-02")
def test_who_asks_does_not_approve_even_if_he_holds_the_post(factory: Factory) -> None:
    both = factory.person("mat_controller")
    Membership.objects.create(person=both, role="bu_leader", company=factory.kg, starts_on=SINCE)
    requisition = procurement.requisition.submit(asked(factory, "change"), by=factory.by("mat_controller"))
    with pytest.raises(Denied, match="second person"):
        procurement.requisition.approve(requisition, by=factory.by("mat_controller"))


@pytest.mark.rule("PUR-08")
def test_material_is_asked_for_by_the_material_controller_alone(factory: Factory) -> None:
    with pytest.raises(Denied):
        asked(factory, "change", role="engineer")


@pytest.mark.rule("ORG-02")
def test_an_empty_post_of_the_approver_is_named(factory: Factory) -> None:
    factory.dismiss("bu_leader")
    with pytest.raises(Refused, match="Business unit leader"):
        procurement.requisition.submit(asked(factory, "change"), by=factory.by("mat_controller"))


@pytest.mark.rule("PUR-01")
def test_a_reason_lines_and_a_day_to_come_are_asked(factory: Factory) -> None:
    action = Action.registry["procurement.requisition.create"]
    viewer = Viewer.of(factory.person("engineer"), NINE)
    bound = binding.bind(action, viewer=viewer, at=NINE, fields={"kind": "mrp"}, lines=[], strict=True)
    assert set(bound.errors) == {"reason", "kind"}
    with pytest.raises(Invalid, match="at least one line"):
        procurement.requisition.create(
            by=factory.by("engineer"), company=factory.kg, kind="general", reason="x", lines=[]
        )
    past = [{"item": factory.breaker, "quantity": Decimal(1), "due_on": date(2026, 3, 1)}]
    with pytest.raises(Invalid, match="passed"):
        procurement.requisition.create(
            by=factory.by("engineer"), company=factory.kg, kind="general", reason="x", lines=past
        )


@pytest.mark.rule("PUR-08")
def test_a_purchase_ahead_for_an_order_lies_in_its_case(story: Story) -> None:
    story.effective()
    requisition = asked(story.factory, "pre_purchase", order=story.order)
    assert requisition.case_id == story.order.case_id
    elsewhere = Story(story.factory, company=story.factory.hg).received()
    with pytest.raises(Invalid, match="another company"):
        asked(story.factory, "pre_purchase", order=elsewhere.order)


def test_closing_with_something_left_needs_a_reason_and_withdraws_it(factory: Factory) -> None:
    requisition = procurement.requisition.submit(asked(factory, "change"), by=factory.by("mat_controller"))
    procurement.requisition.approve(requisition, by=factory.by("bu_leader"))
    with pytest.raises(Invalid, match="still to be ordered"):
        procurement.requisition.close(requisition, by=factory.by("mat_controller"))
    procurement.requisition.close(requisition, by=factory.by("mat_controller"), reason="取消更改")
    assert open_(factory.breaker, Kind.REQUESTED) == {}


def test_the_applicant_may_withdraw_it(factory: Factory) -> None:
    requisition = asked(factory, "general", role="engineer")
    done = procurement.requisition.cancel(requisition, by=factory.by("engineer"), reason="不用了")
    assert done.state == State.CANCELLED


@pytest.mark.rule("ORD-31")
def test_a_cancelled_order_stops_requesting(story: Story) -> None:
    story.requested()
    orders.cancel(story.order, by=story.by("gm"), reason="客户取消", proof=scan())
    assert story.requisition.state == State.CLOSED
    assert open_(story.factory.breaker, Kind.REQUESTED) == {}
    assert {name: found for name, found in invariants.violations().items() if found} == {}
