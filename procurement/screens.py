"""How the documents of procurement are shown, and what procurement says of an order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Max, Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from flow import html, render
from flow.panels import Asked, Fact, Flag, Late, Mark, Panel, Row, head, home, panel, sentence, stage
from flow.screens import Lines, Screen
from orders.models import Order
from org.roles import Role
from procurement.models import PurchaseOrder, PurchaseOrderLine, Receipt, Requisition, RequisitionLine
from procurement.queries import awaited, to_order

Screen(
    Requisition,
    columns=("number", "kind", "order", "state", "plan"),
    filters=("state", "kind", "order", "plan"),
    below={"order": "order__customer"},
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
    filters=("state", "supplier", "amount"),
    total="amount",
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
    made_from="lines__requisition_line__requisition",
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


# ---- what procurement says of an order ----


@sentence("orders.order")
def late_supply(orders: Sequence[Order], at: datetime) -> dict[int, list[Late]]:
    """What comes later than it is needed, by item, with the department that buys it. Two queries."""
    today = localtime(at).date()
    found: dict[int, list[Late]] = defaultdict(list)
    for line in awaited(orders, today):
        found[_order_of(line)].append(_late(line, today))
    rows = RequisitionLine.objects.filter(
        requisition__order__in=orders, requisition__state=Requisition.State.APPROVED,
        ordered__lt=F("quantity"), due_on__lt=today,
    )  # fmt: skip
    rows = rows.select_related("item__unit", "requisition__created_by__department")
    for row in rows.order_by("due_on", "pk"):
        found[row.requisition.order_id or 0].append(_unordered(row, (today - row.due_on).days))
    return found


def _unordered(row: RequisitionLine, days: int) -> Late:
    requisition = row.requisition
    names = {"item": row.item, "document": requisition, "day": render.words(row.due_on)}
    said = _("{department} has not ordered {item} ({document}), which was needed on {day}.")
    department = requisition.created_by.department or _("Purchasing")
    return Late(department, said, timedelta(days=days), names, html.href(requisition), moves=True)


def _order_of(line: PurchaseOrderLine) -> int:
    return int(line.requisition_line.requisition.order_id)  # type: ignore[arg-type]


def _late(line: PurchaseOrderLine, today: date) -> Late:
    needed, expected = line.requisition_line.due_on, max(line.expected_on, today)
    names: dict[str, Any] = {
        "item": line.item,
        "document": line.purchase_order,
        "line": line.position,
        "missing": f"{render.words(line.left)} {line.item.unit}",
        "needed": render.words(needed),
        "expected": render.words(expected),
    }
    said = _(
        "{department}: {item} ({document}, line {line}, {missing} missing) is needed on {needed} "
        "and comes on {expected}."
    )
    department = line.purchase_order.created_by.department or _("Purchasing")
    href = html.href(line.purchase_order)
    return Late(department, said, expected - needed, names, href, moves=True)


def short_lines(asked: Asked) -> list[PurchaseOrderLine]:
    """What comes later than this order needs it. One query at the first asking."""
    return asked.once("short", lambda: awaited([asked.document], localtime(asked.at).date()))


@head("orders.order")
def short(asked: Asked) -> Iterator[Flag | Fact]:
    """A mark where material is missing."""
    if count := len({line.item_id for line in short_lines(asked)}):
        yield Flag(_("Short of {count} items").format(count=count), "bad")


@panel("orders.order")
def shortages(asked: Asked) -> Panel | None:
    """What is missing, how much of it, and when it comes."""
    today = localtime(asked.at).date()
    rows = [_short(line, today) for line in short_lines(asked)]
    return Panel(_("Shortages"), items=rows, aside=True, place=30) if rows else None


def _short(line: PurchaseOrderLine, today: date) -> Row:
    day = render.words(max(line.expected_on, today))
    facts = (
        _("needed {count}").format(count=render.words(line.quantity)),
        _("arrived {count}").format(count=render.words(line.received)),
        _("missing {count}").format(count=f"{render.words(line.left)} {line.item.unit}"),
        _("comes on {day}").format(day=day),
    )
    return Row(str(line.item), html.href(line.purchase_order), line.purchase_order, facts=facts)


@stage("orders.order", "purchase")
def purchase_stage(asked: Asked) -> Mark | None:
    """Until when everything is needed, when it will be there, and who buys it. Two queries."""
    ended = (Requisition.State.REJECTED, Requisition.State.CANCELLED)
    wanted = RequisitionLine.objects.filter(requisition__order=asked.document).exclude(
        requisition__state__in=ended
    )
    needed = wanted.aggregate(last=Max("due_on"), unordered=Max("pk", filter=Q(ordered__lt=F("quantity"))))
    if needed["last"] is None:
        return None
    rows = PurchaseOrderLine.objects.filter(
        requisition_line__requisition__order=asked.document,
        purchase_order__state__in=PurchaseOrder.OPEN,
        received__lt=F("quantity"),
    )
    coming = list(rows.select_related("purchase_order__created_by"))
    return Mark(
        owner=coming[-1].purchase_order.created_by if coming else "",
        due=needed["last"],
        forecast=max((line.expected_on for line in coming), default=None),
        open=bool(coming or needed["unordered"]),
    )
