"""What procurement says in the supply and demand ledger: what is requested, what is on order (PUR-04)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from catalog.stock import Subject
from flow.events import By
from orders.models import Order
from org.models import Company
from planning import ledger
from planning.ledger import Announcement
from planning.models import Kind
from procurement.models import PurchaseOrder, PurchaseOrderLine, RequisitionLine

REQUESTED = "procurement.requisition_line"
ORDERED = "procurement.purchase_order_line"


def request(lines: Iterable[tuple[RequisitionLine, Decimal]], *, company: Company, by: By) -> None:
    """Announce so much of each line as requested."""
    ledger.post(
        company=company,
        announcements=[
            Announcement(
                kind=Kind.REQUESTED,
                item_id=line.item_id,
                quantity=quantity,
                due_on=line.due_on,
                source=Subject(REQUESTED, line.pk),
                case_id=line.requisition.case_id,
                peg=peg(line),
            )
            for line, quantity in lines
            if quantity > 0
        ],
        by=by,
    )


def withdraw(lines: Collection[RequisitionLine], *, by: By) -> None:
    """Nothing of the lines is requested any more."""
    if lines:
        ledger.clear(sources=[Subject(REQUESTED, line.pk) for line in lines], by=by)


def order(document: PurchaseOrder, *, by: By) -> None:
    """What its lines take up is on order from now on, and no longer only requested."""
    lines = list(lines_of(document))
    for line in lines:
        if line.quantity:
            source = Subject(REQUESTED, line.requisition_line_id)
            ledger.settle(source=source, quantity=line.quantity, by=by, kind=Kind.REQUESTED)
    expect(document, [(line, line.quantity) for line in lines], by=by)


def expect(
    document: PurchaseOrder,
    lines: Iterable[tuple[PurchaseOrderLine, Decimal]],
    *,
    by: By,
) -> None:
    """Announce so much of each line as on order, for whom it was requested."""
    ledger.post(
        company=document.company,
        announcements=[
            Announcement(
                kind=Kind.ON_ORDER,
                item_id=line.item_id,
                quantity=quantity,
                due_on=line.expected_on,
                source=Subject(ORDERED, line.pk),
                case_id=document.case_id,
                peg=peg(line.requisition_line),
            )
            for line, quantity in lines
            if quantity > 0
        ],
        by=by,
    )


def stop_expecting(lines: Collection[PurchaseOrderLine], *, by: By) -> None:
    """Nothing of the lines is on order any more."""
    if lines:
        ledger.clear(sources=[Subject(ORDERED, line.pk) for line in lines], by=by)


def move(line: PurchaseOrderLine, *, by: By) -> None:
    """The line arrives on another day."""
    ledger.move(sources=[Subject(ORDERED, line.pk)], due_on=line.expected_on, by=by)


def arrived(line: PurchaseOrderLine, quantity: Decimal, *, by: By) -> None:
    """So much of the line lies in the store and is no longer on order."""
    ledger.settle(source=Subject(ORDERED, line.pk), quantity=quantity, by=by)


def lines_of(document: PurchaseOrder) -> Iterable[PurchaseOrderLine]:
    """The lines with what the ledger asks about them. One query."""
    return document.lines.select_related("requisition_line__requisition__order", "item")


def peg(line: RequisitionLine) -> Subject | None:
    """For whom the line was requested: the order whose line needs it; None: whoever needs it first.

    What a cancelled order leaves behind is for whoever needs it.
    """
    order = line.requisition.order
    if order is None or line.order_line_id is None or order.state == Order.State.CANCELLED:
        return None
    return Subject.of(order)
