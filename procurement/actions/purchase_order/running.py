"""The purchase order with the supplier: sent, confirmed, chased."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from flow import actions, papers
from flow.events import By
from flow.models import Contact, Event
from integration.notices import tell_posts
from org.roles import Role
from procurement.actions import supply
from procurement.actions.lines import named
from procurement.forms.purchase_order import (
    ConfirmationForm,
    ConfirmationLineForm,
    ContactLineForm,
    SendForm,
    SupplierContactForm,
)
from procurement.models import PurchaseOrder, PurchaseOrderLine
from procurement.queries import late_lines, planners_of


@actions.action(PurchaseOrder, _("Send to supplier"), SendForm, may=(Role.BUYER,), rules="PUR-19 PUR-22")
def send(document: PurchaseOrder, by: By, *, channel: str = "", party: str = "") -> dict[str, Any]:
    """Send the approved order; from now on each line is to be chased before it arrives (TM-21)."""
    document.send()
    channel, party = channel or Contact.Channel.EMAIL, party or str(document.supplier)
    content = _("Purchase order {number} sent.").format(number=document.number)
    papers.log_contact(document, by=by, party=party, channel=channel, content=str(content))
    return {"channel": str(channel), "party": party}


@actions.action(
    PurchaseOrder,
    _("Record confirmation"),
    ConfirmationForm,
    lines=ConfirmationLineForm,
    may=(Role.BUYER,),
    rules="PUR-22 PUR-23 PUR-24",
)
def record_confirmation(
    document: PurchaseOrder,
    by: By,
    *,
    confirmed_on: date | None = None,
    lines: list[dict[str, Any]] | None = None,
    file: Any = None,
) -> dict[str, Any]:
    """Keep on which day the supplier will deliver each line; a day left out stays as planned."""
    if file:
        papers.attach(document, "confirmation", file, by=by)
    rows = list(document.lines.select_related("requisition_line"))
    said = lines or []
    dates = dict(zip(named(rows, [line["line"] for line in said]), said, strict=True))
    moved = []
    for row in rows:
        agreed = dates[row]["confirmed_on"] if row in dates else confirmed_on or row.expected_on
        moved += [row] if agreed != row.expected_on else []
        row.confirmed_on = agreed
    PurchaseOrderLine.objects.bulk_update(rows, ["confirmed_on"])
    for row in moved:
        supply.move(row, by=by)
    document.record_confirmation()
    return {
        "lines": {str(row.position): row.confirmed_on for row in rows},
        "moved": [row.position for row in moved],
    }


@record_confirmation.then
def tell_planners(document: PurchaseOrder, by: By, event: Event) -> None:
    """A promise later than the need is told to the leader and the planners (PUR-24, PUR-31, N-44)."""
    if late := late_lines(document):
        said = _("{document}: the supplier delivers later than needed.")
        rows = [f"{line} {line.requisition_line.due_on} → {line.expected_on}" for line in late]
        text = "\n".join(rows)
        tell_posts(planners_of(late), said, document=document, by=by, event=event, text=text)


@actions.action(
    PurchaseOrder,
    _("Log supplier contact"),
    SupplierContactForm,
    lines=ContactLineForm,
    may=(Role.BUYER,),
    states=PurchaseOrder.RUNNING,
    rules="PUR-27 SYS-10",
)
def log_supplier_contact(
    document: PurchaseOrder,
    by: By,
    *,
    dispatch_on: date,
    lines: list[dict[str, Any]] | None = None,
    **contact: str,
) -> dict[str, Any]:
    """Keep the word with the supplier and the day the goods really leave; stops their clock (TM-21).

    Without `lines` it was about all that is still to be delivered.
    """
    rows = list(document.lines.select_related("item"))
    spoken = lines or [{"line": row.pk} for row in rows if row.left > 0]
    found = named(rows, [line["line"] for line in spoken])
    for row, line in zip(found, spoken, strict=True):
        row.dispatch_on = line.get("dispatch_on") or dispatch_on
    PurchaseOrderLine.objects.bulk_update(found, ["dispatch_on"])
    papers.log_contact(document, by=by, **contact)
    return {
        "line_ids": [row.pk for row in found],
        "dispatch_on": {str(row.position): row.dispatch_on for row in found},
    }
