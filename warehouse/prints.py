"""What the warehouse prints: the pick list (F-61)."""

from __future__ import annotations

from collections import defaultdict

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import stock
from flow import prints
from flow.policy import Viewer
from flow.prints import said
from flow.sheet import CENTER, RIGHT, Cells, Column, Paper, Signs, Table, Text
from warehouse.models import PickList

State = PickList.State


@prints.form(PickList, "pick_list", title=gettext_lazy("Material requisition slip"), code="F-61")
def pick_list(document: PickList, viewer: Viewer) -> Paper:
    """Presented by the picker, prepared by the storekeeper, counted by both (WHS-12)."""
    work_order, done = document.work_order, prints.done(document, "prepare", "confirm_issue")
    head = Cells(
        [
            (_("Work order"), work_order.number),
            (_("Order"), document.order.number),
            (_("For missing material"), said(document.is_supplement)),
            (_("Product"), str(work_order.item), 2),
            (_("Quantity"), said(work_order.quantity)),
        ]
    )
    signs = Signs(
        [
            done["prepare"].under(_("Prepared by the storekeeper")),
            done["confirm_issue"].under(_("Counted by the picker")),
        ]
    )
    texts = [Text(_("Issued short because"), document.shortage_reason)] if document.shortage_reason else []
    return Paper([head, _table(document), *texts, signs])


def _table(document: PickList) -> Table:
    columns = [
        Column(_("Row"), 8, CENTER, fixed=True),
        Column(_("Item code"), 3),
        Column(_("Name"), 3),
        Column(_("Model and specification"), 3),
        Column(_("Unit"), 10, CENTER, fixed=True),
        Column(_("Needed quantity"), 16, RIGHT, fixed=True),
        Column(_("Prepared quantity"), 16, RIGHT, fixed=True),
        Column(_("Issued quantity"), 16, RIGHT, fixed=True),
        Column(_("Lot"), 28, CENTER, fixed=True),
    ]
    prepared = document.state != State.CREATED
    issued = document.state not in (State.CREATED, State.PREPARED)
    lots = _lots(document) if issued else {}
    rows = [
        (
            line.position, line.item.code, line.item.name, line.item.spec, line.item.unit.name,
            said(line.quantity), said(line.prepared) if prepared else None,
            said(line.issued) if issued else None, "\n".join(lots.get(line.item_id, ())) if issued else None,
        )
        for line in document.lines.select_related("item__unit")
    ]  # fmt: skip
    return Table(columns, rows, end=_("Nothing follows"))


def _lots(document: PickList) -> dict[int, list[str]]:
    """The lots that were issued, by item. One query."""
    found: dict[int, list[str]] = defaultdict(list)
    for move in stock.moves_of(document).select_related("lot"):
        if move.lot and move.quantity < 0 and move.lot.number not in found[move.item_id]:
            found[move.item_id].append(move.lot.number)
    return found
