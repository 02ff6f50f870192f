"""A process that orders requisition lines: `python -m tests.procurement.buyer SUPPLIER QUANTITY LINE…`.

It says how that ended: the number of lines ordered, or the refusal.
"""

from __future__ import annotations

import sys
from decimal import Decimal

import django


def main(supplier: int, quantity: Decimal, line_ids: list[int]) -> str:
    """Order so much of each line once; what a caller of the action would see."""
    from catalog.models import Supplier
    from flow.events import By
    from flow.refusals import Refused
    from org.models import Company, Person
    from procurement import actions as procurement
    from procurement.models import RequisitionLine
    from tests.people import NINE

    rows = RequisitionLine.objects.select_related("requisition").in_bulk(line_ids)
    lines = [{"requisition_line": rows[pk], "quantity": quantity} for pk in line_ids]
    # All callers have read the lines before any of them orders.
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    try:
        made = procurement.purchase_order.create(
            by=By(Person.objects.get(username="buyer"), NINE),
            company=Company.objects.get(code="KG"),
            supplier=Supplier.objects.get(pk=supplier),
            lines=lines,
        )
    except Refused as refusal:
        return f"refused: {refusal}"
    return f"ordered {made.lines.count()}"


if __name__ == "__main__":
    django.setup()
    supplier, quantity, *line_ids = sys.argv[1:]
    sys.stdout.write(main(int(supplier), Decimal(quantity), [int(pk) for pk in line_ids]))
