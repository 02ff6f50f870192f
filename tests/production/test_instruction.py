"""The production instruction: equal to the contract, issued by sales, taken over by production."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from flow.events import By
from flow.models import Event
from flow.papers import attached
from flow.refusals import Denied, Invalid, Refused, Stale
from orders import actions as orders
from orders.models import Order
from production.actions import instruction as instructions
from production.models import Instruction
from tests.story import Story, scan

State = Instruction.State


def said(story: Story, **changes: Any) -> list[dict[str, Any]]:
    """The lines of the draft as the form sends them back."""
    names = ("position", "quantity", "delivery_on", "technical_requirement", "quality_requirement")
    rows = story.instruction.lines.all()
    return [{**{name: getattr(line, name) for name in names}, **changes} for line in rows]


@pytest.mark.rule("PRD-01", "PRD-02")
def test_an_effective_order_has_its_draft_at_once_with_the_lines_of_the_contract(story: Story) -> None:
    story.signed()
    assert not story.order.instructions.exists(), "signed but unpaid: nothing to instruct yet"
    story.effective()
    assert story.instruction.state == State.DRAFT
    assert story.instruction.number is None
    lines = [(line.item, line.quantity, line.delivery_on) for line in story.instruction.lines.all()]
    assert lines == [(line.item, line.quantity, line.delivery_on) for line in story.contract.lines.all()]


@pytest.mark.rule("PRD-01")
def test_issuing_numbers_it_and_carries_the_order_along(story: Story) -> None:
    story.instructed()
    assert story.instruction.state == State.ISSUED
    assert story.instruction.number.startswith("ZLKG2026-")
    assert story.order.state == Order.State.INSTRUCTED
    moved = Event.objects.get(verb="orders.order.issue_instruction")
    assert moved.data["cause"] == "production.instruction.issue"


@pytest.mark.rule("PRD-02")
def test_a_quantity_or_date_that_differs_from_the_contract_is_refused_in_its_cell(story: Story) -> None:
    story.effective()
    clerk = story.by("sales_clerk")
    with pytest.raises(Invalid) as refusal:
        instructions.edit(story.instruction, by=clerk, lines=said(story, quantity=Decimal(3)))
    assert "says 2" in str(refusal.value.lines[0]["quantity"][0])
    later = story.lines[0].delivery_on + timedelta(days=1)
    with pytest.raises(Invalid) as refusal:
        instructions.edit(story.instruction, by=clerk, lines=said(story, delivery_on=later))
    assert set(refusal.value.lines[0]) == {"delivery_on"}
    with pytest.raises(Invalid) as refusal:
        instructions.edit(story.instruction, by=clerk, lines=said(story, position=7))
    assert set(refusal.value.lines[0]) == {"position"}
    assert story.instruction.lines.get().quantity == 2


@pytest.mark.rule("PRD-02")
def test_issuing_names_every_difference_from_the_contract(story: Story) -> None:
    story.effective()
    story.instruction.lines.update(quantity=5)
    with pytest.raises(Refused) as refusal:
        instructions.issue(story.instruction, by=story.by("sales_clerk"))
    assert "5 of KYN28A-12" in str(refusal.value)
    story.instruction.lines.all().delete()
    with pytest.raises(Refused, match="Line 1 stands only"):
        instructions.issue(story.instruction, by=story.by("sales_clerk"))
    assert story.order.state == Order.State.EFFECTIVE


@pytest.mark.rule("PRD-03")
def test_what_is_made_to_drawing_is_not_issued_without_drawings(story: Story) -> None:
    story.effective()
    clerk = story.by("sales_clerk")
    instructions.edit(
        story.instruction,
        by=clerk,
        lines=said(story, technical_requirement="按图"),
        to_drawing=True,
        department=story.department("SHOP"),
    )
    assert story.instruction.lines.get().technical_requirement == "按图"
    with pytest.raises(Invalid) as refusal:
        instructions.issue(story.instruction, by=clerk)
    assert "drawings" in refusal.value.errors
    instructions.issue(story.instruction, by=clerk, drawings=scan("drawing.pdf"))
    assert attached(story.instruction, "drawing").count() == 1


def test_the_responsible_department_is_of_the_own_company(story: Story) -> None:
    story.effective()
    other = story.department("SHOP", story.factory.hg)
    with pytest.raises(Invalid) as refusal:
        instructions.edit(story.instruction, by=story.by("sales_clerk"), lines=said(story), department=other)
    assert "department" in refusal.value.errors


@pytest.mark.rule("PRD-01")
def test_sales_issues_and_production_acknowledges_nobody_else(story: Story) -> None:
    story.effective()
    for who in (story.by("prod_mgr"), story.by("marketing"), story.by("gm")):
        with pytest.raises(Denied, match="Sales clerk"):
            instructions.issue(story.instruction, by=who)
    with pytest.raises(Denied):
        instructions.issue(story.instruction, by=By(story.factory.stranger, story.at))
    with pytest.raises(Refused, match="not possible while"):
        instructions.acknowledge(story.instruction, by=story.by("prod_mgr"))
    story.instructed()
    with pytest.raises(Denied):
        instructions.acknowledge(story.instruction, by=story.by("sales_clerk"))
    story.acknowledged()
    assert story.instruction.state == State.ACKNOWLEDGED
    with pytest.raises(Refused):
        instructions.issue(story.instruction, by=story.by("sales_clerk"))


def test_who_saw_an_older_version_is_told(story: Story) -> None:
    story.effective()
    seen = story.instruction.version
    instructions.edit(story.instruction, by=story.by("sales_clerk"), lines=said(story))
    with pytest.raises(Stale, match="Somebody changed this document"):
        instructions.issue(story.instruction, by=story.by("sales_clerk"), version=seen)


def test_an_order_on_hold_for_a_change_is_not_instructed(story: Story) -> None:
    story.effective()
    Order.objects.filter(pk=story.order.pk).update(change_hold=True)
    with pytest.raises(Refused, match="on hold"):
        instructions.issue(story.instruction, by=story.by("sales_clerk"))


@pytest.mark.rule("ORD-15")
def test_an_order_fulfilled_from_stock_needs_no_instruction(story: Story) -> None:
    story.effective()
    story.factory.stocked(story.factory.cabinet, 2, kind="finished")
    orders.fulfil_from_stock(story.order, by=story.by("order_desk"))
    assert story.instruction.state == State.CANCELLED


def test_a_cancelled_order_takes_its_instruction_along(story: Story) -> None:
    story.instructed()
    orders.cancel(story.order, by=story.by("gm"), reason="客户取消", proof=scan())
    assert story.instruction.state == State.CANCELLED
