"""The rules of service and collection, in words (AFS)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from flow.rulebook import chapter

says = chapter("aftersales")

says(
    "AFS-01",
    _(
        "Every service demand of a customer is written down on the service form, with who, what and about "
        "which product."
    ),
)
says(
    "AFS-02",
    _(
        "What the customer sent is attached, or it is ticked that he only telephoned; after-sales should "
        "read his own words."
    ),
)
says(
    "AFS-03",
    _("A demand is handed to after-sales within 60 minutes after it came in."),
    clocks="TM-36",
)
says(
    "AFS-04",
    _("After-sales contacts the customer within 2 hours after it got the demand."),
    clocks="TM-37",
)
says(
    "AFS-06",
    _(
        "The work on site is recorded (preparation, installation, training, power-on check) and signed by "
        "the customer."
    ),
)
says(
    "AFS-08",
    _("When goods did not arrive, shipping looks for the cause and the customer gets an answer."),
)
says(
    "AFS-09",
    _(
        "When goods arrived damaged, after-sales, the shipping leader and the freight auditor are told at "
        "once, and the freight is not paid meanwhile."
    ),
)
says(
    "AFS-10",
    _(
        "After-sales decides how damage is made good (repair, replacement, compensation) and tells the "
        "customer."
    ),
)
says(
    "AFS-13",
    _("Every demand is answered and solved promptly; how long it took is measured."),
)
says(
    "AFS-15",
    _("The salesperson watches what is invoiced and what has come in of the contract."),
)
says(
    "AFS-16",
    _("Finance issues the invoice, never for more than the contract with its supplements."),
)
says(
    "AFS-18",
    _(
        "A payment is booked on the order: it lets the order take effect, releases the shipment and closes "
        "the account."
    ),
)
says(
    "AFS-19",
    _("After each service the customer is asked how content he is."),
)
says(
    "AFS-20",
    _("An order is complete when its services are done and its money has come in, both."),
)
