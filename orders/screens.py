"""How the documents of the front office are shown."""

from flow.screens import Lines, Screen
from orders.models import Order

Screen(
    Order,
    columns=("number", "customer", "state", "delivery_on", "order_class", "is_project", "customer_reference"),
    filters=("state", "customer", "order_class", "is_project", "channel"),
    search=("number", "customer__name", "customer_reference", "project_name"),
    facts=(
        "end_customer", "channel", "project_name", "is_important", "important_approved", "conditions",
        "conditions_agreed", "change_hold", "remark",
    ),
    lines=(
        Lines(
            "lines",
            (
                "position", "item", "quantity", "unit_price", "amount", "delivery_on", "technical_requirement",
                "quality_requirement",
            ),
        ),
    ),
    related=("customer", "end_customer"),
)  # fmt: skip
