"""How the documents of the warehouse are shown, and what it says of an order."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from flow import html, render
from flow.panels import Asked, Fact, Flag, Mark, Panel, Row, head, panel, stage
from flow.screens import Lines, Screen
from orders.models import Order
from production import queries as production
from production.models import TaskKind
from warehouse.models import PickList, PickListLine, StockIn

Screen(
    StockIn,
    columns=("number", "kind", "state", "inspection", "order", "location"),
    filters=("state", "kind", "order", "inspection", "location"),
    below={"order": "order__customer"},
    search=("number", "inspection__number", "order__number"),
    facts=("reason",),
    lines=(Lines("lines", ("position", "item", "quantity", "lot", "receipt_line")),),
    related=("inspection", "order", "location__warehouse"),
)

Screen(
    PickList,
    columns=("number", "work_order", "order", "state", "is_supplement"),
    filters=("state", "order", "work_order", "is_supplement"),
    below={"order": "order__customer"},
    search=("number", "work_order__number", "order__number"),
    facts=("shortage_reason",),
    lines=(Lines("lines", ("position", "item", "quantity", "prepared", "issued")),),
    related=("work_order", "order"),
)


@stage("orders.order", "stock")
def stock_stage(asked: Asked) -> Mark | None:
    """Until when the packed products are to lie in the store, as planned. One query."""
    lines = asked.once("planned", lambda: production.planned_lines(asked.document))
    last = production.last_of(lines, [TaskKind.PACK])
    return Mark(due=last.finish_on) if last else None


def short_lines(asked: Asked) -> list[PickListLine]:
    """What was issued short for the order and not made good since. One query at the first asking."""
    return asked.once("short_lines", lambda: _short(asked.document))


def _short(order: Order) -> list[PickListLine]:
    """A supplement stands for what was issued short: of one item and work order the last list counts."""
    rows = PickListLine.objects.filter(pick_list__order=order).exclude(
        pick_list__state=PickList.State.CANCELLED
    )
    rows = rows.filter(Q(pick_list__is_supplement=True) | Q(pick_list__state=PickList.State.ISSUED_SHORT))
    last = {
        (row.pick_list.work_order_id, row.item_id): row
        for row in rows.select_related("item__unit", "pick_list").order_by("pk")
    }
    return [row for row in last.values() if row.issued < row.quantity]


@head("orders.order")
def short(asked: Asked) -> Iterator[Flag | Fact]:
    """A mark where the shop floor waits for material."""
    if found := short_lines(asked):
        yield Flag(_("Short on the shop floor: {count}").format(count=len(found)), "near")


@panel("orders.order")
def owed(asked: Asked) -> Panel | None:
    """What the store still owes the shop floor for this order."""
    rows = [
        Row(
            str(line.item),
            html.href(line.pick_list),
            line.pick_list,
            facts=(
                _("needed {count}").format(count=render.words(line.quantity)),
                _("issued {count}").format(count=render.words(line.issued)),
            ),
        )
        for line in short_lines(asked)
    ]
    return Panel(_("Owed to the shop floor"), items=rows, aside=True, place=31) if rows else None
