"""How the documents of quality are shown."""

from flow.screens import Lines, Screen
from quality.models import Inspection

Screen(
    Inspection,
    columns=("number", "kind", "state", "receipt", "work_order", "missing_parts"),
    filters=("state", "kind", "receipt", "work_order"),
    search=(
        "number",
        "receipt__number",
        "receipt__delivery_note",
        "work_order__number",
        "work_order__order__number",
    ),
    facts=("result",),
    lines=(Lines("lines", ("position", "item", "item__unit", "quantity", "qualified")),),
    related=("receipt", "work_order"),
)
