"""What production prints: the production instruction (F-20)."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from flow import prints
from flow.policy import Viewer
from flow.prints import said
from flow.sheet import CENTER, RIGHT, Cells, Column, Paper, Signs, Table, Text
from production.models import Instruction


@prints.form(Instruction, "instruction", title=gettext_lazy("Production instruction slip"), code="F-20")
def instruction(document: Instruction, viewer: Viewer) -> Paper:
    """What sales tells production to make, line by line as contracted (PRD-01)."""
    order, done = document.order, prints.done(document, "issue", "acknowledge")
    head = Cells(
        [
            (_("Order"), order.number),
            (_("Customer"), order.customer.name),
            (_("Project"), order.project_name),
            (_("Product company"), document.company.name),
            (_("Responsible department"), said(document.department)),
            (_("Delivery date"), said(order.delivery_on)),
            (_("Made to drawing"), said(document.to_drawing)),
            (_("Issued on"), done["issue"].at),
            (_("Issued by"), done["issue"].by),
        ]
    )
    texts = [
        Text(_("Packing requirement"), document.packing_requirement),
        Text(_("Remark"), document.remark),
    ]
    signs = Signs(
        [
            done["issue"].under(_("Issued by")),
            done["acknowledge"].under(_("Production manager")),
        ]
    )
    return Paper([head, _table(document), *texts, signs])


def _table(document: Instruction) -> Table:
    columns = [
        Column(_("Row"), 8, CENTER, fixed=True),
        Column(_("Product"), 3),
        Column(_("Model and specification"), 3),
        Column(_("Unit"), 10, CENTER, fixed=True),
        Column(_("Quantity"), 15, RIGHT, fixed=True),
        Column(_("Delivery date"), 20, CENTER, fixed=True),
        Column(_("Technical requirement"), 4),
        Column(_("Quality requirement"), 3),
    ]
    rows = [
        (
            line.position, line.item.name, line.item.spec or line.item.code, line.item.unit.name,
            said(line.quantity), said(line.delivery_on), line.technical_requirement, line.quality_requirement,
        )
        for line in document.lines.select_related("item__unit")
    ]  # fmt: skip
    return Table(columns, rows, end=_("Nothing follows"))
