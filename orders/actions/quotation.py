"""The verbs of the quotation (ORD-16…ORD-19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from catalog.prices import list_prices
from flow import actions, guards
from flow.events import By
from flow.forms import ReasonForm
from flow.models import Event
from flow.refusals import Invalid, Refused
from orders.actions import drive
from orders.forms.commerce import NewQuotationForm, QuotationForm, QuotationLineForm
from orders.models import Order, OrderLine, Quotation, QuotationLine
from orders.models.money import FEN, TOO_MUCH
from org.roles import Role


@actions.creation(
    Quotation,
    _("Create quotation"),
    NewQuotationForm,
    lines=QuotationLineForm,
    parent="order",
    may=(Role.SALES_CLERK,),
    rules="ORD-16 ORD-17 ORD-18",
    awaited=Q(state=Order.State.APPROVED) & ~Q(quotations__state=Quotation.State.DRAFT),
)
def create(
    by: By, *, order: Order, valid_until: date, reason: str = "", lines: list[dict[str, Any]] | None = None
) -> Quotation:
    """Draft the next version for an order that its review approved; prices not given are list prices.

    Raises Invalid for a line or a day that cannot be.
    """
    _check_day(valid_until, by)
    last = order.quotations.aggregate(last=Max("version_no"))["last"] or 0
    quotation = actions.draft(
        Quotation,
        by=by,
        case=order.case,
        company=order.company,
        order=order,
        version_no=last + 1,
        valid_until=valid_until,
        reason=reason,
    )
    _write_lines(quotation, lines or [], by)
    Quotation.objects.filter(pk=quotation.pk).update(amount=quotation.amount, deviates=quotation.deviates)
    return quotation


@guards.ask("orders.quotation.create")
def against_quoting(order: Order) -> Iterator[Any]:
    """A quotation follows the review (ORD-16)."""
    if order.state not in Order.QUOTABLE:
        sentence = _("An order is quoted after its review has passed; this one is “{state}”.")
        yield sentence.format(state=order.get_state_display())


@actions.action(
    Quotation,
    _("Edit quotation"),
    QuotationForm,
    lines=QuotationLineForm,
    may=(Role.SALES_CLERK,),
    states=(Quotation.State.DRAFT,),
    rules="ORD-17 ORD-18",
)
def edit(
    quotation: Quotation,
    by: By,
    *,
    valid_until: date,
    reason: str = "",
    lines: list[dict[str, Any]] | None = None,
) -> None:
    """Change a draft; an approval of its prices is void afterwards."""
    _check_day(valid_until, by)
    quotation.valid_until, quotation.reason = valid_until, reason
    quotation.deviation_approved = False
    quotation.lines.all().delete()
    _write_lines(quotation, lines or [], by)


@actions.action(
    Quotation,
    _("Approve price"),
    may=(Role.SALES_LEADER,),
    not_by=("create", "edit"),
    rules="ORD-17",
    awaited=Q(state=Quotation.State.DRAFT, deviates=True, deviation_approved=False),
)
def approve_deviation(quotation: Quotation, by: By) -> dict[str, Any]:
    """The sales leader approves prices that differ from the list."""
    quotation.approve_deviation()
    quotation.deviation_approved = True
    return {"reason": quotation.reason}


@actions.action(
    Quotation, _("Send quotation"), may=(Role.SALES_CLERK,), numbers=True, rules="ORD-16 ORD-17 ORD-18 ORD-19"
)
def send(quotation: Quotation, by: By) -> dict[str, Any]:
    """Send it to the customer; the version sent before is superseded. The order is quoted (O-13, O-14)."""
    _check_day(quotation.valid_until, by)
    earlier = (Quotation.State.SENT, Quotation.State.ACCEPTED)
    for old in quotation.order.quotations.filter(state__in=earlier).order_by("version_no"):
        supersede.follow(old, by=by, successor=quotation)
    quotation.send()
    return {"version_no": quotation.version_no}


@send.then
def order_is_quoted(quotation: Quotation, by: By, event: Event) -> None:
    """The first version quotes the order, a further one quotes it again."""
    first = quotation.order.state == Order.State.APPROVED
    (drive.quote if first else drive.requote).follow(quotation.order, by=by, cause=event)


@actions.action(Quotation, _("Record acceptance"), may=(Role.SALES_CLERK,), rules="ORD-19")
def accept(quotation: Quotation, by: By) -> None:
    """The customer accepted; the contract takes its prices. Raises Refused when it ran out."""
    if localtime(by.at).date() > quotation.valid_until:
        raise Refused(_("The quotation has run out: send a new version."))
    quotation.accept()


@actions.action(Quotation, _("Record refusal"), ReasonForm, may=(Role.SALES_CLERK,), rules="ORD-19")
def refuse(quotation: Quotation, by: By, *, reason: str) -> dict[str, Any]:
    """The customer refused: send a new version, or mark the order as lost."""
    quotation.refuse()
    return {"reason": reason}


@actions.consequence(Quotation, _("Superseded"), rules="ORD-19")
def supersede(quotation: Quotation, by: By, *, successor: Quotation) -> dict[str, Any]:
    """A newer version was sent."""
    quotation.supersede()
    return {"by_version": successor.version_no}


@actions.consequence(Quotation, _("Lapsed"), rules="ORD-19")
def lapse(quotation: Quotation, by: By) -> None:
    """The order ended without it."""
    quotation.lapse()


@actions.discard(
    Quotation,
    _("Discard quotation"),
    may=(Role.SALES_CLERK,),
    states=(Quotation.State.DRAFT,),
    rules="ORD-19 SYS-03",
)
def discard(quotation: Quotation, by: By) -> None:
    """Throw away a draft that was never sent."""


def _check_day(valid_until: date, by: By) -> None:
    if valid_until < localtime(by.at).date():
        raise Invalid({"valid_until": _("This day has passed already.")})


def _write_lines(quotation: Quotation, given: list[dict[str, Any]], by: By) -> None:
    """Write the lines and set the quotation's amount and whether it deviates from the list."""
    order = quotation.order
    ordered = {line.position: line for line in order.lines.select_related("item")}
    asked = _asked(given, ordered)
    listed = _listed(order, ordered.values(), by)
    rows = []
    for position, line in ordered.items():
        price = asked.get(position, listed.get(line.item_id, line.unit_price))
        if price is None:
            sentence = _("Line {line} has no list price: give its price.")
            raise Invalid({"lines": sentence.format(line=position)})
        rows.append(
            QuotationLine(
                quotation=quotation,
                order_line=line,
                position=position,
                item=line.item,
                quantity=line.quantity,
                unit_price=price,
                list_price=listed.get(line.item_id),
            )
        )
    quotation.amount = sum((row.amount for row in rows), start=FEN * 0)
    if quotation.amount >= TOO_MUCH:
        raise Invalid({"lines": _("The amount is too large: check prices and quantities.")})
    QuotationLine.objects.bulk_create(rows)
    regular = order.order_class == Order.OrderClass.REGULAR
    quotation.deviates = regular and any(row.list_price not in (None, row.unit_price) for row in rows)


def _asked(given: list[dict[str, Any]], ordered: Mapping[int, OrderLine]) -> dict[int, Decimal]:
    """The prices given, by the number of the order's line."""
    asked: dict[int, Decimal] = {}
    named: set[int] = set()
    for row, cells in enumerate(given):
        if cells["line"] not in ordered or cells["line"] in named:
            raise Invalid(lines={row: {"line": _("The order has no such line, or it was named before.")}})
        named.add(cells["line"])
        if cells.get("unit_price") is not None:
            asked[cells["line"]] = cells["unit_price"]
    return asked


def _listed(order: Order, lines: Iterable[OrderLine], by: By) -> dict[int, Decimal]:
    """The list prices of today, by item, to the fen."""
    known = list_prices(
        [line.item_id for line in lines],
        on=localtime(by.at).date(),
        company=order.company,
        grade=order.customer.grade,
    )
    return {item: price.amount.quantize(FEN) for item, price in known.items()}
