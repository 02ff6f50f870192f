"""How the documents of delivery are shown."""

from delivery.models import Shipment
from flow.screens import Lines, Screen

Screen(
    Shipment,
    columns=("number", "order", "state", "planned_dispatch_on", "arrival_on", "address", "method"),
    filters=("state", "method", "carrier", "order"),
    search=("number", "order__number", "order__customer__name", "address", "vehicle"),
    facts=(
        "order__customer", "receiver", "phone", "extras", "payment_release", "goods_prepared", "boxes",
        "carrier", "no_vehicle_reason", "vehicle", "dispatched_on", "delay_reason", "expected_on",
        "missing_parts", "consent_by", "made_good", "received_by", "received_on",
    ),
    lines=(Lines("lines", ("position", "item", "quantity", "order_line")),),
    related=("order__customer", "carrier"),
)  # fmt: skip
