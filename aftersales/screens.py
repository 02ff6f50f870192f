"""How the documents of after-sales are shown."""

from aftersales.models import Invoice, Ticket
from flow.screens import Screen

Screen(
    Ticket,
    columns=("number", "customer", "order", "kind", "state", "received_at"),
    filters=("state", "kind", "customer", "order"),
    search=("number", "customer__name", "order__number", "problem", "contact"),
    facts=(
        "contact", "phone", "item", "problem", "demand", "telephone_only", "cause", "method", "solution",
        "power_on_checked", "confirmed_by", "satisfaction",
    ),
    related=("customer", "order", "item"),
)  # fmt: skip

Screen(
    Invoice,
    columns=("number", "order", "state", "amount", "issued_on", "sent_on"),
    filters=("state", "order"),
    search=("number", "order__number", "order__customer__name", "tax_number"),
    facts=("tax_number", "sent_to", "reason"),
    related=("order",),
)
