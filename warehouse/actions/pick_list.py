"""The pick list: drafted on the release of a work order, prepared, checked by a second person, issued."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog import stock
from catalog.models import Item
from catalog.stock import Move, Subject, Want
from catalog.stock.terms import amount, short
from flow import actions
from flow.events import By
from flow.models import Event
from flow.refusals import Invalid, Refused
from integration.notices import tell_posts
from orders.models import Order
from org.roles import Role
from procurement.actions.lines import named
from production.actions import work_order as work_orders
from production.models import WorkOrder
from warehouse import queries
from warehouse.forms import ConfirmIssueForm, PickedLineForm
from warehouse.models import PickList, PickListLine

State = PickList.State


@actions.creation(PickList, _("Draft pick list"), parent="work_order", numbers=True, rules="WHS-11")
def create(by: By, *, work_order: WorkOrder, materials: Mapping[int, Decimal] | None = None) -> PickList:
    """List what the work order needs; `materials` (by item id): only what is still missing of it."""
    pick_list = actions.draft(
        PickList,
        by=by,
        case=work_order.case,
        company=work_order.company,
        work_order=work_order,
        order=work_order.order,
        is_supplement=materials is not None,
    )
    if materials is None:
        materials = dict(work_order.materials.values_list("item", "quantity"))
    PickListLine.objects.bulk_create(
        PickListLine(pick_list=pick_list, position=position, item_id=item, quantity=quantity)
        for position, (item, quantity) in enumerate(materials.items(), start=1)
    )
    return pick_list


@actions.action(
    PickList,
    _("Confirm material prepared"),
    lines=PickedLineForm,
    may=(Role.STOREKEEPER,),
    rules="WHS-12 WHS-13 WHS-15",
)
def prepare(pick_list: PickList, by: By, *, lines: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Put the material ready; without lines all that is in stock for it. May be done again until issued."""
    rows = list(pick_list.lines.select_related("item"))
    there = _there(pick_list, rows)
    for row in rows:
        row.prepared = min(row.quantity, there[row.item_id])
    for row, quantity in _said(rows, lines or []):
        row.prepared = quantity
    pick_list.prepare()
    PickListLine.objects.bulk_update(rows, ["prepared"])
    return {"prepared": {str(row.position): row.prepared for row in rows}}


@actions.action(
    PickList,
    _("Confirm issue"),
    ConfirmIssueForm,
    lines=PickedLineForm,
    may=(Role.PICKER,),
    not_by=("prepare",),
    rules="WHS-12 WHS-13 WHS-15",
)
def confirm_issue(
    pick_list: PickList,
    by: By,
    *,
    agreed_short: bool = False,
    reason: str = "",
    lines: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The picker has checked and counted what was prepared: it is issued, the own order's stock first.

    Raises Refused, with figures, for less than needed that was not agreed, and for what is not in stock.
    """
    rows = list(pick_list.lines.select_related("item"))
    for row in rows:
        row.issued = row.prepared
    for row, quantity in _said(rows, lines or []):
        row.issued = quantity
    missing = [row for row in rows if row.issued < row.quantity]
    _check_shortage(rows, missing, agreed_short, reason)
    PickListLine.objects.bulk_update(rows, ["issued"])
    pick_list.shortage_reason = reason if missing else ""
    pick_list.confirm_issue()
    _issue(pick_list, rows, by)
    return {
        "issued": {str(row.position): row.issued for row in rows},
        "missing": {row.item.code: row.quantity - row.issued for row in missing},
        "reason": pick_list.shortage_reason,
    }


@confirm_issue.then
def work_order_follows(pick_list: PickList, by: By, event: Event) -> None:
    """The work order has its material, wholly or short; a further list opens for what is missing."""
    missing, work_order = pick_list.missing, pick_list.work_order
    if pick_list.is_supplement:
        work_orders.supplement.follow(work_order, by=by, cause=event, owed=missing)
    else:
        work_orders.kit.follow(work_order, by=by, cause=event, short=bool(missing), owed=missing)
    if missing:
        create.follow(by=by, cause=event, work_order=work_order, materials=missing)


@confirm_issue.then
def tell_shortage(pick_list: PickList, by: By, event: Event) -> None:
    """Planning, material control and the team hear at once what is missing (WHS-13, WHS-14, N-37)."""
    if not event.data["missing"]:
        return
    planner = Role.PLANNER if pick_list.order.is_project else Role.PROD_MGR
    text = "\n".join(f"{item}: {amount(quantity)}" for item, quantity in event.data["missing"].items())
    tell_posts(
        (planner, Role.MAT_CONTROLLER, Role.TEAM_LEADER),
        _("{document} was issued short of material."),
        document=pick_list,
        by=by,
        event=event,
        text=f"{pick_list.work_order}\n{text}\n{pick_list.shortage_reason}",
    )


@actions.action(PickList, _("Close pick list"), may=(Role.STOREKEEPER,), rules="WHS-12")
def close(pick_list: PickList, by: By) -> None:
    """Both confirmed it: put it into the file."""
    pick_list.close()


@actions.action(
    PickList, _("Take material back"), may=(Role.STOREKEEPER,), awaited=False, rules="WHS-18 SYS-12"
)
def take_back(pick_list: PickList, by: By) -> dict[str, Any]:
    """What was drawn for a work order that never began goes back to where it lay, free for other orders."""
    pick_list.take_back()
    back = [
        Move(m.item_id, m.location_id, -m.quantity, f"back-{m.pk}", m.lot_id, m.serial_id)
        for m in stock.moves_of(pick_list)
    ]
    stock.post(back, document=pick_list, by=by)
    rows = list(pick_list.lines.select_related("item"))
    returned = {row.item.code: row.issued for row in rows if row.issued}
    for row in rows:
        row.issued = Decimal()
    PickListLine.objects.bulk_update(rows, ["issued"])
    return {"returned": returned}


@actions.consequence(PickList, _("Cancelled"))
def cancel(pick_list: PickList, by: By) -> None:
    """The work order ended before its material was issued."""
    pick_list.cancel()


def _there(pick_list: PickList, rows: list[PickListLine]) -> dict[int, Decimal]:
    """By item what may be issued for the order: what is kept for it and what is nobody's."""
    items = [row.item_id for row in rows]
    kept = stock.kept_for(Order.label(), [pick_list.order_id]).get(pick_list.order_id, {})
    free = stock.available(items, company=pick_list.company)
    return {item: free[item] + kept.get(item, Decimal()) for item in items}


def _said(rows: list[PickListLine], lines: list[dict[str, Any]]) -> list[tuple[PickListLine, Decimal]]:
    """The rows that were named, with what was said of them. Raises Invalid for more than is needed."""
    found = named(rows, [line["line"] for line in lines])
    said = [(row, line["quantity"]) for row, line in zip(found, lines, strict=True)]
    sentence = _("Only {quantity} are needed.")
    wrong = {
        index: {"quantity": sentence.format(quantity=amount(row.quantity))}
        for index, (row, quantity) in enumerate(said)
        if quantity > row.quantity
    }
    if wrong:
        raise Invalid(lines=wrong)
    return said


def _check_shortage(rows: list[PickListLine], missing: list[PickListLine], agreed: bool, reason: str) -> None:
    if not any(row.issued for row in rows):
        raise Refused(_("There is nothing to issue: wait for the material, then prepare it again."))
    if missing and not agreed:
        said = _("Material is missing: prepare the rest, or agree to start without it.")
        raise Refused(said, *[_shortage(row.item, row) for row in missing])
    if missing and not reason:
        raise Invalid({"reason": _("Say why less is issued than needed.")})


def _shortage(item: Item, row: PickListLine) -> Any:
    return short(item, row.quantity, row.issued)


def _issue(pick_list: PickList, rows: list[PickListLine], by: By) -> None:
    """Carry it from the store to the shop floor; into a finished product it goes at once."""
    finished = pick_list.work_order.state == WorkOrder.State.COMPLETED
    floor = None if finished else queries.place_of(pick_list.company, queries.SHOP_FLOOR)
    wants = [Want(row.item_id, row.issued, f"line-{row.position}") for row in rows if row.issued]
    stock.issue(
        wants,
        company=pick_list.company,
        subject=Subject.of(pick_list.order),
        document=pick_list,
        by=by,
        to_id=floor.pk if floor else None,
    )
