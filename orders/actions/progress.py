"""The departments credit what they have done; the order moves as far as its ledger allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from catalog.stock.terms import amount
from flow import actions, cases, guards
from flow.actions import Action
from flow.events import By
from flow.models import Document, Event
from flow.refusals import Refused
from orders.models import Order, OrderLine, Progress, Stage

# In the order of the flow; each holds when its guards do.
LABELS = {
    "issue_instruction": _("Production instruction issued"),
    "issue_plan": _("Plan issued"),
    "start_procurement": _("Procurement started"),
    "start_production": _("Production started"),
    "submit_inspection": _("Sent to final inspection"),
    "inspection_rework": _("Back from final inspection"),
    "stock_in": _("Put into stock"),
    "issue_shipping_notice": _("Shipping notice issued"),
    "dispatch_part": _("Part dispatched"),
    "dispatch_all": _("All dispatched"),
    "confirm_delivery": _("Delivery confirmed"),
    "open_after_sales": _("After-sales opened"),
}


def _declare(name: str, label: Any) -> Action:
    def run(order: Order, by: By) -> None:
        getattr(order, name)()

    run.__name__ = name
    run.__doc__ = f"The ledger says so: `{name}` of table D2."
    return actions.consequence(Order, label)(run)


STEPS = [_declare(name, label) for name, label in LABELS.items()]


def credit(
    order: Order,
    stage: str,
    quantities: Iterable[tuple[OrderLine, Decimal]],
    *,
    document: Document,
    by: By,
    cause: Event | None = None,
) -> Order:
    """Append to the ledger of the order's lines what `document` has carried on, then advance the order.

    Quantities in the line's unit, negative for what comes back. The order's case must be locked.
    Raises Refused when a line would go beyond its quantity or below nothing. Returns the order.
    """
    cases.require(order.case_id)
    credit_lines(order, stage, quantities, document=document, by=by, cause=cause)
    return advance(order, by=by, cause=cause)


def credit_lines(
    order: Order,
    stage: str,
    quantities: Iterable[tuple[OrderLine, Decimal]],
    *,
    document: Document,
    by: By,
    cause: Event | None = None,
) -> None:
    """Append the ledger rows only. What one event (else: one version of the document) says counts once."""
    source = f"{document.label()}:{document.pk}:{f'e{cause.pk}' if cause else f'v{document.version}'}"
    asked: dict[OrderLine, Decimal] = defaultdict(Decimal)
    for line, quantity in quantities:
        asked[line] += Decimal(quantity)
    keys = {f"{source}:{stage}:{line.pk}": line for line, quantity in asked.items() if quantity}
    told = set(Progress.objects.filter(key__in=keys).values_list("key", flat=True))
    rows = {key: line for key, line in keys.items() if key not in told}
    so_far = reached(order, stage)
    wrong = [_wrong(line, stage, so_far, asked[line]) for line in rows.values()]
    if sentences := [sentence for sentence in wrong if sentence]:
        raise Refused(*sentences)
    Progress.objects.bulk_create(
        Progress(
            line=line,
            stage=stage,
            quantity=asked[line],
            document=document.number or f"{document.label()}:{document.pk}",
            key=key,
            at=by.at,
        )
        for key, line in rows.items()
    )


def advance(order: Order, *, by: By, cause: Event | None = None) -> Order:
    """Run whatever transitions the ledger allows, one after the other; safe to call any number of times."""
    order = Order.objects.select_related("company", "case").get(pk=order.pk)
    while step := next((s for s in STEPS if guards.transition_reasons(order, s.name) == []), None):
        step.follow(order, by=by, cause=cause)
        order = Order.objects.select_related("company", "case").get(pk=order.pk)
    return order


def reached(order: Order, stage: str) -> dict[int, Decimal]:
    """Quantity by line id that has reached the stage."""
    rows = Progress.objects.filter(line__order_id=order.pk, stage=stage)
    return dict(rows.values_list("line").annotate(total=Sum("quantity")))


def _wrong(line: OrderLine, stage: str, so_far: dict[int, Decimal], quantity: Decimal) -> str:
    """What speaks against carrying so much of the line on (or back); empty: nothing."""
    done = so_far.get(line.pk, Decimal())
    if 0 <= done + quantity <= line.quantity:
        return ""
    sentence = _("Line {line}: {quantity} more at “{stage}” than the {ordered} ordered ({reached} so far).")
    if quantity < 0:
        sentence = _("Line {line}: {quantity} cannot come back from “{stage}”: only {reached} are there.")
    return sentence.format(
        line=line.position,
        quantity=amount(abs(quantity)),
        stage=Stage(stage).label,
        ordered=amount(line.quantity),
        reached=amount(done),
    )
