"""How the documents of procurement are shown."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from flow.panels import Asked, Panel, home
from flow.screens import Lines, Screen
from org.roles import Role
from procurement.models import PurchaseOrder, Receipt, Requisition
from procurement.queries import to_order

Screen(
    Requisition,
    columns=("number", "kind", "order", "state", "plan"),
    filters=("state", "kind", "order"),
    search=("number", "order__number", "order__customer__name", "reason"),
    facts=("reason",),
    lines=(
        Lines(
            "lines",
            (
                "position",
                "item",
                "item__unit",
                "quantity",
                "ordered",
                "left",
                "due_on",
                "order_line__position",
            ),
        ),
    ),
    related=("order", "plan"),
)

Screen(
    PurchaseOrder,
    columns=("number", "supplier", "state", "amount"),
    filters=("state", "supplier"),
    search=("number", "supplier__code", "supplier__name", "invoice_number"),
    facts=("terms", "invoice_number", "invoice_amount"),
    lines=(
        Lines(
            "lines",
            (
                "position", "item", "item__unit", "quantity", "unit_price", "amount", "arrival_on",
                "confirmed_on", "dispatch_on", "received", "qualified", "stocked", "requisition_line",
                "requisition_line__requisition", "requisition_line__requisition__order",
            ),
        ),
    ),
    related=("supplier",),
)  # fmt: skip

Screen(
    Receipt,
    columns=("number", "purchase_order", "supplier", "delivery_note", "state"),
    filters=("state", "supplier", "purchase_order"),
    search=("number", "delivery_note", "purchase_order__number", "supplier__name"),
    facts=("deliverer", "refusal"),
    lines=(
        Lines(
            "lines",
            (
                "position", "line", "line__item", "item__unit", "quantity", "counted", "qualified",
                "returned", "supplier_lot", "lot",
            ),
        ),
    ),
    related=("purchase_order", "supplier"),
)  # fmt: skip


@home
def lines_to_order(asked: Asked) -> Panel | None:
    """What a buyer has to order, with the id by which a purchase order names each line (PUR-34)."""
    buyers = frozenset({str(Role.BUYER)})
    if not asked.viewer.roles & buyers:
        return None
    rows = to_order(asked.viewer.companies(buyers))[:50]
    if not rows:
        return None
    return Panel(
        _("To be ordered"),
        (_("Requisition line"), _("id"), _("Item"), _("Still to be ordered"), _("Needed on"), _("Order")),
        [
            (
                (str(line), f"/{line.requisition.path}/"),
                line.pk,
                line.item,
                f"{line.left:f} {line.item.unit}",
                line.due_on,
                line.requisition.order or "",
            )
            for line in rows
        ],
    )
