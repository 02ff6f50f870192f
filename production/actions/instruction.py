"""The production instruction: drafted from the contract, issued by sales, taken over by production."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from flow import actions, guards, papers
from flow.events import By
from flow.models import Event
from flow.refusals import Invalid
from orders import actions as orders
from orders.models import Order, Stage
from org.roles import Role
from production.forms import InstructionForm, InstructionLineForm, IssueInstructionForm
from production.models import Instruction, InstructionLine
from production.queries import contract_lines

ISSUERS = (Role.SALES_CLERK, Role.MARKETING)
SAID = ("item_id", "quantity", "delivery_on")


@actions.creation(Instruction, _("Draft production instruction"), parent="order", rules="PRD-01 PRD-02")
def create(by: By, *, order: Order) -> Instruction:
    """Copy the lines of the contract into the draft of an instruction."""
    instruction = actions.draft(Instruction, by=by, case=order.case, company=order.company, order=order)
    _copy_lines(instruction)
    return instruction


@actions.consequence(Instruction, _("Drafted anew"), states=(Instruction.State.DRAFT,), rules="PRD-02 ORD-28")
def redraft(instruction: Instruction, by: By) -> None:
    """The contract was amended before the instruction was issued: it is drafted from it again."""
    instruction.lines.all().delete()
    _copy_lines(instruction)


def _copy_lines(instruction: Instruction) -> None:
    InstructionLine.objects.bulk_create(
        InstructionLine(
            instruction=instruction,
            position=line.position,
            order_line=line.order_line,
            item=line.item,
            quantity=line.quantity,
            delivery_on=line.delivery_on,
            technical_requirement=line.technical_requirement,
            quality_requirement=line.quality_requirement,
        )
        for line in contract_lines(instruction.order)
    )


def _who_issues(instruction: Instruction) -> frozenset[str]:
    return frozenset({Role.MARKETING if instruction.order.is_project else Role.SALES_CLERK})


@actions.action(
    Instruction,
    _("Edit production instruction"),
    InstructionForm,
    lines=InstructionLineForm,
    may=ISSUERS,
    may_on=_who_issues,
    states=(Instruction.State.DRAFT,),
    rules="PRD-01 PRD-02",
)
def edit(instruction: Instruction, by: By, *, lines: list[dict[str, Any]], **fields: Any) -> None:
    """Complete the draft; quantity and date of a line must stay those of the contract (PRD-02)."""
    department = fields.get("department")
    if department and department.company_id != instruction.company_id:
        raise Invalid({"department": _("This department belongs to another company.")})
    for name, value in fields.items():
        setattr(instruction, name, value)
    own = {line.position: line for line in instruction.lines.all()}
    agreed = {line.position: line for line in contract_lines(instruction.order)}
    wrong: dict[int, dict[str, Any]] = {}
    for row, line in enumerate(lines):
        if errors := _deviations(line, agreed):
            wrong[row] = errors
        elif line["position"] in own:
            for name, value in line.items():
                setattr(own[line["position"]], name, value)
    if wrong:
        raise Invalid(lines=wrong)
    said = ["quantity", "delivery_on", "technical_requirement", "quality_requirement"]
    InstructionLine.objects.bulk_update(own.values(), said)


@actions.action(
    Instruction,
    _("Issue production instruction"),
    IssueInstructionForm,
    may=ISSUERS,
    may_on=_who_issues,
    numbers=True,
    rules="PRD-01 PRD-02 PRD-03 E-09",
)
def issue(instruction: Instruction, by: By, *, drawings: Any = None) -> None:
    """Hand the order over to production, with the drawings where it is made to drawing (O-19)."""
    if instruction.to_drawing and not drawings and not papers.attached(instruction, "drawing").exists():
        raise Invalid({"drawings": _("The instruction is made to drawing: attach the drawings.")})
    if drawings:
        papers.attach(instruction, "drawing", drawings, by=by)
    instruction.issue()


@issue.then
def instruct(instruction: Instruction, by: By, event: Event) -> None:
    """Credit the order with its lines, as far as an instruction before this one has not done so."""
    so_far = orders.progress.reached(instruction.order, Stage.INSTRUCTED)
    lines = [
        (line.order_line, line.quantity - so_far.get(line.order_line_id, 0))
        for line in instruction.lines.select_related("order_line")
    ]
    orders.credit(instruction.order, Stage.INSTRUCTED, lines, document=instruction, by=by, cause=event)


@guards.ask("production.instruction.issue")
def differences(instruction: Instruction) -> Iterator[Any]:
    """A sentence for every difference between the instruction and the contract (PRD-02)."""
    agreed = {line.position: line for line in contract_lines(instruction.order)}
    own = {line.position: line for line in instruction.lines.select_related("item")}
    if not agreed:
        yield _("The order has no contract whose lines could be instructed.")
    for position in sorted(agreed.keys() | own.keys()):
        line, wanted = own.get(position), agreed.get(position)
        if line is None or wanted is None:
            yield _("Line {line} stands only in the instruction or only in the contract.").format(
                line=position
            )
        elif any(getattr(line, name) != getattr(wanted, name) for name in SAID):
            yield _(
                "Line {line} says {quantity} of {item} for {date}, the contract says {agreed} of "
                "{agreed_item} for {agreed_date}."
            ).format(
                line=position,
                quantity=f"{line.quantity.normalize():f}",
                item=line.item,
                date=line.delivery_on,
                agreed=f"{wanted.quantity.normalize():f}",
                agreed_item=wanted.item,
                agreed_date=wanted.delivery_on,
            )


@actions.action(Instruction, _("Acknowledge"), may=(Role.PROD_MGR,), rules="PRD-06 PRD-07")
def acknowledge(instruction: Instruction, by: By) -> None:
    """Production confirms that it has the instruction; the clock of the plan runs since it was issued."""
    instruction.acknowledge()


@actions.consequence(Instruction, _("Planned"), rules="PRD-22")
def plan(instruction: Instruction, by: By) -> None:
    """The plan of the order was issued."""
    instruction.plan()


@actions.consequence(Instruction, _("Done"), rules="PRD-21")
def finish(instruction: Instruction, by: By) -> None:
    """Everything instructed is in stock."""
    instruction.finish()


@actions.consequence(Instruction, _("Superseded"))
def supersede(instruction: Instruction, by: By) -> None:
    """A change of the order put another instruction in its place."""
    instruction.supersede()


@actions.consequence(Instruction, _("Cancelled"))
def cancel(instruction: Instruction, by: By) -> None:
    """The order ended, or was fulfilled from stock."""
    instruction.cancel()


def _deviations(line: dict[str, Any], agreed: dict[int, Any]) -> dict[str, Any]:
    wanted = agreed.get(line["position"])
    if wanted is None:
        return {"position": _("The contract has no such line.")}
    sentence = _("The contract says {agreed}: change the contract first.")
    found = {}
    if line["quantity"] != wanted.quantity:
        found["quantity"] = sentence.format(agreed=f"{wanted.quantity.normalize():f}")
    if line["delivery_on"] != wanted.delivery_on:
        found["delivery_on"] = sentence.format(agreed=wanted.delivery_on)
    return found
