"""How the documents of the warehouse are shown."""

from flow.screens import Lines, Screen
from warehouse.models import PickList, StockIn

Screen(
    StockIn,
    columns=("number", "kind", "state", "inspection", "order", "location"),
    filters=("state", "kind", "order", "inspection"),
    search=("number", "inspection__number", "order__number"),
    facts=("reason",),
    lines=(Lines("lines", ("position", "item", "quantity", "lot", "receipt_line")),),
    related=("inspection", "order", "location__warehouse"),
)

Screen(
    PickList,
    columns=("number", "work_order", "order", "state", "is_supplement"),
    filters=("state", "order", "work_order", "is_supplement"),
    search=("number", "work_order__number", "order__number"),
    facts=("shortage_reason",),
    lines=(Lines("lines", ("position", "item", "quantity", "prepared", "issued")),),
    related=("work_order", "order"),
)
