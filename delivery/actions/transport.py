"""The shipment on its way: prepared, dispatched or delayed, receipted by the carrier and by the customer."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from catalog import stock
from catalog.models import Carrier
from delivery.actions.notice import ISSUERS, credit, issuers_of
from delivery.forms import (
    CarrierReceiptForm,
    ConsentForm,
    CustomerReceiptForm,
    DelayForm,
    DispatchForm,
    MadeGoodForm,
    PrepareForm,
)
from delivery.models import Shipment
from flow import actions, papers
from flow.events import By
from flow.forms import ContactForm
from flow.models import Event
from flow.refusals import Invalid, Refused
from integration.notices import tell_posts
from orders.models import Stage
from org.roles import Role

State = Shipment.State
TO_COME = _("This day is still to come.")
BEFORE_DISPATCH = (State.DRAFT, State.ISSUED, State.PREPARED, State.DELAYED)


@actions.action(
    Shipment, _("Confirm goods prepared"), PrepareForm, may=(Role.FG_KEEPER,), rules="DLV-08 DLV-09"
)
def prepare(shipment: Shipment, by: By, *, boxes: int | None = None) -> dict[str, Any]:
    """The keeper has confirmed, put together and labelled every line."""
    shipment.prepare()
    shipment.goods_prepared = True
    shipment.boxes = boxes or shipment.boxes
    return {"boxes": shipment.boxes}


@actions.action(
    Shipment,
    _("Record consent to missing parts"),
    ConsentForm,
    may=(Role.PROD_MGR, Role.SALES_CLERK, Role.MARKETING),
    states=BEFORE_DISPATCH,
    rules="DLV-14 E-38",
)
def record_consent(
    shipment: Shipment, by: By, *, missing_parts: str, consent_by: str, proof: Any = None
) -> dict[str, Any]:
    """The customer agreed beforehand that parts follow later; they stay owed until a ticket is closed."""
    if proof:
        papers.attach(shipment, "short_consent", proof, by=by)
    shipment.missing_parts, shipment.consent_by = missing_parts, consent_by
    return {"missing_parts": missing_parts, "consent_by": consent_by}


@actions.action(
    Shipment,
    _("Record that missing parts were built in"),
    MadeGoodForm,
    may=(Role.PROD_MGR,),
    states=BEFORE_DISPATCH,
    rules="DLV-14 E-38",
)
def record_made_good(shipment: Shipment, by: By, *, made_good: str) -> dict[str, Any]:
    """What the inspection found missing is in its place now. Raises Refused while material is still owed."""
    if shipment.order.work_orders.filter(is_final=True, is_short=True).exists():
        raise Refused(_("The missing material is not issued yet: issue its pick list first."))
    shipment.made_good = made_good
    return {"made_good": made_good}


@actions.action(
    Shipment,
    _("Dispatch"),
    DispatchForm,
    may=(Role.SHIPPER,),
    rules="DLV-05 DLV-08 DLV-10 DLV-11 DLV-14 DLV-20 E-38 E-54",
)
def dispatch(
    shipment: Shipment,
    by: By,
    *,
    carrier: Carrier | None = None,
    no_vehicle_reason: str = "",
    vehicle: str = "",
) -> dict[str, Any]:
    """The goods leave the house and the stock (O-28, O-29). Raises Refused when they are not in stock."""
    if carrier and not no_vehicle_reason:
        sentence = _("A company vehicle comes first: say why a carrier is needed.")
        raise Invalid({"no_vehicle_reason": sentence})
    if not carrier and shipment.method == Shipment.Method.CARRIER:
        raise Invalid({"carrier": _("The notice asks for a carrier: say which.")})
    shipment.dispatch()
    if carrier:
        shipment.method = Shipment.Method.CARRIER
    shipment.carrier, shipment.no_vehicle_reason, shipment.vehicle = carrier, no_vehicle_reason, vehicle
    shipment.dispatched_on = localtime(by.at).date()
    wants = [stock.Want(line.item_id, line.quantity, f"line-{line.pk}") for line in shipment.lines.all()]
    stock.issue(
        wants,
        company=shipment.company,
        subject=stock.Subject.of(shipment.order),
        document=shipment,
        by=by,
    )
    return {"carrier": carrier.code if carrier else "", "vehicle": vehicle}


@dispatch.then
def credit_dispatch(shipment: Shipment, by: By, event: Event) -> None:
    """Credit the order with what left."""
    credit(shipment, Stage.DISPATCHED, by=by, cause=event)


@actions.action(Shipment, _("Report delay"), DelayForm, may=(Role.SHIPPER,), rules="DLV-12", awaited=False)
def report_delay(
    shipment: Shipment, by: By, *, reason: str, expected_on: date, arrival_on: date | None = None
) -> dict[str, Any]:
    """It cannot leave as planned: why, when it can, and when it is expected to arrive."""
    if expected_on < localtime(by.at).date():
        raise Invalid({"expected_on": _("This day has passed already.")})
    shipment.report_delay()
    shipment.delay_reason, shipment.expected_on = reason, expected_on
    shipment.arrival_on = max(arrival_on or shipment.arrival_on, expected_on)
    return {"reason": reason, "expected_on": expected_on, "arrival_on": shipment.arrival_on}


@report_delay.then
def tell_of_delay(shipment: Shipment, by: By, event: Event) -> None:
    """Who gave the notice hears of it, to tell the customer and gain understanding (N-58)."""
    sentence = _("{document}: the shipment is delayed.")
    text = f"{shipment.expected_on}: {shipment.delay_reason}"
    roles = sorted(issuers_of(shipment))
    tell_posts(roles, sentence, document=shipment, by=by, event=event, text=text)


@actions.action(
    Shipment,
    _("Record carrier's receipt"),
    CarrierReceiptForm,
    may=(Role.SHIPPER,),
    rules="DLV-11 DLV-13 E-30",
)
def record_carrier_receipt(
    shipment: Shipment, by: By, *, file: Any, boxes: int | None = None
) -> dict[str, Any]:
    """Keep the receipt that the carrier signed; the customer is to be told the same day (TM-33)."""
    if not file:
        raise Invalid({"file": _("The receipt signed by the carrier is missing.")})
    papers.attach(shipment, "carrier_receipt", file, by=by)
    shipment.record_carrier_receipt()
    shipment.boxes = boxes or shipment.boxes
    return {"boxes": shipment.boxes}


@record_carrier_receipt.then
def ask_to_call(shipment: Shipment, by: By, event: Event) -> None:
    """The sales clerk is asked to call the customer (DLV-13)."""
    sentence = _("{document} is on its way: tell the customer today.")
    tell_posts([Role.SALES_CLERK], sentence, document=shipment, by=by, event=event)


@actions.action(
    Shipment,
    _("Record that the customer was told"),
    ContactForm,
    may=(Role.SALES_CLERK,),
    rules="DLV-13 SYS-10",
)
def record_customer_told(
    shipment: Shipment, by: By, *, party: str, channel: str, content: str, next_step: str = ""
) -> dict[str, Any]:
    """The customer knows what was sent, by whom and when it comes."""
    papers.log_contact(shipment, by=by, party=party, channel=channel, content=content, next_step=next_step)
    shipment.record_customer_told()
    return {"party": party}


@record_customer_told.then
def urge_receipt(shipment: Shipment, by: By, event: Event) -> None:
    """The salesperson is to bring back the receipt that the customer signs (N-60)."""
    sentence = _("{document}: bring back the receipt signed by the customer.")
    tell_posts([Role.SALESPERSON], sentence, document=shipment, by=by, event=event)


@actions.action(
    Shipment,
    _("Record customer's receipt"),
    CustomerReceiptForm,
    may=(Role.SALESPERSON,),
    rules="DLV-15 E-30",
)
def record_customer_receipt(
    shipment: Shipment, by: By, *, file: Any, received_by: str = "", received_on: date | None = None
) -> dict[str, Any]:
    """Keep the receipt that the customer signed; with the last one the order is delivered (O-30)."""
    if not file:
        raise Invalid({"file": _("The receipt signed by the customer is missing.")})
    today = localtime(by.at).date()
    received_on = received_on or today
    if received_on > today:
        raise Invalid({"received_on": TO_COME})
    if shipment.dispatched_on and received_on < shipment.dispatched_on:
        raise Invalid({"received_on": _("It cannot be received before it was dispatched.")})
    papers.attach(shipment, "customer_receipt", file, by=by)
    shipment.received_by, shipment.received_on = received_by or shipment.receiver, received_on
    shipment.record_customer_receipt()
    return {"received_by": shipment.received_by, "received_on": received_on}


@record_customer_receipt.then
def credit_delivery(shipment: Shipment, by: By, event: Event) -> None:
    """Credit the order with what the customer has."""
    credit(shipment, Stage.DELIVERED, by=by, cause=event)


@actions.action(Shipment, _("Close shipment"), may=ISSUERS, may_on=issuers_of, rules="DLV-20")
def close(shipment: Shipment, by: By) -> None:
    """Nothing is left to be done for this shipment."""
    shipment.close()
