"""How the documents of the front office are shown."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalog.stock.terms import amount
from flow.panels import Asked, Panel, extra, panel
from flow.screens import Lines, Screen
from orders.models import Contract, Evaluation, Order, Payment, Quotation, Stage

Screen(
    Order,
    columns=("number", "customer", "state", "delivery_on", "order_class", "is_project", "customer_reference"),
    filters=("state", "customer", "order_class", "is_project", "channel"),
    search=("number", "customer__name", "end_customer__name", "customer_reference", "project_name"),
    facts=(
        "end_customer",
        "channel",
        "project_name",
        "is_important",
        "important_approved",
        "conditions",
        "conditions_agreed",
        "change_hold",
        "remark",
    ),
    lines=(
        Lines(
            "lines",
            (
                "position",
                "item",
                "quantity",
                "unit_price",
                "amount",
                "delivery_on",
                "technical_requirement",
                "quality_requirement",
            ),
        ),
    ),
    related=("customer", "end_customer"),
)
Screen(
    Quotation,
    columns=("number", "order", "version_no", "state", "amount", "valid_until"),
    filters=("state", "order"),
    search=("number", "order__number", "order__customer__name"),
    facts=("deviates", "deviation_approved", "reason"),
    lines=(Lines("lines", ("position", "item", "quantity", "unit_price", "list_price", "amount")),),
    related=("order",),
)
Screen(
    Contract,
    columns=("number", "order", "kind", "state", "amount", "delivery_on"),
    filters=("state", "kind", "order"),
    search=("number", "order__number", "order__customer__name"),
    facts=(
        "quotation",
        "prepayment_percent",
        "prepayment",
        "payment_before_shipping",
        "terms",
        "customer_signer",
        "customer_signed_on",
        "own_signer",
        "own_signed_on",
    ),
    lines=(Lines("lines", ("position", "item", "quantity", "unit_price", "amount", "delivery_on")),),
    related=("order", "quotation"),
)
Screen(
    Payment,
    columns=("number", "order", "state", "amount", "received_on", "method", "reference"),
    filters=("state", "order", "method"),
    search=("number", "order__number", "order__customer__name", "reference"),
    related=("order",),
)
Screen(
    Evaluation,
    columns=("number", "order", "state", "on_time"),
    filters=("state", "order", "on_time"),
    search=("number", "order__number", "order__customer__name"),
    facts=("summary",),
    lines=(Lines("answers", ("department", "person", "score", "problems", "proposal", "at")),),
    related=("order",),
)


@panel("orders.order")
def progress(asked: Asked) -> Panel | None:
    """How far each line has come: a column for every stage that anything has reached."""
    order: Order = asked.document
    stages = [stage for stage in Stage if order.any_reached(stage)]
    if not stages:
        return None
    rows = [
        (
            line.position,
            str(line.item),
            amount(line.quantity),
            *(amount(order.tally[stage].get(line.pk, line.quantity * 0)) for stage in stages),
        )
        for line in order.lines.select_related("item")
    ]
    heads = (_("Line"), _("Item"), _("Ordered"), *(stage.label for stage in stages))
    return Panel(_("Progress"), heads, rows)


@extra("progress", "orders.order")
def progress_by_stage(asked: Asked) -> dict[str, dict[str, str]]:
    """The quantity that has reached each stage, by the id of the order's line."""
    tally = asked.document.tally
    return {
        str(stage): {str(pk): amount(quantity) for pk, quantity in tally[stage].items()} for stage in Stage
    }
