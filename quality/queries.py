"""What quality reads of others: whose work it judges."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Q

from flow.invariants import invariant
from flow.models import Event
from procurement.models import PurchaseOrder, Receipt
from production.models import WorkOrder
from quality.models import Inspection, InspectionLine

MADE = ("start", "sign_operation", "report_assembled", "submit_inspection")
RECEIVED = ("create", "receive", "send_to_inspection")
BOUGHT = ("create", "submit", "send")


def hands_on(inspection: Inspection) -> set[int]:
    """The ids of the people who received, bought or made what is inspected; they do not judge it (C2)."""
    if inspection.receipt is not None:
        order = inspection.receipt.purchase_order_id
        acts = _acts(Receipt, inspection.receipt_id, RECEIVED) | _acts(PurchaseOrder, order, BOUGHT)
    else:
        acts = _acts(WorkOrder, inspection.work_order_id, MADE)
    return set(Event.objects.filter(acts).values_list("actor", flat=True))


def _acts(
    model: type[Receipt] | type[PurchaseOrder] | type[WorkOrder], pk: int | None, names: tuple[str, ...]
) -> Q:
    verbs = [f"{model.label()}.{name}" for name in names]
    return Q(subject_type=model.label(), subject_id=pk, verb__in=verbs)


@invariant("an inspection and its receipt say the same is qualified")
def same_word() -> Iterator[str]:
    """Compare the lines of judged incoming inspections with the lines of their receipts."""
    judged = InspectionLine.objects.exclude(receipt_line=None)
    rows = judged.exclude(inspection__state__in=[Inspection.State.REQUESTED, Inspection.State.INSPECTING])
    for line in rows.exclude(qualified=F("receipt_line__qualified")):
        yield f"inspection line {line.pk} says {line.qualified}, its receipt line something else"
