"""The requisition: drafted from the plan or by hand, approved by whom its kind says, ordered."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from flow import actions, guards, policy
from flow.actions import Action
from flow.events import By
from flow.forms import ReasonForm
from flow.models import Event
from flow.policy import Viewer
from flow.refusals import Denied, Invalid, Refused
from integration.notices import tell_people
from orders import actions as orders
from orders.models import Order, Stage
from org.models import Company
from org.queries import holders, leader_of
from org.roles import Role
from procurement.actions import supply
from procurement.forms.requisition import (
    CloseForm,
    NewRequisitionForm,
    RequisitionForm,
    RequisitionLineForm,
)
from procurement.models import Requisition, RequisitionLine
from production.models import Plan

State, Kind = Requisition.State, Requisition.Kind
EVERYBODY = tuple(role for role in Role if role != Role.ADMIN)
CONTROLLER = frozenset({str(Role.MAT_CONTROLLER)})
# Who approves a kind (E-18). A general need is approved by the applicant's own leader; the plan needs nobody.
APPROVERS: dict[str, Role] = {
    Kind.PRE_PURCHASE: Role.BU_LEADER,
    Kind.CHANGE: Role.BU_LEADER,
    Kind.SPECIAL: Role.BU_LEADER,
    Kind.SAFETY_STOCK: Role.PLAN_SUPERVISOR,
}
UNAPPROVED = frozenset({Kind.MRP})


def _case_of_order(_document: Any, data: dict[str, Any]) -> list[int]:
    order = data.get("order")
    return [order.case_id] if order else []


def _writers(requisition: Requisition | None) -> frozenset[str]:
    """Everybody asks for what he needs; material is asked for by the material controller."""
    if requisition is None or requisition.kind == Kind.GENERAL:
        return frozenset(str(role) for role in EVERYBODY)
    return CONTROLLER


def _is_applicant(requisition: Requisition, viewer: Viewer) -> bool:
    """Only the applicant acts on a general need; any material controller on the other kinds (PUR-02)."""
    if requisition.kind == Kind.GENERAL:
        return bool(viewer.posts) and requisition.created_by_id == viewer.person.pk
    return viewer.holds(CONTROLLER, {requisition.company_id})


@actions.creation(
    Requisition,
    _("Request purchase"),
    NewRequisitionForm,
    lines=RequisitionLineForm,
    may=EVERYBODY,
    cases=_case_of_order,
    rules="PUR-01 PUR-04 PUR-08 PUR-09 E-18",
)
def create(
    by: By,
    *,
    kind: str,
    lines: list[dict[str, Any]],
    company: Company | None = None,
    order: Order | None = None,
    plan: Plan | None = None,
    reason: str = "",
) -> Requisition:
    """Ask for goods to be bought; for an order in its case, else in a case of its own.

    Raises Invalid without lines or for a day that has passed, Denied for material asked for by others than
    the material controller.
    """
    home = order.company if order else company
    assert home is not None, "the kernel names the company where there is no order"
    if plan is None:
        _check_by_hand(by, home, kind, company if order else None)
        _check_lines(lines, by)
    case = order.case if order else None
    title = str(_("Purchase requisition"))
    requisition = actions.draft(
        Requisition,
        by=by,
        case=case,
        company=home,
        title=title,
        kind=kind,
        order=order,
        plan=plan,
        reason=reason,
    )
    _write_lines(requisition, lines)
    return requisition


@create.then
def announce_plan(requisition: Requisition, by: By, event: Event) -> None:
    """What the plan asks for counts as coming at once, so that the next version does not ask again."""
    if requisition.kind == Kind.MRP:
        _announce(requisition, by)


@actions.action(
    Requisition,
    _("Edit requisition"),
    RequisitionForm,
    lines=RequisitionLineForm,
    may=EVERYBODY,
    may_on=_writers,
    entitled=_is_applicant,
    states=(State.DRAFT, State.REJECTED),
    rules="PUR-01 PUR-02",
)
def edit(requisition: Requisition, by: By, *, kind: str, reason: str, lines: list[dict[str, Any]]) -> None:
    """Change what is asked for before it is approved."""
    _check_by_hand(by, requisition.company, kind, None)
    _check_lines(lines, by)
    requisition.kind, requisition.reason = kind, reason
    requisition.lines.all().delete()
    _write_lines(requisition, lines)


@guards.ask("procurement.requisition.edit")
def against_editing(requisition: Requisition) -> Iterator[Any]:
    """What the plan says is changed by the next version of the plan."""
    if requisition.kind == Kind.MRP:
        yield _("The lines come from the plan: issue a new version of the plan to change them.")


@actions.action(
    Requisition,
    _("Submit requisition"),
    may=EVERYBODY,
    may_on=_writers,
    entitled=_is_applicant,
    numbers=True,
    rules="PUR-01 PUR-02 PUR-07 E-18",
)
def submit(requisition: Requisition, by: By) -> None:
    """Ask for the approval; what comes from the plan needs none and is approved in the same act (E-18)."""
    if empty := _nobody_approves(requisition, by):
        raise Refused(empty)
    requisition.submit()


@submit.then
def approve_at_once(requisition: Requisition, by: By, event: Event) -> None:
    """A kind without approver goes on to the buyer; for the others the approver is told (N-42)."""
    if requisition.kind in UNAPPROVED:
        approve.follow(requisition, by=by, cause=event)
        return
    tell_people(
        _approvers(requisition, by),
        _("{document} waits for your approval."),
        document=requisition,
        by=by,
        event=event,
    )


def _may_approve(requisition: Requisition, viewer: Viewer) -> bool:
    if requisition.kind == Kind.GENERAL:
        leader = leader_of(requisition.created_by)
        return leader is not None and leader.pk == viewer.person.pk and bool(viewer.posts)
    role = APPROVERS.get(requisition.kind)
    return role is not None and viewer.holds(frozenset({str(role)}), {requisition.company_id})


def _approver_roles(requisition: Requisition | None) -> frozenset[str]:
    if requisition is None or requisition.kind == Kind.GENERAL:
        return frozenset(str(role) for role in EVERYBODY)
    role = APPROVERS.get(requisition.kind)
    return frozenset({str(role)}) if role else frozenset()


@actions.action(
    Requisition,
    _("Approve requisition"),
    may=EVERYBODY,
    may_on=_approver_roles,
    entitled=_may_approve,
    not_by=("create", "edit", "submit"),
    rules="PUR-02 PUR-08 PUR-09 E-18",
)
def approve(requisition: Requisition, by: By) -> None:
    """Let it be bought: the first material action of its order (O-22)."""
    requisition.approve()


@approve.then
def credit_material(requisition: Requisition, by: By, event: Event) -> None:
    """Credit the order lines it is for with what was not credited before."""
    order = requisition.order
    if order is None:
        return
    done = orders.progress.reached(order, Stage.PROCURING)
    lines = requisition.lines.exclude(order_line=None).select_related("order_line").order_by("pk")
    wanted = {line.order_line for line in lines if line.order_line}
    rows = [(line, line.quantity - done.get(line.pk, Decimal())) for line in wanted]
    orders.credit(order, Stage.PROCURING, rows, document=requisition, by=by, cause=event)


@approve.then
def hand_to_buyers(requisition: Requisition, by: By, event: Event) -> None:
    """The buyers are told, and what was asked for by hand counts as coming (PUR-07, N-41)."""
    if requisition.kind != Kind.MRP:
        _announce(requisition, by)
    buyers = holders(Role.BUYER, company=requisition.company, on=localtime(by.at).date())
    tell_people(buyers, _("{document} is to be ordered."), document=requisition, by=by, event=event)


@actions.action(
    Requisition,
    _("Reject requisition"),
    ReasonForm,
    may=EVERYBODY,
    may_on=_approver_roles,
    entitled=_may_approve,
    rules="PUR-02 PUR-08",
)
def reject(requisition: Requisition, by: By, *, reason: str) -> dict[str, Any]:
    """Send it back to the applicant with the reason."""
    requisition.reject()
    return {"reason": reason}


@reject.then
def tell_applicant(requisition: Requisition, by: By, event: Event) -> None:
    """The applicant hears at once that it came back."""
    said = _("{document} was rejected.")
    tell_people([requisition.created_by], said, document=requisition, by=by, event=event)


@actions.action(
    Requisition,
    _("Close requisition"),
    CloseForm,
    may=(Role.MAT_CONTROLLER, Role.BUYER),
    rules="PUR-41",
    awaited=False,
)
def close(requisition: Requisition, by: By, *, reason: str = "") -> dict[str, Any]:
    """Nothing more of it is ordered. Raises Invalid without a reason while something is left."""
    open_ = [line for line in requisition.lines.select_related("requisition__order") if line.left > 0]
    if open_ and not reason:
        raise Invalid({"reason": _("Something is still to be ordered: say why it is not needed.")})
    requisition.close()
    supply.withdraw(open_, by=by)
    return {"reason": reason}


@actions.action(
    Requisition,
    _("Withdraw requisition"),
    ReasonForm,
    may=EVERYBODY,
    may_on=_writers,
    entitled=_is_applicant,
    rules="PUR-02",
    awaited=False,
)
def cancel(requisition: Requisition, by: By, *, reason: str) -> dict[str, Any]:
    """It is not needed any more."""
    requisition.cancel()
    supply.withdraw(list(requisition.lines.all()), by=by)
    return {"reason": reason}


@actions.consequence(Requisition, _("Wholly ordered"), rules="PUR-13")
def convert(requisition: Requisition, by: By) -> None:
    """Purchase orders have taken up every line."""
    requisition.convert()


@actions.consequence(Requisition, _("To be ordered again"), rules="PUR-14")
def reopen(requisition: Requisition, by: By) -> None:
    """A purchase order gave back some of it."""
    requisition.reopen()


MOVED_BY_ORDERS: tuple[Action, ...] = (convert, reopen)


def follow_orders(requisitions: list[Requisition], *, by: By, cause: Event) -> None:
    """Convert or reopen the requisitions as their lines are ordered now; their cases are locked."""
    for requisition in requisitions:
        for verb in MOVED_BY_ORDERS:
            if verb.reasons(requisition) == []:
                verb.follow(requisition, by=by, cause=cause)
                break


def _announce(requisition: Requisition, by: By) -> None:
    rows = requisition.lines.select_related("requisition__order")
    supply.request([(line, line.left) for line in rows], company=requisition.company, by=by)


def _check_by_hand(by: By, company: Company, kind: str, given: Company | None) -> None:
    """Material is asked for by the material controller, everything else by anybody (E-18, C2)."""
    if given and given.pk != company.pk:
        raise Invalid({"company": _("The order belongs to another company.")})
    viewer = Viewer.of(by.actor, by.at)
    if kind != Kind.GENERAL and not viewer.holds(CONTROLLER, {company.pk}):
        raise Denied(policy.sentence(create, CONTROLLER), CONTROLLER)


def _check_lines(lines: list[dict[str, Any]], by: By) -> None:
    if not lines:
        raise Invalid({"lines": _("A requisition needs at least one line.")})
    today = localtime(by.at).date()
    passed = {"due_on": _("This day has passed already.")}
    if wrong := {row: passed for row, line in enumerate(lines) if line["due_on"] < today}:
        raise Invalid(lines=wrong)


def _write_lines(requisition: Requisition, lines: list[dict[str, Any]]) -> None:
    RequisitionLine.objects.bulk_create(
        RequisitionLine(requisition=requisition, position=position, **line)
        for position, line in enumerate(lines, start=1)
    )


def _approvers(requisition: Requisition, by: By) -> list[Any]:
    if requisition.kind == Kind.GENERAL:
        leader = leader_of(requisition.created_by)
        return [leader] if leader else []
    return holders(APPROVERS[requisition.kind], company=requisition.company, on=localtime(by.at).date())


def _nobody_approves(requisition: Requisition, by: By) -> Any:
    """A sentence when the post that must approve is empty; empty: somebody holds it."""
    if requisition.kind in UNAPPROVED or _approvers(requisition, by):
        return ""
    if requisition.kind == Kind.GENERAL:
        return _("You have no leader who could approve it: let the administrator enter your leader.")
    return _("Nobody holds the post that approves it: {role}.").format(role=APPROVERS[requisition.kind].label)
