"""The clock of procurement: a word with the supplier before each line arrives (TM-21)."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from deadlines.rules import before, rule, workdays
from flow.models import Event
from org.roles import Role
from procurement.models import PurchaseOrder, PurchaseOrderLine


def _expected_lines(document: PurchaseOrder) -> list[PurchaseOrderLine]:
    """The lines that are still to be delivered."""
    return list(document.lines.filter(received__lt=F("quantity")).select_related("item"))


def _spoken_of(document: PurchaseOrder, event: Event) -> list[int]:
    """The lines that need no call any more: they were spoken of, given up, or have come."""
    return event.data["line_ids"]


rule(
    "supplier_contact_5d",
    "TM-21",
    _("The buyer asks the supplier for the actual dispatch 5 working days before a line arrives."),
    start="procurement.purchase_order.send",
    restart="procurement.purchase_order.record_confirmation",
    stop=(
        "procurement.purchase_order.log_supplier_contact",
        "procurement.purchase_order.receive",
        "procurement.purchase_order.reduce",
    ),
    which=_spoken_of,
    lines=_expected_lines,
    due=before("expected_on", workdays=5),
    warn=workdays(1),
    owner=Role.BUYER,
    escalation=[Role.PURCH_LEADER],
)
