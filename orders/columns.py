"""What the list of orders tells beside the fields of an order: products, amount, payments, flags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from catalog.stock.terms import amount
from flow import policy, render
from flow.columns import Told, column
from flow.panels import Flag
from flow.policy import Viewer
from orders.models import Contract, Order, OrderLine, Payment
from orders.models.money import MONEY

LABEL = Order.label()


@column(LABEL, "products", _("Product"))
def products(orders: Sequence[Order], viewer: Viewer) -> dict[int, Told]:
    """The first product of each order, and how many others there are. One query."""
    rows = OrderLine.objects.filter(order__in=[order.pk for order in orders]).order_by("order", "position")
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for order, code, name in rows.values_list("order_id", "item__code", "item__name"):
        found[order][code] = name
    return {order: _products(list(items.items())) for order, items in found.items()}


def _products(items: list[tuple[str, str]]) -> Told:
    (code, name), *others = items
    return Told(code, _("and {count} more").format(count=len(others)) if others else name)


@column(LABEL, "quantity", _("Quantity"), number=True)
def quantity(orders: Sequence[Order], viewer: Viewer) -> dict[int, Told]:
    """How many pieces the lines of each order name together. One query."""
    rows = OrderLine.objects.filter(order__in=[order.pk for order in orders]).order_by()
    sums = rows.values("order").annotate(sum=Sum("quantity")).values_list("order", "sum")
    return {order: Told(amount(total)) for order, total in sums}


def _contracts(orders: QuerySet[Any] | list[int]) -> QuerySet[Contract]:
    return Contract.objects.filter(order__in=orders).exclude(state=Contract.State.TERMINATED).order_by()


def amount_in_all(orders: QuerySet[Any], viewer: Viewer) -> Decimal | None:
    """What the contracts of these orders come to. One query."""
    total: Decimal | None = _contracts(orders.values("pk")).aggregate(total=Sum("amount"))["total"]
    return total


@column(LABEL, "contract_amount", _("Contract ¥"), number=True, roles=MONEY, total=amount_in_all)
def contract_amount(orders: Sequence[Order], viewer: Viewer) -> dict[int, Told]:
    """The amount of each order's contract, where the reader may know it. One query."""
    open_to = _money_open(orders, viewer)
    rows = _contracts(open_to).values_list("order", "amount")
    return {order: Told(_bare(total)) for order, total in rows}


def _bare(total: Decimal) -> str:
    """An amount without its sign, and without its fen where there are none."""
    return render.words(total, "amount").removeprefix("¥ ").removesuffix(".00")


@column(LABEL, "paid", _("Paid share"), number=True, roles=MONEY)
def paid(orders: Sequence[Order], viewer: Viewer) -> dict[int, Told]:
    """How much of each contract is paid, in percent. Two queries."""
    open_to = _money_open(orders, viewer)
    amounts = dict(_contracts(open_to).values_list("order", "amount"))
    rows = Payment.objects.filter(order__in=list(amounts), state=Payment.State.RECORDED).order_by()
    sums = dict(rows.values("order").annotate(sum=Sum("amount")).values_list("order", "sum"))
    return {
        order: Told(f"{int(100 * sums.get(order, 0) / total)}%") for order, total in amounts.items() if total
    }


def _money_open(orders: Sequence[Order], viewer: Viewer) -> list[int]:
    """The orders whose amounts the reader may know."""
    return [order.pk for order in orders if policy.may_read(Contract, "amount", viewer.on(order))]


@column(LABEL, "flags", _("Flags"))
def flags(orders: Sequence[Order], viewer: Viewer) -> dict[int, Told]:
    """What sets an order apart: its class, its weight, a hold. No query."""
    return {order.pk: Told(flags=tuple(_flags(order))) for order in orders}


def _flags(order: Order) -> list[Flag]:
    marks = (
        (order.change_hold, Flag(_("On hold for a change"), "bad")),
        (order.is_important, Flag(_("Important"), "" if order.important_approved else "near")),
        (order.order_class == Order.OrderClass.NON_REGULAR, Flag(Order.OrderClass.NON_REGULAR.label)),
        (order.is_project, Flag(_("Project"))),
    )
    return [flag for holds, flag in marks if holds]
