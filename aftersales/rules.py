"""The clocks of after-sales: the hand-over and the first contact with the customer (TM-36, TM-37)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from aftersales.models import Ticket
from deadlines.rules import minutes, rule, within
from org.models import Person
from org.roles import Role


def _registrar(ticket: Ticket) -> Person | Role:
    """Who wrote it down hands it over; one that the house opened itself is the clerk's."""
    return Role.SALES_CLERK if ticket.kind == Ticket.Kind.MISSING_PART else ticket.created_by


rule(
    "ticket_hand_over_60m",
    "TM-36",
    _("A customer's demand is handed over to after-sales within 60 minutes."),
    start="aftersales.ticket.create",
    stop="aftersales.ticket.hand_over",
    due=within(minutes=60, since="received_at"),
    warn=minutes(15),
    owner=_registrar,
    escalation=[Role.SALES_LEADER],
)

rule(
    "ticket_contact_2h",
    "TM-37",
    _("The customer is contacted within 2 hours after after-sales received his demand."),
    start="aftersales.ticket.hand_over",
    stop="aftersales.ticket.record_contact",
    due=within(hours=2),
    warn=minutes(30),
    owner=Role.SERVICE_LEADER,
    escalation=[Role.GM],
)
