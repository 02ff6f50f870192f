"""What delivery prints: the shipping notice, for the store and for transport (F-71)."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.models import Shipment
from flow import prints
from flow.policy import Viewer
from flow.prints import Done, said
from flow.sheet import CENTER, RIGHT, Cells, Column, Paper, Signs, Table, Text

COPIES = (
    ("store", gettext_lazy("Finished goods store"), gettext_lazy("prepares and labels the goods")),
    ("transport", gettext_lazy("Storage and transport"), gettext_lazy("arranges the vehicle and dispatches")),
)


@prints.form(Shipment, "notice", title=gettext_lazy("Shipping notice"), code="F-71", copies=COPIES)
def notice(shipment: Shipment, viewer: Viewer) -> Paper:
    """What leaves the house, when it must arrive and where (DLV-02, DLV-04)."""
    order = shipment.order
    head = Cells(
        [
            (_("Customer"), order.customer.name, 2), (_("Order"), order.number),
            (_("Delivery place"), shipment.address, 2), (_("To arrive on"), said(shipment.arrival_on)),
            (_("Receiver"), shipment.receiver), (_("Phone"), shipment.phone),
            (_("Planned dispatch"), said(shipment.planned_dispatch_on)),
            (_("Delivery method"), shipment.get_method_display()),
            (_("Vehicle or waybill"), shipment.vehicle or None), (_("Boxes"), said(shipment.boxes) or None),
        ]
    )  # fmt: skip
    texts = [Text(_("Spare and matching parts"), shipment.extras)]
    if shipment.missing_parts:
        agreed = _("Agreed by: {person}").format(person=shipment.consent_by or "—")
        texts.append(Text(_("Missing parts"), f"{shipment.missing_parts}\n{agreed}"))
    return Paper([head, _table(shipment), *texts, _signs(shipment)])


def _table(shipment: Shipment) -> Table:
    columns = [
        Column(_("Row"), 8, CENTER, fixed=True),
        Column(_("Product"), 4),
        Column(_("Model and specification"), 4),
        Column(_("Unit"), 12, CENTER, fixed=True),
        Column(_("Quantity"), 18, RIGHT, fixed=True),
        Column(_("Prepared quantity"), 18, RIGHT, fixed=True),
        Column(_("Box numbers"), 24, CENTER, fixed=True),
        Column(_("Remark"), 2),
    ]
    rows = [
        (
            line.position, line.item.name, line.item.spec or line.item.code, line.item.unit.name,
            said(line.quantity), None, None, "",
        )
        for line in shipment.lines.select_related("item__unit")
    ]  # fmt: skip
    return Table(columns, rows, end=_("Nothing follows"))


def _signs(shipment: Shipment) -> Signs:
    done = prints.done(shipment, "issue", "prepare", "dispatch")
    titles = {
        "issue": _("Issued by"),
        "prepare": _("Finished goods store"),
        "dispatch": _("Storage and transport"),
    }
    boxes = [one.under(titles[name]) for name, one in done.items()]
    return Signs([*boxes, Done().under(_("Carrier"))])
