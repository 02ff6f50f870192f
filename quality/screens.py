"""How the documents of quality are shown, and what quality says of an order."""

from __future__ import annotations

from flow.panels import Asked, Mark, stage
from flow.screens import Lines, Screen
from production import queries as production
from production.models import TaskKind
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


@stage("orders.order", "inspection")
def inspection_stage(asked: Asked) -> Mark | None:
    """Until when the products are to be inspected, as planned. One query."""
    lines = asked.once("planned", lambda: production.planned_lines(asked.document))
    last = production.last_of(lines, [TaskKind.INSPECT])
    return Mark(due=last.finish_on) if last else None
