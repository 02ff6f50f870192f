"""A change of a signed order: classified at once, reviewed as far as it goes, agreed, issued, carried out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from deadlines import sweep
from flow.invariants import violations
from flow.refusals import Denied, Invalid, Refused
from integration.models import Notice
from orders import actions as orders
from orders.actions.change import level_of
from orders.models import Order, OrderChange, Stage
from org.models import Membership
from production import actions as production
from production.models import Instruction
from review import actions as review
from tests.orders.changing import (
    LATER,
    acknowledged,
    again,
    classified,
    clock,
    forwarded,
    issued,
    received,
    reviewed,
)
from tests.people import NINE
from tests.story import DELIVERY, Story, call, scan

State, Level = OrderChange.State, OrderChange.Level


@pytest.mark.rule("E-14", "E-15", "ORD-26", "ORD-28", "ORD-29", "ORD-35", "ORD-36")
@pytest.mark.parametrize(
    ("kind", "checklist", "plan", "level"),
    [
        ("commercial", False, False, Level.L1),
        ("commercial", False, True, Level.L2),
        ("commercial", True, False, Level.L3),
        ("commercial", True, True, Level.L3),
        ("technical", False, False, Level.A),
        ("technical", False, True, Level.B),
        ("technical", True, False, Level.B),
    ],
)
def test_the_level_follows_from_the_decision_table(
    kind: str, checklist: bool, plan: bool, level: str
) -> None:
    assert level_of(kind, checklist=checklist, affects_plan=plan) == level


@pytest.mark.rule("ORD-26", "ORD-27", "TM-02", "TM-03")
def test_a_small_change_goes_to_production_by_a_notice_alone(story: Story) -> None:
    story.planned()
    change = classified(story, received(story, confirmation=scan()))
    assert (change.level, change.state) == (Level.L1, State.CLASSIFIED)
    assert clock("change_response_30min").state == "open"
    assert not story.order.change_hold
    change = issued(story, change)
    assert clock("change_response_30min").state == "done"
    assert not change.rounds.exists()
    told = Notice.objects.filter(person=story.factory.person("prod_mgr"), path=change.path)
    assert told.exists()
    assert story.lines[0].technical_requirement == "门板颜色改为 RAL7035"
    change = forwarded(story, change, "SHOP", "PURCH")
    assert clock("change_forward_30min").state == "done"
    assert again(change).state == State.FORWARDED
    assert acknowledged(story, change).state == State.DONE
    assert not any(violations().values())


@pytest.mark.rule("TM-02")
def test_a_change_that_nobody_classified_is_overdue_after_thirty_minutes(story: Story) -> None:
    story.effective()
    change = received(story)
    row = clock("change_response_30min")
    assert row.due_at == NINE + timedelta(minutes=30)
    sweep.run(at=NINE + timedelta(minutes=29))
    assert [one.kind for one in row.escalations.all()] == ["warn"]
    sweep.run(at=NINE + timedelta(hours=3))
    people = story.factory.person
    assert [(one.kind, one.at - NINE, set(one.told)) for one in row.escalations.order_by("step")][:3] == [
        ("warn", timedelta(minutes=20), {people("sales_clerk").pk}),
        ("due", timedelta(minutes=30), {people("sales_clerk").pk}),
        ("escalate", timedelta(minutes=40), {people("sales_leader").pk}),
    ]
    change = classified(story.later(hours=4), change, affects_plan=True)
    assert clock("change_response_30min").breached


@pytest.mark.rule("ORD-25")
def test_the_clock_counts_from_the_customers_call(story: Story) -> None:
    story.effective()
    received(story.later(hours=2), happened_at=NINE + timedelta(minutes=90))
    assert clock("change_response_30min").due_at == NINE + timedelta(hours=2)


@pytest.mark.rule("E-17", "ORD-31")
def test_without_the_paper_production_is_warned_and_the_lines_stand_still(story: Story) -> None:
    story.planned()
    change = classified(story, received(story))
    assert clock("change_response_30min").state == "done"
    assert story.order.change_hold
    assert Notice.objects.filter(person=story.factory.person("prod_mgr"), path=change.path).exists()
    with pytest.raises(Refused, match="written confirmation"):
        orders.change_notice.issue(change, by=story.by("sales_clerk"))
    orders.change_talks.confirm(change, by=story.by("sales_clerk"), confirmation=scan(), **call())
    assert not story.order.change_hold
    assert issued(story, again(change)).state == State.NOTICED


@pytest.mark.rule("ORD-28", "ORD-32", "ORD-33", "REV-24")
def test_a_change_of_the_plan_is_reviewed_agreed_and_planned_anew(story: Story) -> None:
    story.planned()
    lines = [{"position": 1, "quantity": Decimal(3)}]
    change = classified(story, received(story, lines, confirmation=scan()), affects_plan=True)
    assert (change.level, change.state) == (Level.L2, State.DATE_REVIEW)
    assert story.order.change_hold
    assert {seat.role for seat in story.round.seats.all()} == {"prod_mgr", "mat_controller"}
    assert story.round.change == change
    change = reviewed(story, change, prod_mgr={"earliest_on": LATER})
    assert (change.state, change.delivery_on) == (State.CUSTOMER_CONTACT, LATER)
    assert clock("change_contact_4h").due_at == story.at + timedelta(hours=4)
    change = orders.change_talks.agree(change, by=story.by("sales_clerk"), **call("同意延期"))
    with pytest.raises(Refused, match="change agreement"):
        orders.change_notice.issue(change, by=story.by("sales_clerk"))
    old = story.contract.amount
    change = orders.change_talks.sign_agreement(
        change, by=story.by("sales_clerk"), signer="王工", signed_on=NINE.date(), agreement=scan()
    )
    change = issued(story, change)
    assert not change.holds
    assert not story.order.change_hold
    assert (story.order.delivery_on, story.lines[0].quantity) == (LATER, 3)
    assert story.contract.amount == old / 2 * 3
    assert [i.state for i in story.order.instructions.order_by("pk")] == ["superseded", "draft"]
    production.instruction.issue(
        Instruction.objects.select_related("company", "case").get(state="draft"), by=story.by("sales_clerk")
    )
    plan = production.plan.create(
        by=story.by("prod_mgr"), order=story.order, lines=story.usual_tasks(), stock_checked=True
    )
    with pytest.raises(Refused, match="not forwarded"):
        production.plan.issue(plan, by=story.by("prod_mgr"))
    change = acknowledged(story, forwarded(story, change))
    assert change.state == State.FORWARDED
    production.plan.issue(plan, by=story.by("prod_mgr"))
    assert again(change).state == State.DONE
    assert [p.state for p in story.order.plans.order_by("version_no")] == ["superseded", "issued"]
    assert orders.progress.reached(story.order, Stage.PLANNED)[story.lines[0].pk] == 3
    assert not any(violations().values())


@pytest.mark.rule("ORD-29", "ORD-30", "REV-25")
def test_a_change_of_structure_is_reviewed_in_full_and_raises_the_price(story: Story) -> None:
    story.instructed()
    change = received(story, [], wish="断路器改为抽出式", confirmation=scan())
    change = classified(story, change, changes_structure=True, raises_cost=True)
    assert (change.level, change.state) == (Level.L3, State.FULL_REVIEW)
    assert {seat.role for seat in story.round.seats.all()} == {
        "order_mgr", "tech_leader", "qc_leader", "purch_leader", "prod_mgr",
    }  # fmt: skip
    with pytest.raises(Refused, match="on hold"):
        story.planned()
    change = reviewed(story, change)
    assert change.state == State.AGREED
    with pytest.raises(Refused, match="change agreement"):
        orders.change_notice.issue(change, by=story.by("sales_clerk"))
    old = story.contract.amount
    change = orders.change_talks.sign_agreement(
        change,
        by=story.by("sales_clerk"),
        signer="王工",
        signed_on=NINE.date(),
        agreement=scan("补充合同.pdf"),
        added_amount=Decimal("5000"),
    )
    issued(story, change)
    assert story.contract.amount == old + 5000
    assert not story.order.change_hold


@pytest.mark.rule("ORD-29")
def test_a_change_that_the_review_turns_down_leaves_the_order_as_it_was(story: Story) -> None:
    story.instructed()
    change = classified(story, received(story, confirmation=scan()), changes_model=True)
    while seat := story.round.seats.filter(answered_at=None).exclude(opened_at=None).first():
        review.give_opinion(
            story.round, by=story.by(seat.role), seat=seat.role, decision="infeasible", opinion="不可行"
        )
    review.decide(story.round, by=story.by("gm"), decision="rejected", opinion="元件停产")
    assert again(change).state == State.REJECTED
    assert not story.order.change_hold
    assert story.order.state == Order.State.INSTRUCTED
    assert story.lines[0].technical_requirement != "门板颜色改为 RAL7035"


@pytest.mark.rule("ORD-28", "ORD-50")
@pytest.mark.parametrize(("outcome", "state"), [("agreed", State.AGREED), ("rejected", State.REJECTED)])
def test_a_refused_delay_is_settled_by_the_general_manager(story: Story, outcome: str, state: str) -> None:
    story.planned()
    lines = [{"position": 1, "quantity": Decimal(3)}]
    change = classified(story, received(story, lines, confirmation=scan()), affects_plan=True)
    change = reviewed(story, change, prod_mgr={"earliest_on": LATER})
    change = orders.change_talks.refuse(change, by=story.by("sales_clerk"), **call("不同意延期"))
    with pytest.raises(Denied):
        orders.change_talks.settle(change, by=story.by("sales_clerk"), outcome=outcome, opinion="加班")
    # Not even a general manager who took the customer's refusal down settles it alone.
    clerk = story.by("sales_clerk")
    Membership.objects.create(
        person=clerk.actor, role="gm", company=story.company, starts_on=NINE.date() - timedelta(days=1)
    )
    with pytest.raises(Denied):
        orders.change_talks.settle(change, by=clerk, outcome=outcome, opinion="加班")
    change = orders.change_talks.settle(change, by=story.by("gm"), outcome=outcome, opinion="加班")
    assert change.state == state
    assert story.order.change_hold == (outcome == "agreed")
    if outcome == "agreed":
        issued(story, again(change))
        assert story.order.delivery_on == DELIVERY


@pytest.mark.rule("ORD-34", "ORD-35", "ORD-39", "TM-04")
def test_a_technical_change_of_level_a_goes_to_the_archive_alone(story: Story) -> None:
    story.planned()
    change = received(story, kind="technical")
    assert clock("technical_change_30min").due_at == NINE + timedelta(minutes=30)
    change = classified(story, change)
    assert change.level == Level.A
    assert not story.order.change_hold
    with pytest.raises(Refused, match="written confirmation"):
        orders.change_notice.archive(change, by=story.by("engineer"))
    orders.change_talks.confirm(change, by=story.by("engineer"), confirmation=scan(), **call())
    with pytest.raises(Refused, match="level 1"):
        orders.change_notice.issue(again(change), by=story.by("sales_clerk"))
    change = orders.change_notice.archive(again(change), by=story.by("engineer"))
    assert clock("technical_change_30min").state == "done"
    assert not change.rounds.exists()
    assert orders.change_notice.confirm_archive(change, by=story.by("sales_clerk")).state == State.DONE
    assert clock("change_archive").state == "done"


@pytest.mark.rule("ORD-36", "ORD-37", "ORD-38")
def test_a_technical_change_of_level_b_is_noticed_and_decided_on(story: Story) -> None:
    story.planned()
    change = classified(story, received(story, kind="technical"), changes_maker=True)
    assert (change.level, change.state) == (Level.B, State.REPORTED)
    with pytest.raises(Refused, match="written confirmation"):
        orders.change.send_technical_notice(change, by=story.by("engineer"))
    orders.change_talks.confirm(change, by=story.by("engineer"), confirmation=scan(), **call())
    change = orders.change.send_technical_notice(again(change), by=story.by("engineer"))
    for role in ("prod_leader", "order_mgr"):
        assert Notice.objects.filter(person=story.factory.person(role), path=change.path).exists()
    orders.change.decide(
        change, by=story.by("order_mgr"), review="full", supplement=True, opinion="按非常规评审"
    )
    change = again(change)
    assert change.state == State.FULL_REVIEW
    change = reviewed(story, change)
    with pytest.raises(Invalid):
        orders.change_talks.sign_agreement(
            change, by=story.by("sales_clerk"), signer="王工", signed_on=NINE.date(), agreement=scan()
        )
    with pytest.raises(Refused, match="change agreement"):
        orders.change_notice.issue(change, by=story.by("sales_clerk"))


@pytest.mark.rule("ORD-37")
def test_the_order_manager_may_find_no_review_needed(story: Story) -> None:
    story.effective()
    change = received(story, kind="technical", confirmation=scan())
    change = classified(story, change, affects_plan=True)
    change = orders.change.send_technical_notice(change, by=story.by("engineer"))
    change = orders.change.decide(change, by=story.by("order_mgr"), review="none", opinion="不影响")
    assert again(change).state == State.AGREED
    assert clock("technical_change_decision").state == "done"


@pytest.mark.rule("ORD-29")
def test_only_the_lines_of_the_change_stand_still(story: Story) -> None:
    goods = story.factory
    story.received(
        lines=[
            {"item": goods.cabinet, "quantity": 1, "unit_price": 38000},
            {"item": goods.transformer, "quantity": 1, "unit_price": 1200},
        ]
    )
    story.planned()
    change = received(story, [{"position": 1, "quantity": Decimal(2)}], confirmation=scan())
    classified(story, change, affects_plan=True)
    by = story.by("mat_controller")
    own, other = (story.order.work_orders.filter(order_line__position=n).first() for n in (1, 2))
    with pytest.raises(Refused, match="on hold"):
        production.work_order.release(own, by=by)
    assert production.work_order.release(other, by=by).state == "released"


@pytest.mark.rule("ORD-31")
def test_a_withdrawn_change_holds_nothing_and_ends_its_review(story: Story) -> None:
    story.planned()
    change = received(story, [{"position": 1, "quantity": Decimal(3)}])
    change = classified(story, change, affects_plan=True)
    orders.change_talks.withdraw(change, by=story.by("sales_clerk"), reason="客户撤回")
    assert not story.order.change_hold
    assert story.round.state == "cancelled"
    assert clock("change_response_30min").state != "open"


@pytest.mark.rule("ORD-25")
def test_a_change_ends_with_its_order(story: Story) -> None:
    story.planned()
    change = classified(story, received(story, confirmation=scan()), changes_model=True)
    orders.cancel(story.order, by=story.by("gm"), reason="客户取消", proof=scan())
    assert again(change).state == State.WITHDRAWN
    assert not any(violations().values())
