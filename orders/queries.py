"""Reads of the front office that several departments use: the contract of an order and what is paid of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from flow.guards import ask
from flow.invariants import invariant
from orders.models import Contract, Evaluation, Order, OrderChange, OrderChangeLine, Payment, Progress

SIGNED = (Contract.State.BOTH_SIGNED, Contract.State.EFFECTIVE)


def contract_of(order: Order) -> Contract | None:
    """The contract that both parties signed; None before that."""
    return order.contracts.filter(state__in=SIGNED).select_related("company", "case").first()


def agreed_on(order: Order) -> date:
    """The delivery date of the contract that is not terminated; before there is one, that of the order."""
    rows = order.contracts.exclude(state=Contract.State.TERMINATED)
    return rows.values_list("delivery_on", flat=True).first() or order.delivery_on


def amount_of(order: Order) -> Decimal:
    """The amount of the signed contract in yuan; nothing before the signature."""
    contract = contract_of(order)
    return contract.amount if contract else Decimal()


def paid_for(order: Order) -> Decimal:
    """The sum of the recorded payments in yuan."""
    rows = order.payments.filter(state=Payment.State.RECORDED)
    return rows.aggregate(sum=Sum("amount"))["sum"] or Decimal()


def held(order: Order, line_ids: Iterable[int | None]) -> bool:
    """Whether one of these lines of the order stands still for an open change; a change that names no line
    holds the whole order (D3)."""
    if not order.change_hold:
        return False
    holding = [change for change in order.changes.filter(state__in=OrderChange.OPEN) if change.holds]
    rows = OrderChangeLine.objects.filter(change__in=holding)
    named = set(rows.values_list("change", "order_line"))
    if not holding or {change for change, _line in named} != {change.pk for change in holding}:
        return True
    return bool({line for _change, line in named} & set(line_ids))


def unpaid(order: Order) -> Decimal:
    """What of the contract's amount is still to be paid."""
    return amount_of(order) - paid_for(order)


def may_ship(order: Order) -> bool:
    """Whether the terms of payment let goods go out: paid in full where the contract asks for that."""
    contract = contract_of(order)
    return contract is not None and (not contract.payment_before_shipping or unpaid(order) <= 0)


@ask("orders.order.close")
def not_evaluated(order: Order) -> Iterator[object]:
    """An order is archived once its evaluation is done (ORD-58)."""
    if not Evaluation.objects.filter(order=order, state=Evaluation.State.DONE).exists():
        yield _("The evaluation of the order is not finished.")


@invariant("no line has gone further than ordered, nor back below nothing")
def progress_within_order() -> Iterator[str]:
    """Compare the ledger's sum of every line and stage with the line's quantity."""
    rows = Progress.objects.values("line", "line__quantity", "stage").annotate(sum=Sum("quantity"))
    for row in rows.order_by("line", "stage"):
        if not 0 <= row["sum"] <= row["line__quantity"]:
            yield f"line {row['line']}: {row['sum']} {row['stage']} of {row['line__quantity']}"


@invariant("no order is paid beyond its contract")
def overpaid() -> Iterator[str]:
    """Compare the recorded payments of every order with its signed contract."""
    rows = Payment.objects.filter(state=Payment.State.RECORDED).values("order").annotate(sum=Sum("amount"))
    signed = dict(Contract.objects.filter(state__in=SIGNED).values_list("order", "amount"))
    for row in rows.order_by("order"):
        if row["order"] in signed and row["sum"] > signed[row["order"]]:
            yield f"order {row['order']}: paid {row['sum']} of {signed[row['order']]}"
