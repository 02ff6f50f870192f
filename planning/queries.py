"""Proofs about the planning ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from flow.invariants import invariant
from planning.models import OpenQuantity, PlanningEntry

_FIELDS = ("company", "source_type", "source_id", "item", "kind", "due_on", "peg_type", "peg_id", "quantity")


@invariant("open quantities are the sums of the planning entries")
def open_quantities() -> Iterator[str]:
    """Compare what every slot says is open with the sum of its entries."""
    differences: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for *slot, quantity in OpenQuantity.objects.values_list(*_FIELDS):
        differences[tuple(slot)] += quantity
    for *slot, quantity in PlanningEntry.objects.values_list(*_FIELDS).iterator():
        differences[tuple(slot)] -= quantity
    for slot, difference in differences.items():
        if difference:
            yield f"planning slot {slot} differs from its entries by {difference}"
