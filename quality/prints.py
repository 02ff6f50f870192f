"""What quality prints: the request to inspect what came, in four copies (F-56), and a product (F-67)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Location, Warehouse
from deadlines.models import Deadline
from flow import prints
from flow.policy import Viewer
from flow.prints import Done, said
from flow.sheet import CENTER, RIGHT, Cells, Checks, Column, Facts, Paper, Signs, Table, Text
from procurement.models import Receipt
from quality.models import Inspection

State, Kind = Inspection.State, Inspection.Kind
OPEN = (State.REQUESTED, State.INSPECTING)
# So many lines the paper has at least.
ROWS = 12
COPIES = (
    ("quality", gettext_lazy("Quality department"), gettext_lazy("kept for the file")),
    ("purchasing", gettext_lazy("Purchasing department"), gettext_lazy("handed over when qualified")),
    ("material_control", gettext_lazy("Material controller"), gettext_lazy("handed over when qualified")),
    ("warehouse", gettext_lazy("the warehouse"), gettext_lazy("kept there")),
)


@prints.form(
    Inspection, "incoming", title=gettext_lazy("Material receipt and inspection request"), code="F-56",
    copies=COPIES, only=lambda inspection: inspection.kind == Kind.INCOMING,
)  # fmt: skip
def incoming(inspection: Inspection, viewer: Viewer) -> Paper:
    """Four copies go with a delivery to quality (WHS-05, WHS-06, QUA-02, QUA-03)."""
    receipt = inspection.receipt
    assert receipt is not None, "an incoming inspection has its receipt"
    came = prints.done(receipt, "receive", "send_to_inspection")
    head = Cells(
        [
            (_("Supplier"), receipt.supplier.name),
            (_("Purchase order"), receipt.purchase_order.number),
            (_("Material delivery note"), receipt.delivery_note),
            (_("Goods receipt"), receipt.number),
            (_("Goods received at"), came["receive"].at),
            (_("Inspection area"), _area(receipt)),
        ]
    )
    times = Facts(
        [
            (_("Handed to quality"), came["send_to_inspection"].at or "—"),
            (_("To be inspected by"), _due(receipt)),
        ]
    )
    signs = _signs(
        inspection, (_("Storekeeper"), came["send_to_inspection"]), _("Taken back by the storekeeper")
    )
    foot = _(
        "Inspected by the incoming inspection procedure. In four copies: quality keeps one, three go back to "
        "the storekeeper; when qualified, purchasing and material control get theirs, the warehouse keeps it."
    )
    return Paper([head, _incoming_table(inspection), _conclusion(inspection), times, signs], foot)


def _incoming_table(inspection: Inspection) -> Table:
    columns = [
        Column(_("Row"), 8, CENTER, fixed=True),
        Column(_("Model and specification"), 4),
        Column(_("Name and requirement"), 4),
        Column(_("Unit"), 10, CENTER, fixed=True),
        Column(_("Delivered quantity"), 14, RIGHT, fixed=True),
        Column(_("Received quantity"), 14, RIGHT, fixed=True),
        Column(_("Lot"), 28, CENTER, fixed=True),
        Column(_("Qualified quantity"), 20, RIGHT, fixed=True),
        Column(_("Nonconforming quantity"), 18, RIGHT, fixed=True),
        Column(_("Remark"), 2),
    ]
    judged = inspection.state not in OPEN
    rows = []
    for line in inspection.lines.select_related("item__unit", "receipt_line__lot"):
        came = line.receipt_line
        verdict = (said(line.qualified), said(line.failed)) if judged else (None, None)
        rows.append(
            (
                line.position, line.item.spec or line.item.code, line.item.name, line.item.unit.name,
                said(came.quantity) if came else "", said(line.quantity),
                said(came.lot) if came else "", *verdict, came.supplier_lot if came else "",
            )
        )  # fmt: skip
    return Table(columns, rows, blank=ROWS)


def _conclusion(inspection: Inspection) -> Checks:
    state = inspection.state
    options = [
        (_("Qualified, to stock"), state in (State.PASSED, State.PASSED_SHORT)),
        (_("Partly qualified"), state == State.PARTLY),
        (_("Not qualified, to be returned"), state == State.FAILED),
        (_("Accepted by concession, No."), False),
    ]
    return Checks(_("Conclusion"), options, None)


def _signs(inspection: Inspection, first: tuple[Any, Done], last: Any) -> Signs:
    done = prints.done(inspection, "start", "pass", "fail")
    inspected = max(done["pass"], done["fail"], key=lambda one: one.at)
    boxes = [first, (_("Taken by quality"), done["start"]), (_("Inspector"), inspected), (last, Done())]
    return Signs([one.under(title) for title, one in boxes])


def _area(receipt: Receipt) -> str:
    """Where goods of the company wait for their inspection."""
    rows = Location.objects.filter(
        warehouse__company=receipt.company_id, warehouse__kind=Warehouse.Kind.QUARANTINE
    )
    found = rows.order_by("pk").first()
    return (found.name or found.code) if found else ""


def _due(receipt: Receipt) -> str:
    """Until when quality has to be done with it (QUA-01, TM-24)."""
    rows = Deadline.objects.filter(
        subject_type=Receipt.label(), subject_id=receipt.pk, rule="incoming_inspection_8h"
    )
    found = rows.order_by("-pk").first()
    return prints.moment(found.due_at) if found else _("within 8 hours")


@prints.form(
    Inspection, "final", title=gettext_lazy("Product inspection request"), code="F-67",
    only=lambda inspection: inspection.kind == Kind.FINAL,
)  # fmt: skip
def final(inspection: Inspection, viewer: Viewer) -> Paper:
    """Goes with a finished product to quality, with what is missing in it (QUA-27, QUA-28)."""
    work_order = inspection.work_order
    assert work_order is not None, "a final inspection has its work order"
    sent = Done(str(inspection.created_by), prints.moment(inspection.created_at))
    head = Cells(
        [
            (_("Order"), work_order.order.number),
            (_("Work order"), work_order.number),
            (_("Sent at"), sent.at),
        ]
    )
    columns = [
        Column(_("Row"), 8, CENTER, fixed=True),
        Column(_("Model and specification"), 4),
        Column(_("Product"), 4),
        Column(_("Unit"), 10, CENTER, fixed=True),
        Column(_("Quantity"), 18, RIGHT, fixed=True),
        Column(_("Serial number"), 3),
        Column(_("Qualified quantity"), 20, RIGHT, fixed=True),
        Column(_("Nonconforming quantity"), 18, RIGHT, fixed=True),
    ]
    judged = inspection.state not in OPEN
    rows = [
        (
            line.position, line.item.spec or line.item.code, line.item.name, line.item.unit.name,
            said(line.quantity), None,
            *((said(line.qualified), said(line.failed)) if judged else (None, None)),
        )
        for line in inspection.lines.select_related("item__unit")
    ]  # fmt: skip
    cleaned = Checks(_("Cleaned and tidied up"), [(_("yes"), False), (_("no"), False)])
    missing = Text(_("Missing parts"), inspection.missing_parts)
    result = Text(_("Result"), inspection.result or (None if not judged else ""))
    signs = _signs(inspection, (_("Team leader"), sent), _("Received by the finished goods store"))
    return Paper([head, Table(columns, rows), cleaned, missing, _conclusion(inspection), result, signs])
