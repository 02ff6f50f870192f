"""Takes up requisition lines with the lines of a purchase order, never more than was requested."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.db.models.functions import Round
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from catalog.models import Supplier, SupplierItem
from catalog.stock.terms import amount, plus
from flow import cases
from flow.events import By
from flow.refusals import Invalid, Refused, Stale
from orders.models.money import TOO_MUCH
from org.models import Company
from procurement.actions import supply
from procurement.models import PurchaseOrder, PurchaseOrderLine, Requisition, RequisitionLine

OPEN = (Requisition.State.APPROVED, Requisition.State.CONVERTED)


@dataclass(frozen=True)
class Wanted:
    """A line of the input with what was left out filled in."""

    line: RequisitionLine
    quantity: Decimal
    unit_price: Decimal
    arrival_on: date


def cases_of(document: PurchaseOrder | None, data: dict[str, Any]) -> set[int]:
    """The ids of the cases whose requisitions the purchase order takes up, before and after the act."""
    named = {line["requisition_line"].requisition.case_id for line in data.get("lines", ()) if _names(line)}
    if document is None:
        return named
    rows = document.lines.values_list("requisition_line__requisition__case_id", flat=True)
    return named | set(rows.order_by())


def read(lines: list[dict[str, Any]], *, company: Company, supplier: Supplier, by: By) -> list[Wanted]:
    """The lines with the rest of the quantity, the supplier's price and the day of the need filled in.

    Raises Invalid, line by line, for what cannot be ordered; Refused where nothing is left to be ordered.
    """
    if not lines:
        raise Invalid({"lines": _("A purchase order needs at least one line.")})
    if not supplier.is_active:
        raise Invalid({"supplier": _("This supplier is not in use any more.")})
    fresh = _fresh([line["requisition_line"].pk for line in lines])
    prices = _prices(supplier, fresh.values())
    today = localtime(by.at).date()
    left = {pk: line.left for pk, line in fresh.items()}
    found: list[Wanted] = []
    wrong: dict[int, dict[str, Any]] = {}
    for row, given in enumerate(lines):
        line = fresh[given["requisition_line"].pk]
        price = given.get("unit_price")
        price = prices.get(line.item_id) if price is None else price
        if errors := _errors(line, given, company=company, price=price, today=today):
            wrong[row] = errors
            continue
        quantity = given.get("quantity") or left[line.pk]
        left[line.pk] -= quantity
        assert price is not None
        found.append(Wanted(line, quantity, price, given.get("arrival_on") or max(line.due_on, today)))
    if wrong:
        raise Invalid(lines=wrong)
    return found


def take_up(document: PurchaseOrder, wanted: list[Wanted], *, by: By) -> None:
    """Write the lines of the purchase order and count them on the requisition lines.

    Raises Refused, with figures, for every requisition line of which more is wanted than is left.
    """
    asked: dict[RequisitionLine, Decimal] = defaultdict(Decimal)
    for one in wanted:
        asked[one.line] += one.quantity
    lacking = [line for line in sorted(asked, key=lambda line: line.pk) if not count(line, asked[line])]
    if lacking:
        fresh = _fresh([line.pk for line in lacking])
        raise Refused(*[_figures(fresh[line.pk], asked[line]) for line in lacking])
    PurchaseOrderLine.objects.bulk_create(
        PurchaseOrderLine(
            purchase_order=document,
            position=position,
            requisition_line=one.line,
            item_id=one.line.item_id,
            quantity=one.quantity,
            unit_price=one.unit_price,
            arrival_on=one.arrival_on,
        )
        for position, one in enumerate(wanted, start=1)
    )
    supply.order(document, by=by)


def count(line: RequisitionLine, quantity: Decimal) -> bool:
    """Count more of the line as ordered if so much is left: the database decides, not what we read."""
    if quantity <= 0:
        return False
    rows = RequisitionLine.objects.filter(pk=line.pk)
    rows = rows.annotate(open=Round(F("quantity") - F("ordered"), precision=3)).filter(open__gte=quantity)
    return rows.update(ordered=plus("ordered", quantity)) == 1


def give_back(
    document: PurchaseOrder, quantities: Iterable[tuple[PurchaseOrderLine, Decimal]], *, by: By
) -> None:
    """So much of the lines is not bought here: it is to be ordered again, unless its requisition is closed.

    What is still on order of a line is announced afresh, so the line's `quantity` must be the new one.
    """
    rows = [(line, quantity) for line, quantity in quantities if quantity > 0]
    _require({line.requisition_line.requisition.case_id for line, _quantity in rows}, document)
    for line, quantity in rows:
        taken = RequisitionLine.objects.filter(pk=line.requisition_line_id)
        taken.update(ordered=plus("ordered", -quantity))
    supply.stop_expecting([line for line, _quantity in rows], by=by)
    supply.expect(document, [(line, line.quantity - line.stocked) for line, _quantity in rows], by=by)
    again = [
        (line.requisition_line, quantity)
        for line, quantity in rows
        if line.requisition_line.requisition.state in OPEN
    ]
    supply.request(again, company=document.company, by=by)


def requisitions_of(document: PurchaseOrder) -> list[Requisition]:
    """The requisitions that the purchase order takes up, in ascending order."""
    rows = Requisition.objects.filter(lines__purchase_lines__purchase_order=document)
    return list(rows.select_related("company", "case").distinct().order_by("pk"))


def requisitions_by_id(pks: Collection[int]) -> list[Requisition]:
    """These requisitions as they stand, in ascending order."""
    return list(Requisition.objects.select_related("company", "case").filter(pk__in=pks).order_by("pk"))


def serve(document: PurchaseOrder, lines: list[dict[str, Any]]) -> None:
    """Say that the purchase order also serves the cases of these lines."""
    cases.link(document.case, cases_of(None, {"lines": lines}))


def amount_of(wanted: Iterable[Wanted]) -> Decimal:
    """What the lines cost together in yuan, to the fen. Raises Invalid for what no column could keep."""
    prices = ((one.quantity * one.unit_price).quantize(Decimal("0.01")) for one in wanted)
    total = sum(prices, Decimal())
    if total >= TOO_MUCH:
        raise Invalid({"lines": _("The amount is too large: check prices and quantities.")})
    return total


def _names(line: dict[str, Any]) -> bool:
    return line.get("requisition_line") is not None


def _fresh(pks: Collection[int]) -> dict[int, RequisitionLine]:
    return RequisitionLine.objects.select_related("requisition__order", "item").in_bulk(set(pks))


def _prices(supplier: Supplier, lines: Iterable[RequisitionLine]) -> dict[int, Decimal]:
    rows = SupplierItem.objects.filter(
        supplier=supplier, item__in={line.item_id for line in lines}, price__gt=0
    )
    return dict(rows.values_list("item_id", "price"))


def _errors(
    line: RequisitionLine, given: dict[str, Any], *, company: Company, price: Decimal | None, today: date
) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    if line.requisition.company_id != company.pk:
        errors["requisition_line"] = _("This requisition belongs to another company.")
    elif line.requisition.state not in OPEN:
        said = _("{requisition} is “{state}”: only approved requisitions are ordered.")
        errors["requisition_line"] = said.format(
            requisition=line.requisition, state=line.requisition.get_state_display()
        )
    if price is None:
        errors["unit_price"] = _("This supplier has no price for {item}: enter one.").format(item=line.item)
    if given.get("arrival_on") and given["arrival_on"] < today:
        errors["arrival_on"] = _("This day has passed already.")
    return errors


def _figures(line: RequisitionLine, wanted: Decimal) -> Any:
    said = _("{line}, {item}: {wanted} wanted, but {ordered} of {quantity} are ordered already: {left} left.")
    return said.format(
        line=line,
        item=line.item,
        wanted=amount(max(wanted, Decimal())),
        quantity=amount(line.quantity),
        ordered=amount(line.ordered),
        left=amount(line.left),
    )


def _require(case_ids: set[int], document: PurchaseOrder) -> None:
    """The lines may have changed between the naming of the cases and their lock: then look again (P7)."""
    try:
        for case_id in case_ids:
            cases.require(case_id)
    except RuntimeError as changed:
        raise Stale(document) from changed
