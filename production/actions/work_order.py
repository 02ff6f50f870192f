"""The work order: released, kitted, made, inspected, put into stock; it carries its order line along."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from catalog.stock import Subject
from flow import actions, papers
from flow.events import By
from flow.models import Event
from flow.refusals import Invalid, Refused
from orders import actions as orders
from orders.models import Stage
from org.roles import Role
from planning import ledger
from planning.ledger import Announcement
from planning.models import Kind
from production.forms import OperationForm, SubmitForm
from production.models import Operation, Plan, PlanNeed, WorkOrder, WorkOrderMaterial
from production.queries import Bills

State = WorkOrder.State


@actions.creation(WorkOrder, _("Create work order"), parent="plan", numbers=True, rules="PRD-40 PUR-04")
def create(by: By, *, plan: Plan, need: PlanNeed, bills: Bills) -> WorkOrder:
    """Open the work order of something that the plan says must be made, and announce what it needs."""
    work_order = actions.draft(
        WorkOrder,
        by=by,
        case=plan.case,
        company=plan.company,
        order=plan.order,
        plan=plan,
        order_line=need.order_line,
        is_final=need.order_line is not None and need.parent_item_id is None,
        item=need.item,
        quantity=need.quantity,
        bom=bills.version(need.item),
        start_on=need.release_on,
        finish_on=need.due_on,
    )
    _announce(work_order, Kind.PLANNED_MAKE, {work_order.item_id: work_order.quantity}, by=by)
    _list_materials(work_order, bills.materials(need.item, need.quantity), by=by)
    return work_order


@actions.action(WorkOrder, _("Release"), may=(Role.MAT_CONTROLLER,), rules="PRD-22 PRD-40 PRD-60 PUR-05")
def release(work_order: WorkOrder, by: By) -> None:
    """Let the shop floor draw the material, as the bill of material says on this day (O-22)."""
    bills = Bills([work_order.item], on=localtime(by.at).date())
    materials = bills.materials(work_order.item, work_order.quantity)
    if not materials:
        raise Refused(
            _("{item} has no issued bill of material: issue the bill first.").format(item=work_order.item)
        )
    work_order.release()
    work_order.bom = bills.version(work_order.item)
    _list_materials(work_order, materials, by=by)
    ledger.clear(sources=[Subject.of(work_order)], by=by, kind=Kind.PLANNED_MAKE)
    _announce(work_order, Kind.ON_MAKE, {work_order.item_id: work_order.quantity}, by=by)


@release.then
def credit_material(work_order: WorkOrder, by: By, event: Event) -> None:
    """The first material action of the order counts as the start of procurement."""
    order, line = work_order.order, work_order.order_line
    if line is not None and not orders.progress.reached(order, Stage.PROCURING):
        rows = [(line, line.quantity)]
        orders.credit(order, Stage.PROCURING, rows, document=work_order, by=by, cause=event)


@actions.consequence(WorkOrder, _("Material issued"), rules="WHS-21 PRD-73")
def kit(
    work_order: WorkOrder, by: By, *, short: bool = False, owed: Mapping[int, Decimal] | None = None
) -> dict[str, Any]:
    """The pick list was issued; `short`: not wholly, as agreed. `owed`: by item id what is still to come."""
    work_order.kit()
    work_order.is_short = short
    if owed or not short:
        ledger.clear(sources=[Subject.of(work_order)], by=by, kind=Kind.DEPENDENT)
        _announce(work_order, Kind.DEPENDENT, owed or {}, by=by)
    return {"short": short}


@actions.consequence(
    WorkOrder,
    _("Missing material issued"),
    states=(State.KITTED, *WorkOrder.STOCKABLE, State.COMPLETED),
    rules="WHS-13 PRD-73",
)
def supplement(work_order: WorkOrder, by: By, *, owed: Mapping[int, Decimal]) -> dict[str, Any]:
    """What was missing came later; `owed`: by item id what is missing even now."""
    work_order.is_short = bool(owed)
    ledger.clear(sources=[Subject.of(work_order)], by=by, kind=Kind.DEPENDENT)
    _announce(work_order, Kind.DEPENDENT, owed, by=by)
    return {"short": work_order.is_short}


@actions.action(WorkOrder, _("Start work"), may=(Role.TEAM_LEADER,), rules="PRD-22 WHS-21")
def start(work_order: WorkOrder, by: By) -> None:
    """The team begins (O-23)."""
    work_order.start()


@start.then
def credit_start(work_order: WorkOrder, by: By, event: Event) -> None:
    """Credit the order line with what is begun."""
    _credit(work_order, Stage.STARTED, work_order.quantity, by=by, cause=event)


@actions.action(
    WorkOrder,
    _("Sign operation"),
    OperationForm,
    may=(Role.ASSEMBLER,),
    states=(State.STARTED,),
    rules="PRD-70 PRD-73 SYS-11",
)
def sign_operation(
    work_order: WorkOrder,
    by: By,
    *,
    operation: str,
    self_check: bool,
    owed_material: str = "",
    remark: str = "",
) -> dict[str, Any]:
    """The assembler checks an operation and signs it on the process card (工序卡)."""
    signed = list(work_order.operations.all())
    if work_order.is_short and not owed_material and not any(row.owed_material for row in signed):
        raise Invalid({"owed_material": _("The work order is short of material: write down what is owed.")})
    row = Operation.objects.create(
        work_order=work_order,
        position=len(signed) + 1,
        round=work_order.rework,
        operation=operation,
        owed_material=owed_material,
        remark=remark,
        signed_by=by.actor,
        signed_at=by.at,
    )
    said = {"position": row.position, "operation": operation, "owed_material": owed_material}
    papers.sign(work_order, "self_check", {**said, "self_check": self_check}, by=by)
    return said


@actions.action(WorkOrder, _("Report assembled"), may=(Role.TEAM_LEADER,), rules="PRD-70")
def report_assembled(work_order: WorkOrder, by: By) -> None:
    """The team is through; what was done is signed on the process card."""
    work_order.report_assembled()


@actions.action(
    WorkOrder, _("Submit for inspection"), SubmitForm, may=(Role.TEAM_LEADER,), rules="PRD-70 PRD-74 QUA-27"
)
def submit_inspection(work_order: WorkOrder, by: By, *, missing_parts: str = "") -> dict[str, Any]:
    """Ask quality to inspect what has not passed yet, naming the parts that are missing (O-24)."""
    owed = work_order.operations.exclude(owed_material="").exists()
    if (owed or work_order.is_short) and not missing_parts:
        raise Invalid(
            {"missing_parts": _("The process card names owed material: say which parts are missing.")}
        )
    work_order.submit_inspection()
    return {"quantity": work_order.unqualified, "missing_parts": missing_parts}


@submit_inspection.then
def credit_submission(work_order: WorkOrder, by: By, event: Event) -> None:
    """Credit the order line with what is with the inspector."""
    _credit(work_order, Stage.SUBMITTED, work_order.unqualified, by=by, cause=event)


@actions.consequence(WorkOrder, _("Passed inspection"), name="pass", rules="QUA-29")
def pass_(work_order: WorkOrder, by: By) -> dict[str, Any]:
    """All that was submitted is qualified."""
    quantity, work_order.qualified = work_order.unqualified, work_order.quantity
    work_order.pass_()
    return {"quantity": quantity}


@pass_.then
def credit_passed(work_order: WorkOrder, by: By, event: Event) -> None:
    """Credit the order line with what has passed."""
    _credit(work_order, Stage.PASSED, event.data["quantity"], by=by, cause=event)


@actions.consequence(WorkOrder, _("Sent back by inspection"), rules="QUA-30")
def send_back(work_order: WorkOrder, by: By, *, qualified: Decimal = Decimal()) -> dict[str, Any]:
    """Part of what was submitted, or all of it, failed; only `qualified` of it passed (O-25)."""
    submitted = work_order.unqualified
    if not 0 <= qualified < submitted:
        raise Refused(
            _("{qualified} of {submitted} qualified: then nothing goes back.").format(
                qualified=qualified, submitted=submitted
            )
        )
    work_order.qualified += qualified
    work_order.rework += 1
    work_order.send_back()
    return {"quantity": qualified, "failed": submitted - qualified}


@send_back.then
def take_back(work_order: WorkOrder, by: By, event: Event) -> None:
    """First what failed leaves the ledger, then what passed enters it; else the order would not go back."""
    order, line = work_order.order, work_order.order_line
    if not work_order.is_final or line is None:
        return
    failed = [(line, -event.data["failed"])]
    orders.progress.credit_lines(order, Stage.SUBMITTED, failed, document=work_order, by=by)
    _credit(work_order, Stage.PASSED, event.data["quantity"], by=by, cause=event)


@actions.consequence(WorkOrder, _("Put into stock"), rules="WHS-10 PRD-21")
def stock_in(work_order: WorkOrder, by: By, *, quantity: Decimal) -> dict[str, Any]:
    """So much of what passed went into stock; with the last of it the work order is completed."""
    if not 0 < quantity <= work_order.qualified - work_order.stocked:
        raise Refused(
            _("{quantity} into stock, but only {left} passed and are not in stock yet.").format(
                quantity=quantity, left=work_order.qualified - work_order.stocked
            )
        )
    work_order.stock_in(quantity)
    source = Subject.of(work_order)
    ledger.settle(source=source, quantity=quantity, by=by, kind=Kind.ON_MAKE)
    if work_order.state == State.COMPLETED:
        ledger.clear(sources=[source], by=by)
    return {"quantity": quantity}


@actions.consequence(WorkOrder, _("Taken out of stock again"), rules="WHS-10")
def reverse_stock_in(work_order: WorkOrder, by: By, *, quantity: Decimal) -> dict[str, Any]:
    """A stock-in was reversed: so much is to be put into stock again."""
    if not 0 < quantity <= work_order.stocked:
        raise Refused(_("So much was not put into stock."))
    work_order.reverse_stock_in(quantity)
    _announce(work_order, Kind.ON_MAKE, {work_order.item_id: quantity}, by=by)
    return {"quantity": quantity}


@actions.consequence(WorkOrder, _("Cancelled"))
def cancel(work_order: WorkOrder, by: By) -> None:
    """The order ended before the work began."""
    work_order.cancel()
    ledger.clear(sources=[Subject.of(work_order)], by=by)


def _credit(work_order: WorkOrder, stage: str, quantity: Decimal, *, by: By, cause: Event) -> None:
    """Only the product of the order carries its line along; a part does not."""
    line = work_order.order_line
    if work_order.is_final and line is not None:
        rows = [(line, quantity)]
        orders.credit(work_order.order, stage, rows, document=work_order, by=by, cause=cause)


def _list_materials(work_order: WorkOrder, materials: Mapping[int, Decimal], *, by: By) -> None:
    """Write down what goes into the work order and announce it as wanted, in place of what was before."""
    work_order.materials.all().delete()
    WorkOrderMaterial.objects.bulk_create(
        WorkOrderMaterial(work_order=work_order, position=position, item_id=item_id, quantity=quantity)
        for position, (item_id, quantity) in enumerate(materials.items(), start=1)
    )
    ledger.clear(sources=[Subject.of(work_order)], by=by, kind=Kind.DEPENDENT)
    _announce(work_order, Kind.DEPENDENT, materials, by=by)


def _announce(work_order: WorkOrder, kind: Kind, quantities: Mapping[int, Decimal], *, by: By) -> None:
    """Say in the supply and demand ledger what the work order wants or will give, for its order."""
    wanted = kind == Kind.DEPENDENT
    ledger.post(
        company=work_order.company,
        announcements=[
            Announcement(
                kind=kind,
                item_id=item_id,
                quantity=quantity,
                due_on=work_order.start_on if wanted else work_order.finish_on,
                source=Subject.of(work_order),
                case_id=work_order.case_id,
                peg=Subject.of(work_order.order),
            )
            for item_id, quantity in quantities.items()
        ],
        by=by,
    )
