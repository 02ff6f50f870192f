"""From the first word of the customer to the review."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, TextField, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from flow import actions, papers
from flow.events import By
from flow.refusals import Invalid
from orders.forms.order import (
    PASSED,
    TWICE,
    ConfirmForm,
    OrderForm,
    OrderLineForm,
    ReceiveForm,
    SubmitReviewForm,
)
from orders.models import Order, OrderLine
from org.composed import ComposedUpdate, Place
from org.roles import Role

RECEIVERS = (Role.SALES_CLERK, Role.SALESPERSON, Role.ORDER_DESK, Role.MARKETING, Role.PM)
EDITABLE = (Order.State.RECEIVED, Order.State.RETURNED)


@actions.creation(
    Order,
    _("Receive order"),
    ReceiveForm,
    lines=OrderLineForm,
    may=RECEIVERS,
    numbers=True,
    rules="ORG-03 ORD-01 ORD-03 ORD-04 ORD-08",
)
def receive(by: By, *, company: Any, lines: list[dict[str, Any]], **fields: Any) -> Order:
    """Register an order with its lines; a line without a date takes the order's (ORD-01…ORD-08)."""
    _check(fields, lines, by)
    try:
        with transaction.atomic():
            order = actions.draft(Order, by=by, company=company, title=str(fields["customer"]), **fields)
    except IntegrityError as twice:
        if "reference" not in str(twice):
            raise
        raise Invalid({"customer_reference": TWICE}) from twice
    _write_lines(order, lines)
    return order


@actions.action(
    Order, _("Edit order"), OrderForm, lines=OrderLineForm, may=RECEIVERS, states=EDITABLE, rules="ORD-03"
)
def edit(order: Order, by: By, *, lines: list[dict[str, Any]], company: Any = None, **fields: Any) -> None:
    """Change head and lines before the review; the class is confirmed, and what senior management approved
    is approved, again afterwards."""
    if company and company.pk != order.company_id:
        raise Invalid({"company": _("An order stays with its company.")})
    _check(fields, lines, by)
    for name, value in fields.items():
        setattr(order, name, value)
    order.important_approved = False
    order.lines.all().delete()
    _write_lines(order, lines)


@actions.action(
    Order,
    _("Confirm requirements"),
    ConfirmForm,
    may=(Role.SALES_CLERK, Role.SALESPERSON, Role.MARKETING),
    rules="ORD-05 ORD-09 ORD-11 ORD-12 ORD-13",
)
def confirm_requirements(
    order: Order,
    by: By,
    *,
    order_class: str,
    confirmed_with: str,
    channel: str,
    technical_requirement: str = "",
    quality_requirement: str = "",
    confirmation: Any = None,
) -> dict[str, Any]:
    """Record that all five requirements of each line were confirmed with the customer, by whom and how."""
    if order.is_project and not confirmation and not papers.attached(order, "confirmation").exists():
        raise Invalid({"confirmation": _("A project order needs the confirmation signed by the customer.")})
    _complete_lines(order, technical_requirement, quality_requirement)
    order.order_class = order_class
    if confirmation:
        papers.attach(order, "confirmation", confirmation, by=by)
    content = str(_("Specification, model, quantity, technical and quality requirements and date confirmed."))
    papers.log_contact(order, by=by, party=confirmed_with, channel=channel, content=content)
    order.confirm_requirements()
    return {"order_class": order_class, "confirmed_with": confirmed_with, "channel": channel}


@actions.action(
    Order,
    _("Submit for review"),
    SubmitReviewForm,
    may=(Role.SALES_CLERK, Role.ORDER_DESK, Role.MARKETING, Role.PM),
    rules="REV-05 REV-19 ORG-04",
)
def submit_review(order: Order, by: By, *, technical_basis: Any = None) -> None:
    """Ask for the review; the review department opens a round with its seats.

    Raises Invalid for a project without confirmed drawings or an effective technical agreement.
    """
    if technical_basis:
        papers.attach(order, "technical_basis", technical_basis, by=by)
    elif order.is_project and not papers.attached(order, "technical_basis").exists():
        sentence = _("A project needs the confirmed drawings or the effective technical agreement.")
        raise Invalid({"technical_basis": sentence})
    order.submit_review()


def _check(fields: dict[str, Any], lines: list[dict[str, Any]], by: By) -> None:
    if not lines:
        raise Invalid({"lines": _("An order needs at least one line.")})
    today = localtime(by.at).date()
    if fields["delivery_on"] < today:
        raise Invalid({"delivery_on": PASSED})
    wrong = {row: {"delivery_on": PASSED} for row, line in enumerate(lines) if _is_late(line, today)}
    if wrong:
        raise Invalid(lines=wrong)


def _is_late(line: dict[str, Any], today: date) -> bool:
    return bool(line.get("delivery_on")) and line["delivery_on"] < today


def _write_lines(order: Order, lines: list[dict[str, Any]]) -> None:
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=position,
            **{**line, "delivery_on": line.get("delivery_on") or order.delivery_on},
        )
        for position, line in enumerate(lines, start=1)
    )


def _complete_lines(order: Order, technical: str, quality: str) -> None:
    given = {"technical_requirement": technical, "quality_requirement": quality}
    lines = order.own_lines
    lacking = {name: [line for line in lines if not getattr(line, name)] for name in given}
    sentence = _("Line {line} has none: give one for all lines, or edit the line.")
    if wrong := {
        name: [sentence.format(line=line.position) for line in several]
        for name, several in lacking.items()
        if several and not given[name]
    }:
        raise Invalid(wrong)
    if any(lacking.values()):
        _completing(order=order.pk, **given)


_completing = ComposedUpdate(
    lambda: (
        OrderLine.objects.filter(order=Place("order", BigIntegerField())),
        {
            name: Coalesce(NullIf(name, Value("")), Place(name, TextField()))
            for name in ("technical_requirement", "quality_requirement")
        },
    )
)
