"""The shipping notice: drafted, checked against payment and stock, issued to store and transport."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from catalog.stock.terms import amount
from delivery import queries
from delivery.forms import NewNoticeForm, NoticeForm, NoticeLineForm
from delivery.models import Shipment, ShipmentLine
from flow import actions, guards
from flow.events import By
from flow.forms import ReasonForm
from flow.models import Event
from flow.refusals import Invalid, Refused
from integration.notices import tell_posts
from orders import actions as orders
from orders import queries as orders_queries
from orders.models import Order, OrderLine, Stage
from org.roles import Role

State = Shipment.State
ISSUERS = (Role.ORDER_DESK, Role.MARKETING)


def _issuers_for(order: Order | None) -> frozenset[str]:
    """Marketing gives the notices of projects, the order desk all others (DLV-06, E-31)."""
    if order is None:
        return frozenset(ISSUERS)
    return frozenset({Role.MARKETING if order.is_project else Role.ORDER_DESK})


def issuers_of(shipment: Shipment) -> frozenset[str]:
    """Who gives this notice."""
    return _issuers_for(shipment.order)


@actions.creation(
    Shipment,
    _("Draft shipping notice"),
    NewNoticeForm,
    lines=NoticeLineForm,
    parent="order",
    may=ISSUERS,
    may_on=_issuers_for,
    rules="DLV-01 DLV-04 DLV-06 DLV-19 E-31",
    awaited=Q(state=Order.State.STOCKED) & ~Q(shipments__state=Shipment.State.DRAFT),
)
def create(by: By, *, order: Order, lines: list[dict[str, Any]] | None = None, **head: Any) -> Shipment:
    """Plan a shipment of an effective order; without lines, of all that is on no notice yet.

    Raises Refused where nothing is left to ship, Invalid for more than that, a day that has passed or no
    place of delivery.
    """
    shipment = actions.draft(
        Shipment, by=by, case=order.case, company=order.company, order=order, **_head(order, by, head)
    )
    _write_lines(shipment, lines or [])
    return shipment


@guards.ask("delivery.shipment.create")
def against_shipping(order: Order) -> Iterator[Any]:
    """An order in effect is shipped, and each piece of it once (DLV-01, DLV-04)."""
    if order.state not in Order.SHIPPABLE:
        sentence = _("Nothing can be shipped of an order that is “{state}”.")
        yield sentence.format(state=order.get_state_display())
    elif sum(queries.planned(order).values()) >= sum(line.quantity for line in order.lines.all()):
        yield _("Everything ordered is on a shipping notice already.")


@actions.action(
    Shipment,
    _("Edit shipping notice"),
    NoticeForm,
    lines=NoticeLineForm,
    may=ISSUERS,
    may_on=issuers_of,
    states=(State.DRAFT,),
    rules="DLV-01 DLV-04",
)
def edit(shipment: Shipment, by: By, *, lines: list[dict[str, Any]] | None = None, **head: Any) -> None:
    """Change a notice that is not issued yet; without lines they stay as they are.

    A release before payment was given for the notice as it was, and is void afterwards.
    """
    for name, value in _head(shipment.order, by, head).items():
        setattr(shipment, name, value)
    shipment.payment_release = ""
    if lines:
        shipment.lines.all().delete()
        _write_lines(shipment, lines)


@actions.action(
    Shipment,
    _("Release before payment"),
    ReasonForm,
    may=(Role.SALES_LEADER, Role.GM),
    states=(State.DRAFT,),
    not_by=("create", "edit"),
    rules="DLV-03 E-32",
)
def release_payment(shipment: Shipment, by: By, *, reason: str) -> dict[str, Any]:
    """A leader lets the goods go out although the contract asks for payment first."""
    if orders_queries.may_ship(shipment.order):
        raise Refused(_("The terms of payment are met: there is nothing to release."))
    shipment.payment_release = reason
    return {"reason": reason}


@actions.action(
    Shipment,
    _("Issue shipping notice"),
    may=ISSUERS,
    may_on=issuers_of,
    numbers=True,
    rules="DLV-02 DLV-03 DLV-04 DLV-05 DLV-06 E-31 E-32",
)
def issue(shipment: Shipment, by: By) -> dict[str, Any]:
    """Tell the finished goods store and the transport department to ship, once contract, payment and stock
    were checked (O-27)."""
    shipment.issue()
    return {"planned_dispatch_on": shipment.planned_dispatch_on}


@guards.ask("delivery.shipment.issue")
def not_in_stock(shipment: Shipment) -> Iterator[Any]:
    """A sentence for every line of which more is to go than lies in stock for it (DLV-05)."""
    stocked = orders.progress.reached(shipment.order, Stage.STOCKED)
    notified = orders.progress.reached(shipment.order, Stage.NOTIFIED)
    for line in shipment.lines.select_related("item"):
        left = stocked.get(line.order_line_id, Decimal()) - notified.get(line.order_line_id, Decimal())
        if line.quantity > left:
            yield _("Line {line}: {quantity} to be shipped, {left} in stock and on no other notice.").format(
                line=line.position, quantity=amount(line.quantity), left=amount(left)
            )


@issue.then
def notify(shipment: Shipment, by: By, event: Event) -> None:
    """Credit the order, and tell those who prepare and drive (N-57)."""
    credit(shipment, Stage.NOTIFIED, by=by, cause=event)
    sentence = _("{document}: a shipment is to be prepared.")
    text = f"{shipment.planned_dispatch_on} {shipment.address}"
    roles = (Role.FG_KEEPER, Role.SHIPPER, Role.SHIP_LEADER)
    tell_posts(roles, sentence, document=shipment, by=by, event=event, text=text)


@actions.action(
    Shipment, _("Cancel shipment"), ReasonForm, may=ISSUERS, may_on=issuers_of, rules="DLV-20", awaited=False
)
def cancel(shipment: Shipment, by: By, *, reason: str) -> dict[str, Any]:
    """Call a shipment off that has not left the house; its quantities may go on another notice."""
    notified = shipment.state != State.DRAFT
    shipment.cancel()
    return {"reason": reason, "notified": notified}


@cancel.then
def take_back(shipment: Shipment, by: By, event: Event) -> None:
    """What was notified is notified no longer; those who were told to ship hear of it."""
    if event.data["notified"]:
        credit(shipment, Stage.NOTIFIED, by=by, cause=event, sign=-1)
        sentence = _("{document}: the shipment is called off.")
        roles = (Role.FG_KEEPER, Role.SHIPPER)
        tell_posts(roles, sentence, document=shipment, by=by, event=event, text=event.data["reason"])


def credit(shipment: Shipment, stage: str, *, by: By, cause: Event, sign: int = 1) -> None:
    """Credit the order with (or, `sign` -1, without) the lines of the shipment."""
    lines = shipment.lines.select_related("order_line")
    rows = [(line.order_line, sign * line.quantity) for line in lines]
    orders.credit(shipment.order, stage, rows, document=shipment, by=by, cause=cause)


def _head(order: Order, by: By, given: dict[str, Any]) -> dict[str, Any]:
    """The head with what is known of the order where nothing was said. Raises Invalid."""
    head = {name: value for name, value in given.items() if value}
    dispatch_on: date = head["planned_dispatch_on"]
    if dispatch_on < localtime(by.at).date():
        raise Invalid({"planned_dispatch_on": _("This day has passed already.")})
    customer = order.end_customer or order.customer
    address = head.get("address") or customer.address
    if not address:
        raise Invalid({"address": _("The customer has no address on file: give the place of delivery.")})
    arrival_on = head.get("arrival_on") or max(order.delivery_on, dispatch_on)
    if arrival_on < dispatch_on:
        raise Invalid({"arrival_on": _("It cannot arrive before it is dispatched.")})
    known = {"receiver": customer.contact, "phone": customer.phone, "method": Shipment.Method.OWN_VEHICLE}
    return {"extras": "", **known, **head, "address": address, "arrival_on": arrival_on}


def _write_lines(shipment: Shipment, given: list[dict[str, Any]]) -> None:
    """Write the lines; without any, all that is on no notice yet. Raises Invalid for more than is left."""
    planned = queries.planned(shipment.order, but=shipment)
    own = list(shipment.order.lines.select_related("item"))
    left = {line.pk: line.quantity - planned.get(line.pk, Decimal()) for line in own}
    wanted = _named(own, given) if given else {line: left[line.pk] for line in own if left[line.pk] > 0}
    if not wanted:
        raise Refused(_("Everything ordered is on a shipping notice already."))
    sentence = _("Only {left} of this line are on no shipping notice yet.")
    wrong = {
        row: {"quantity": sentence.format(left=amount(left[line.pk]))}
        for row, (line, quantity) in enumerate(wanted.items())
        if quantity > left[line.pk]
    }
    if wrong:
        raise Invalid(lines=wrong)
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, position=position, order_line=line, item=line.item, quantity=quantity)
        for position, (line, quantity) in enumerate(wanted.items(), start=1)
    )


def _named(own: list[OrderLine], given: list[dict[str, Any]]) -> dict[OrderLine, Decimal]:
    """The quantity by the line that each row names by its number or its id. Raises Invalid."""
    words = {row["line"] for row in given}
    by_position = {line.position: line for line in own}
    known = by_position if words <= by_position.keys() else {line.pk: line for line in own}
    found: dict[OrderLine, Decimal] = {}
    for index, row in enumerate(given):
        line = known.get(row["line"])
        if line is None or line in found:
            raise Invalid(lines={index: {"line": _("The order has no such line, or it was named before.")}})
        found[line] = row["quantity"]
    return found
