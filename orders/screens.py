"""How the documents of the front office are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from catalog.models.items import ProductFamily
from catalog.stock.terms import amount
from flow import policy, render
from flow.panels import (
    Asked,
    Course,
    Fact,
    Flag,
    Late,
    Measure,
    course,
    extra,
    head,
    measure,
    menu,
    sentence,
)
from flow.panels import Stage as Step
from flow.screens import Lines, Screen, View
from orders import changes, columns  # noqa: F401
from orders.models import (
    Contract,
    Evaluation,
    Order,
    OrderChange,
    OrderLine,
    Payment,
    Quotation,
    Stage,
)
from org import queries as org
from org.roles import Role

Screen(
    Order,
    columns=("number", "customer", "state", "delivery_on", "order_class", "is_project", "customer_reference"),
    filters=(
        "state", "customer", "delivery_on", "order_class", "is_project", "is_important", "change_hold",
        "channel", "end_customer",
    ),
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
    shown=(
        "number", "customer", "products", "quantity", "stages", "delivery_on", "clock", "created_by",
        "contract_amount", "paid", "flags",
    ),
    below={"customer": "project_name"},
    due="delivery_on",
    views=(
        View("offers", _("Before the contract"), urlencode({"state": Order.UNSIGNED}, doseq=True)),
        View("in_work", _("In work"), urlencode({"state": Order.SHIPPABLE, "ordering": "clock"}, doseq=True)),
    ),
    board=tuple(state for state in Order.State if state not in Order.ENDED),
)  # fmt: skip
Screen(
    Quotation,
    columns=("number", "order", "version_no", "state", "amount", "valid_until"),
    filters=("state", "order", "valid_until", "amount", "deviates"),
    below={"order": "order__customer"},
    due="valid_until",
    total="amount",
    search=("number", "order__number", "order__customer__name"),
    facts=("deviates", "deviation_approved", "reason"),
    lines=(Lines("lines", ("position", "item", "quantity", "unit_price", "list_price", "amount")),),
    related=("order",),
)
Screen(
    Contract,
    columns=("number", "order", "kind", "state", "amount", "delivery_on"),
    filters=("state", "kind", "order", "delivery_on", "amount", "own_signed_on"),
    below={"order": "order__customer"},
    due="delivery_on",
    total="amount",
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
    OrderChange,
    columns=("number", "order", "state", "kind", "level", "delivery_on", "created_by", "created_at"),
    filters=("state", "kind", "level", "order", "delivery_on", "affects_plan", "raises_cost", "needs_replan"),
    below={"order": "order__customer"},
    search=("number", "order__number", "order__customer__name", "wish"),
    facts=(
        "wish",
        "party",
        "channel",
        "changes_structure",
        "changes_specification",
        "changes_model",
        "changes_maker",
        "affects_plan",
        "raises_cost",
        "grounds",
        "added_amount",
        "supplement_asked",
        "decision",
        "conditions",
        "needs_replan",
    ),
    lines=(
        Lines(
            "lines",
            (
                "position",
                "order_line",
                "old_quantity",
                "quantity",
                "old_delivery_on",
                "delivery_on",
                "technical_requirement",
                "quality_requirement",
            ),
        ),
        Lines("forwards", ("department", "sent_at", "acknowledged_at", "person", "adjustment")),
    ),
    related=("order",),
    views=(
        View("open", _("Open"), urlencode({"state": OrderChange.OPEN}, doseq=True)),
        View(
            "carried_out", _("Being carried out"), urlencode({"state": OrderChange.CARRIED_OUT}, doseq=True)
        ),
    ),
)
Screen(
    Payment,
    columns=("number", "order", "state", "amount", "received_on", "method", "reference"),
    filters=("state", "order", "method", "received_on", "amount"),
    below={"order": "order__customer"},
    total="amount",
    search=("number", "order__number", "order__customer__name", "reference"),
    related=("order",),
)
Screen(
    Evaluation,
    columns=("number", "order", "state", "on_time"),
    filters=("state", "order", "on_time"),
    below={"order": "order__customer"},
    search=("number", "order__number", "order__customer__name"),
    facts=("summary",),
    lines=(Lines("answers", ("department", "person", "score", "problems", "proposal", "at")),),
    related=("order",),
)

menu(_("Boards"), _("Orders by state"), f"/{Order.label().replace('.', '/')}/board/")


@extra("progress", "orders.order")
def progress_by_stage(asked: Asked) -> dict[str, dict[str, str]]:
    """The quantity that has reached each stage, by the id of the order's line."""
    tally = asked.document.tally
    return {
        str(stage): {str(pk): amount(quantity) for pk, quantity in tally[stage].items()} for stage in Stage
    }


# ---- the whole order on one page ----

S = Order.State
# Which stage of the way is in hand in each state; twelve: all are done.
PLACE = {
    S.RECEIVED: 0, S.CONFIRMED: 1, S.IN_REVIEW: 1, S.RETURNED: 0, S.POSTPONING: 1, S.DECLINE_PENDING: 1,
    S.DECLINED: 1, S.APPROVED: 2, S.QUOTED: 3, S.LOST: 3, S.CONTRACTING: 3, S.SIGNED: 3, S.EFFECTIVE: 4,
    S.INSTRUCTED: 5, S.PLANNED: 6, S.PROCURING: 6, S.PRODUCING: 7, S.INSPECTING: 8, S.STOCKED: 10,
    S.SHIPPING: 10, S.PARTIALLY_SHIPPED: 10, S.SHIPPED: 10, S.DELIVERED: 11, S.AFTER_SALES: 11,
    S.COMPLETED: 12, S.CLOSED: 12, S.CANCELLED: 0,
}  # fmt: skip
# Who has an order in hand at each stage, in the order of the stages (D1).
HANDS = (
    Role.SALES_CLERK, Role.ORDER_DESK, Role.SALES_CLERK, Role.SALES_CLERK, Role.SALES_CLERK, Role.PROD_MGR,
    Role.BUYER, Role.PROD_MGR, Role.INSPECTOR, Role.FG_KEEPER, Role.SHIPPER, Role.SERVICE_LEADER,
)  # fmt: skip
_TITLES = (
    ("receipt", _("Receiving")),
    ("review", _("Review")),
    ("quotation", _("Quotation")),
    ("contract", _("Signing")),
    ("instruction", _("Instruction")),
    ("plan", _("Scheduling")),
    ("purchase", _("Purchasing")),
    ("production", _("Production")),
    ("inspection", _("Inspection")),
    ("stock", _("Stock-in")),
    ("shipping", _("Delivery")),
    ("service", _("After-sales")),
)
course(
    Order.label(),
    Course(
        tuple(
            Step(key, title, role.label, absorbs=key == "shipping")
            for (key, title), role in zip(_TITLES, HANDS, strict=True)
        ),
        {str(state): place for state, place in PLACE.items()},
        frozenset({str(S.DECLINED), str(S.LOST), str(S.CANCELLED)}),
        promised="shipping",
    ),
)
SHIPPED = (S.SHIPPED, S.DELIVERED, S.AFTER_SALES, S.COMPLETED, *Order.ENDED)


def contract_of(asked: Asked) -> Contract | None:
    """The contract of the order that is not terminated. One query at the first asking."""
    rows = Contract.objects.filter(order=asked.document).exclude(state=Contract.State.TERMINATED)
    return asked.once("contract", lambda: rows.first())


def lines_of(asked: Asked) -> list[OrderLine]:
    """The lines of the order with their items. One query at the first asking."""
    return asked.once("lines", lambda: list(asked.document.lines.select_related("item__unit")))


@head("orders.order")
def order_head(asked: Asked) -> Iterator[Flag | Fact | str]:
    """What kind of order it is, what holds it up; its delivery, its amount and who has it in hand."""
    order: Order = asked.document
    if any(line.item.family == ProductFamily.ASSEMBLY for line in lines_of(asked)):
        yield Flag(ProductFamily.ASSEMBLY.label)
    if order.order_class == Order.OrderClass.NON_REGULAR:
        yield Flag(Order.OrderClass.NON_REGULAR.label)
    if order.is_project:
        yield Flag(_("Project"))
    if order.is_important:
        yield Flag(_("Important"), "" if order.important_approved else "near")
    if order.change_hold:
        yield Flag(_("On hold for a change"), "bad")
    if order.project_name:
        yield order.project_name
    contract = contract_of(asked)
    yield Fact(_("Delivery agreed"), render.words(contract.delivery_on if contract else order.delivery_on))
    if contract and policy.may_read(Contract, "amount", asked.viewer.on(order)):
        yield Fact(_("Amount of the contract"), render.words(contract.amount, "amount"))
    yield Fact(_("Responsible"), order.created_by)


@sentence("orders.order")
def not_delivered(orders: Sequence[Order], at: datetime) -> dict[int, list[Late]]:
    """Orders past their day that have not left the house: with whom they are. One query."""
    today = localtime(at).date()
    late = [order for order in orders if order.delivery_on < today and order.state not in SHIPPED]
    if not late:
        return {}
    hands = {order.pk: HANDS[min(PLACE[S(order.state)], len(HANDS) - 1)] for order in late}
    named = org.departments(set(hands.values()), company_ids={order.company_id for order in late}, on=today)
    return {
        order.pk: [
            Late(
                named.get((hands[order.pk], order.company_id)) or hands[order.pk].label,
                _("{department} has the order in hand: it is “{state}” and was to be delivered on {day}."),
                timedelta(days=(today - order.delivery_on).days),
                {"state": order.get_state_display(), "day": render.words(order.delivery_on)},
            )
        ]
        for order in late
    }


@measure("orders.order")
def carried(asked: Asked) -> Iterator[Measure]:
    """How much of each line has passed its inspection, lies in stock and has left the house. One query."""
    order: Order = asked.document
    if order.state in Order.UNSIGNED:
        return
    for place, (title, reached) in enumerate(
        ((_("Inspected"), Stage.PASSED), (_("In stock"), Stage.STOCKED), (_("Shipped"), Stage.DISPATCHED))
    ):
        yield Measure(title, order.tally[reached], 40 + place)
