"""How the documents of production are shown."""

from flow.screens import Lines, Screen
from production.models import Instruction, Packaging, Plan, Task, WorkOrder

Screen(
    Instruction,
    columns=("number", "order", "state", "department"),
    filters=("state", "department", "order"),
    search=("number", "order__number", "order__customer__name"),
    facts=("packing_requirement", "to_drawing", "remark"),
    lines=(
        Lines(
            "lines",
            ("position", "item", "quantity", "delivery_on", "technical_requirement", "quality_requirement"),
        ),
    ),
    related=("order", "department"),
)

Screen(
    Plan,
    columns=("number", "order", "version_no", "state", "start_on", "finish_on"),
    filters=("state", "order"),
    search=("number", "order__number", "order__customer__name"),
    facts=(
        "instruction", "stock_checked", "meeting_on", "meeting_attendees", "meeting_decisions", "remark",
    ),
    lines=(
        Lines("lines", ("position", "kind", "department", "start_on", "finish_on", "text")),
        Lines(
            "needs",
            ("position", "source", "item", "quantity", "release_on", "due_on", "order_line", "parent_item"),
        ),
    ),
    related=("order", "instruction"),
)  # fmt: skip

Screen(
    Task,
    columns=("number", "kind", "department", "state", "start_on", "finish_on", "text"),
    filters=("state", "kind", "department", "plan"),
    search=("number", "plan__number", "plan__order__number", "text"),
    facts=("plan", "issued_by", "proposed_on", "objection", "decision", "result"),
    related=("plan", "department__company", "issued_by"),
)

Screen(
    WorkOrder,
    columns=("number", "order", "item", "quantity", "state", "start_on", "finish_on", "is_short"),
    filters=("state", "order", "plan", "item", "is_final", "is_short"),
    search=("number", "order__number", "item__code", "item__name"),
    facts=("plan", "order_line", "is_final", "bom", "qualified", "stocked", "rework"),
    lines=(
        Lines("materials", ("position", "item", "quantity")),
        Lines(
            "operations",
            ("position", "round", "operation", "owed_material", "remark", "signed_by", "signed_at"),
        ),
    ),
    related=("order", "item", "plan", "order_line__item", "bom__item"),
)

Screen(
    Packaging,
    columns=("number", "order", "state", "ready_on", "finish_on"),
    filters=("state", "order"),
    search=("number", "order__number", "order__customer__name"),
    facts=("plan", "requirement", "boxes", "has_accessories", "has_documents", "has_labels", "remark"),
    related=("order", "plan"),
)
