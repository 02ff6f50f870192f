"""What after-sales prints: the form on which a customer's demand is taken down (F-77)."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftersales.models import Ticket
from flow import prints
from flow.policy import Viewer
from flow.prints import said
from flow.sheet import Cells, Checks, Paper, Signs, Text

GRADES = 5


@prints.form(
    Ticket, "feedback", title=gettext_lazy("Customer service and quality feedback form"), code="QR/JY-2005"
)
def feedback(ticket: Ticket, viewer: Viewer) -> Paper:
    """From the customer's call to his confirmation (AFS-01, AFS-06); what is not known is left to the pen."""
    done = prints.done(ticket, "hand_over", "solve", "confirm")
    head = Cells(
        [
            (_("Taken at"), prints.moment(ticket.received_at)),
            (_("Taken by"), ticket.created_by),
            (_("Kind"), ticket.get_kind_display()),
            (_("Customer"), ticket.customer.name),
            (_("Contact person"), ticket.contact),
            (_("Phone"), ticket.phone),
            (_("Order"), said(ticket.order)),
            (_("Product"), said(ticket.item), 2),
        ]
    )
    texts = [
        Text(_("Problem"), ticket.problem, 26),
        Text(_("Demand of the customer"), ticket.demand or None, 16),
        Text(_("Cause"), ticket.cause or None, 18),
        Text(_("Service method"), ticket.method or None, 12),
        Text(_("Solution"), ticket.solution or None, 24),
    ]
    grades = [(str(grade), ticket.satisfaction == grade) for grade in range(GRADES, 0, -1)]
    checks = [
        Checks(_("Power-on check"), [(_("carried out"), ticket.power_on_checked)]),
        Checks(_("Satisfaction of the customer"), grades),
    ]
    signs = Signs(
        [
            (_("Taken by"), ticket.created_by, prints.moment(ticket.created_at)),
            done["hand_over"].under(_("Handed over by")),
            done["solve"].under(_("Service engineer")),
            (_("Confirmation of the customer"), ticket.confirmed_by, done["confirm"].at or _("Date")),
        ]
    )
    return Paper([head, *texts, *checks, signs])
