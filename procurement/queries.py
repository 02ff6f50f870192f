"""What procurement and the departments after it read more than once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from flow.invariants import invariant
from orders.models import Order
from org.roles import Role
from procurement.models import PurchaseOrder, PurchaseOrderLine, ReceiptLine, Requisition, RequisitionLine


def late_lines(document: PurchaseOrder) -> list[PurchaseOrderLine]:
    """The lines that are expected later than the requisition needs them."""
    rows = document.lines.select_related("item", "requisition_line__requisition__order")
    return [row for row in rows if row.expected_on > row.requisition_line.due_on and row.left > 0]


def awaited(orders: Sequence[Order], today: date) -> list[PurchaseOrderLine]:
    """The lines bought for these orders that come later than needed, or are needed by now and not here. One
    query, the longest delay first."""
    rows = PurchaseOrderLine.objects.filter(
        requisition_line__requisition__order__in=orders,
        purchase_order__state__in=PurchaseOrder.OPEN,
        received__lt=F("quantity"),
    ).annotate(expected=Coalesce("confirmed_on", "arrival_on"))
    needed = F("requisition_line__due_on")
    rows = rows.filter(Q(expected__gt=needed) | Q(requisition_line__due_on__lt=today))
    rows = rows.select_related(
        "item__unit", "requisition_line__requisition", "purchase_order__created_by__department"
    )
    found = list(rows.order_by("pk"))
    return sorted(found, key=lambda line: line.requisition_line.due_on - max(line.expected_on, today))


def planners_of(lines: Iterable[PurchaseOrderLine]) -> set[Role]:
    """Whose plans suffer when these lines are late, and the purchasing leader (N-44)."""
    orders = [line.requisition_line.requisition.order for line in lines]
    found = {Role.PURCH_LEADER, Role.MAT_CONTROLLER}
    return found | {Role.PLANNER if order.is_project else Role.PROD_MGR for order in orders if order}


def to_order(company_ids: set[int] | None) -> list[RequisitionLine]:
    """The lines still to be ordered in these companies (None: all), those needed first before others."""
    rows = RequisitionLine.objects.filter(requisition__state=Requisition.State.APPROVED)
    rows = rows.filter(ordered__lt=F("quantity"))
    if company_ids is not None:
        rows = rows.filter(requisition__company_id__in=company_ids)
    return list(rows.select_related("requisition__order", "item__unit").order_by("due_on", "pk"))


def bought_for(line: ReceiptLine) -> Order | None:
    """The order for which the goods of a receipt line were bought; None: for stock."""
    requested = line.line.requisition_line
    return requested.requisition.order if requested.order_line_id else None


@invariant("no requisition line is ordered beyond its quantity")
def over_ordered() -> Iterator[str]:
    """Compare what each requisition line says is ordered with the purchase orders that take it up."""
    living = PurchaseOrderLine.objects.exclude(purchase_order__state=PurchaseOrder.State.CANCELLED)
    ordered = dict(living.order_by().values_list("requisition_line").annotate(total=Sum("quantity")))
    for pk, quantity, said in RequisitionLine.objects.values_list("pk", "quantity", "ordered"):
        total = ordered.get(pk, Decimal())
        if total != said:
            yield f"requisition line {pk} says {said} are ordered, its purchase orders {total}"
        if total > quantity:
            yield f"requisition line {pk}: {total} ordered of {quantity}"


@invariant("a purchase order line has received what its receipts say")
def received() -> Iterator[str]:
    """Compare what every purchase order line has received and stored with its receipts."""
    counted: dict[int, Decimal] = {}
    qualified: dict[int, Decimal] = {}
    rows = ReceiptLine.objects.exclude(receipt__state__in=["arrived", "refused"]).select_related("receipt")
    for row in rows:
        waiting = row.receipt.state in ("received", "sent_to_inspection")
        came = row.counted if waiting else row.qualified
        counted[row.line_id] = counted.get(row.line_id, Decimal()) + came
        qualified[row.line_id] = qualified.get(row.line_id, Decimal()) + row.qualified
    for line in PurchaseOrderLine.objects.all():
        said = counted.get(line.pk, Decimal()), qualified.get(line.pk, Decimal())
        if (line.received, line.qualified) != said:
            own = line.received, line.qualified
            yield f"purchase line {line.pk} says {own} are received and qualified, its receipts {said}"
