"""A change that is settled: the notice, the departments that adjust, and the end (ORD-26…39, D3)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.stock.terms import amount as plain
from flow import actions, guards
from flow.events import By
from flow.models import Event
from flow.refusals import Invalid
from orders import queries
from orders.actions import contract as contracts
from orders.actions import hold
from orders.actions.change import DESIGNERS, LINE_SAYS
from orders.actions.progress import advance, credit_lines, reached
from orders.forms.change import AdjustmentForm, ForwardLineForm
from orders.models import (
    Contract,
    ContractLine,
    Order,
    OrderChange,
    OrderChangeForward,
    OrderChangeLine,
    OrderLine,
    Stage,
)
from orders.models.money import FEN, TOO_MUCH
from org.models import Department, Person
from org.roles import Role

State, Level = OrderChange.State, OrderChange.Level
# In these states more pieces can still be made with the others; afterwards they are a new order.
GROWING = (Order.State.SIGNED, Order.State.EFFECTIVE, *OrderChange.PLANNABLE)
# What was only said or planned can be taken back; from the start of the work on it cannot.
REVERSIBLE = (Stage.INSTRUCTED, Stage.PLANNED, Stage.PROCURING)
BEGUN = (Stage.STARTED, Stage.SUBMITTED, Stage.PASSED, Stage.STOCKED, Stage.NOTIFIED, Stage.DISPATCHED)
LEADERS = (
    Role.PROD_LEADER, Role.PROD_MGR, Role.WS_LEADER, Role.WORKSHOP_DIRECTOR, Role.TEAM_LEADER,
    Role.TECH_LEADER, Role.PURCH_LEADER, Role.LOGISTICS_LEADER, Role.QC_LEADER, Role.SHIP_LEADER,
    Role.PACK_LEADER, Role.SERVICE_LEADER, Role.SALES_LEADER, Role.ORDER_MGR, Role.MAT_CONTROLLER,
    Role.PLANNER, Role.BU_LEADER, Role.GM, Role.STOREKEEPER, Role.FINANCE,
)  # fmt: skip


def _issuers(change: OrderChange) -> frozenset[str]:
    """Who issued the order to production issues its change (E-09)."""
    return frozenset({Role.MARKETING if change.order.is_project else Role.SALES_CLERK})


@actions.action(
    OrderChange,
    _("Issue change notice"),
    may=(Role.SALES_CLERK, Role.MARKETING),
    may_on=_issuers,
    rules="ORD-26 ORD-28 ORD-29 ORD-30 ORD-31 ORD-33",
    awaited=Q(state=State.AGREED) | Q(state=State.CLASSIFIED, level=Level.L1),
)
def issue(change: OrderChange, by: By) -> dict[str, Any]:
    """Issue 合同订单更改通知单 to the production manager: order and contract say the new now (ORD-26…33)."""
    change.needs_replan = change.level != Level.L1 and change.order.state in OrderChange.PLANNABLE
    change.issue()
    return {"lines": [row.order_line_id for row in change.lines.all()], "replan": change.needs_replan}


@issue.then
def order_says_the_new(change: OrderChange, by: By, event: Event) -> None:
    """Contract and order are changed in the same moment; then what stood still goes on."""
    contract = queries.contract_of(change.order)
    if contract:
        amend.follow(contract, by=by, cause=event, change=change)
    apply_change.follow(change.order, by=by, cause=event, change=change)
    hold.settle(change.order, by=by, cause=event)
    if cheaper := queries.contract_of(change.order):
        contracts.effect_if_paid(cheaper, by, event)
    advance(change.order, by=by, cause=event)


@guards.ask("orders.change.issue")
def cannot_be_made(change: OrderChange) -> Iterator[Any]:
    """What speaks against the new quantities: what is begun, made or paid already."""
    order = change.order
    rows = list(change.lines.exclude(quantity=None).select_related("order_line"))
    for row in rows:
        begun = max(order.tally[stage][row.order_line_id] for stage in BEGUN)
        wanted = row.quantity or row.order_line.quantity
        if wanted < begun:
            yield _("Line {line}: {begun} are begun or made already, fewer cannot be ordered.").format(
                line=row.position, begun=plain(begun)
            )
        if wanted > row.order_line.quantity and order.state not in GROWING:
            yield _("Line {line}: the order is “{state}”; more pieces are a new order now.").format(
                line=row.position, state=order.get_state_display()
            )
    contract = queries.contract_of(order)
    amount = _new_amount(contract, change) if contract else Decimal()
    if contract and queries.paid_for(order) > amount:
        yield _("More is paid already than the order would cost then: have the payment reversed first.")
    if not 0 <= amount < TOO_MUCH:
        yield _("The order cannot cost that: look at what is added to the price.")


@actions.consequence(Contract, _("Contract amended"), states=queries.SIGNED, rules="ORD-30 ORD-33")
def amend(contract: Contract, by: By, *, change: OrderChange) -> dict[str, Any]:
    """The contract says what the change agreed on; its amount is the old one and what was added (ORD-30)."""
    contract.amount = _new_amount(contract, change)
    later = change.delivery_on
    rows = list(contract.lines.select_related("order_line"))
    changed = {row.order_line_id: row for row in change.lines.all()}
    for line in rows:
        row = changed.get(line.order_line_id)
        line.delivery_on = _new_day(line.delivery_on, contract.delivery_on, later, row)
        _rewrite(line, row)
    ContractLine.objects.bulk_update(rows, LINE_SAYS)
    contract.delivery_on = later or contract.delivery_on
    return {"change": change.number}


@actions.consequence(Order, _("Changed"), states=OrderChange.CHANGEABLE, rules="ORD-28 ORD-29")
def apply_change(order: Order, by: By, *, change: OrderChange) -> dict[str, Any]:
    """The order says the new; what was instructed and planned beyond a smaller quantity is taken back."""
    old = order.delivery_on
    changed = {row.order_line_id: row for row in change.lines.all()}
    lines = list(order.lines.all())
    _take_back(order, lines, changed, change, by)
    for line in lines:
        row = changed.get(line.pk)
        line.delivery_on = _new_day(line.delivery_on, old, change.delivery_on, row)
        _rewrite(line, row)
    OrderLine.objects.bulk_update(lines, LINE_SAYS)
    order.delivery_on = change.delivery_on or old
    return {
        "old_delivery_on": old,
        "delivery_on": order.delivery_on,
        "reason": change.wish,
        "change": change.number,
        "change_id": change.pk,
    }


def _rewrite(line: OrderLine | ContractLine, row: OrderChangeLine | None) -> None:
    """What the row leaves empty stays as it is."""
    for name in ("quantity", "technical_requirement", "quality_requirement"):
        if row and (value := getattr(row, name)):
            setattr(line, name, value)


def _new_day(day: Any, common: Any, later: Any, row: OrderChangeLine | None) -> Any:
    """The day of a line: its own new one; the order's where it had the order's, or where that is later."""
    if row and row.delivery_on:
        return row.delivery_on
    if later is None:
        return day
    return later if day == common else max(day, later)


def _take_back(
    order: Order, lines: list[Any], changed: dict[int, OrderChangeLine], change: OrderChange, by: By
) -> None:
    for stage in REVERSIBLE:
        so_far = reached(order, stage)
        back = []
        for line in lines:
            row = changed.get(line.pk)
            if row and row.quantity and so_far.get(line.pk, Decimal()) > row.quantity:
                back.append((line, row.quantity - so_far[line.pk]))
        credit_lines(order, stage, back, document=change, by=by)


def _new_amount(contract: Contract, change: OrderChange) -> Decimal:
    """What the contract costs with the change: the difference of the quantities, and what was agreed on."""
    changed = {row.order_line_id: row.quantity for row in change.lines.all() if row.quantity}
    rows = contract.lines.filter(order_line__in=changed)
    moved = sum(((changed[row.order_line_id] - row.quantity) * row.unit_price for row in rows), Decimal())
    return contract.amount + moved.quantize(FEN) + (change.added_amount or Decimal())


def _forwarders(change: OrderChange) -> frozenset[str]:
    return frozenset({Role.PLANNER if change.order.is_project else Role.PROD_MGR})


@actions.action(
    OrderChange,
    _("Forward to departments"),
    lines=ForwardLineForm,
    may=(Role.PROD_MGR, Role.PLANNER),
    may_on=_forwarders,
    rules="ORD-27 ORD-32",
)
def forward(change: OrderChange, by: By, *, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Pass the notice on to every department that must adjust; each acknowledges it (ORD-27)."""
    departments: list[Department] = [line["department"] for line in lines]
    if not departments:
        raise Invalid({"lines": _("Name at least one department.")})
    wrong = {
        row: {"department": sentence}
        for row, one in enumerate(departments)
        if (sentence := _unfit(one, departments[:row]))
    }
    if wrong:
        raise Invalid(lines=wrong)
    OrderChangeForward.objects.bulk_create(
        OrderChangeForward(change=change, department=one, sent_at=by.at) for one in departments
    )
    change.forward()
    return {"departments": [one.pk for one in departments]}


def _unfit(department: Department, before: list[Department]) -> Any:
    if department in before:
        return _("This department stands here twice.")
    if department.leader_id is None:
        return _("This department has no leader who could acknowledge it.")
    return ""


def _leads(change: OrderChange, person: Person) -> bool:
    return change.forwards.filter(department__leader=person, acknowledged_at=None).exists()


@actions.action(
    OrderChange,
    _("Acknowledge change"),
    AdjustmentForm,
    may=LEADERS,
    only=_leads,
    states=(State.FORWARDED, State.REPLANNED),
    rules="ORD-27",
)
def acknowledge(change: OrderChange, by: By, *, adjustment: str) -> dict[str, Any]:
    """The leader of a department says what it has adjusted."""
    mine = change.forwards.filter(department__leader=by.actor, acknowledged_at=None)
    told = [row.department_id for row in mine]
    mine.update(acknowledged_at=by.at, person=by.actor, adjustment=adjustment)
    return {"departments": told, "adjustment": adjustment}


@actions.consequence(OrderChange, _("Planned again"), rules="ORD-32")
def replan(change: OrderChange, by: By) -> None:
    """The next version of the plan was issued."""
    change.replan()


@acknowledge.then
@replan.then
def finished(change: OrderChange, by: By, event: Event) -> None:
    """Once everybody has acknowledged it and it is planned again, the change is done."""
    if finish.fits(change) and not finish.reasons(change):
        finish.follow(change, by=by, cause=event)


@actions.consequence(OrderChange, _("Change done"), rules="ORD-27 ORD-32")
def finish(change: OrderChange, by: By) -> None:
    """Everybody works by it."""
    change.finish()


@actions.action(OrderChange, _("Hand to the archive"), may=DESIGNERS, rules="ORD-35 ORD-39")
def archive(change: OrderChange, by: By) -> None:
    """A technical change of level A: the customer's paper goes to the sales company's archive (ORD-35)."""
    change.archive()


@actions.action(
    OrderChange, _("Confirm archive"), may=(Role.SALES_CLERK,), not_by=("archive",), rules="ORD-39"
)
def confirm_archive(change: OrderChange, by: By) -> None:
    """Sales has the customer's paper (ORD-39)."""
    change.confirm_archive()
