"""The clock of quality: eight hours for bought goods (TM-24)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from deadlines.rules import hours, rule, within
from org.roles import Role
from procurement.models import Receipt
from quality.models import Inspection


def _receipt(inspection: Inspection) -> Receipt | None:
    return inspection.receipt


rule(
    "incoming_inspection_8h",
    "TM-24",
    _("Bought goods are inspected and their qualified quantity is entered within 8 hours."),
    start="procurement.receipt.send_to_inspection",
    stop=("quality.inspection.pass", "quality.inspection.fail"),
    about=_receipt,
    due=within(hours=8),
    warn=hours(2),
    owner=Role.INSPECTOR,
    escalation=[Role.QC_LEADER, (Role.BUYER, Role.PLANNER), Role.GM],
)
