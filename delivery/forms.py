"""The inputs of delivery's actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Carrier
from delivery import queries
from delivery.models import Shipment
from flow.forms import ActionForm, DocumentField, HappenedAtField, QuantityField, ReferenceField, UploadField
from orders.models import Order

TEXT = forms.Textarea(attrs={"rows": 2})
DATE = forms.DateInput(attrs={"type": "date"})


class NoticeForm(ActionForm):
    """What the shipping notice must say: when, where, how (DLV-01, DLV-04)."""

    planned_dispatch_on = forms.DateField(
        label=_("Planned dispatch"),
        widget=DATE,
        help_text=_("The notice is issued the day before at the latest."),
    )
    arrival_on = forms.DateField(
        label=_("To arrive on"),
        required=False,
        widget=DATE,
        help_text=_("Empty: the delivery date of the order, never before the dispatch."),
    )
    address = forms.CharField(
        label=_("Place of delivery"),
        max_length=300,
        required=False,
        help_text=_("Empty: the customer's address."),
    )
    receiver = forms.CharField(
        label=_("Receiver"), max_length=100, required=False, help_text=_("Empty: the customer's contact.")
    )
    phone = forms.CharField(label=_("Phone"), max_length=50, required=False)
    method = forms.ChoiceField(
        label=_("Delivery method"),
        choices=[("", "—"), *Shipment.Method.choices],
        required=False,
        help_text=_("Empty: by company vehicle."),
    )
    extras = forms.CharField(
        label=_("Spare and matching parts"),
        max_length=2000,
        required=False,
        widget=TEXT,
        help_text=_("Which and how many are packed with the product."),
    )

    @classmethod
    def offer(cls, source: Any) -> dict[str, Any]:
        """What the form shows of an existing notice."""
        return {name: getattr(source, name) for name in cls.base_fields}


class NewNoticeForm(NoticeForm):
    """A shipping notice for an order."""

    order = DocumentField(Order, states=Order.SHIPPABLE)
    field_order = ("order",)

    @classmethod
    def offer_from(cls, source: Order) -> dict[str, Any]:
        """What is known of the order: where its goods go, and to whom."""
        customer = source.end_customer or source.customer
        return {
            "order": source,
            "address": customer.address,
            "receiver": customer.contact,
            "phone": customer.phone,
            "arrival_on": source.delivery_on,
        }


class NoticeLineForm(ActionForm):
    """One line of a notice; without lines all that is still to be shipped goes on it."""

    line = forms.IntegerField(
        label=_("Line"), min_value=1, help_text=_("The number of the order's line, or its id.")
    )
    quantity = QuantityField()

    @classmethod
    def offer_from(cls, source: Order) -> list[dict[str, Any]]:
        """The lines of a new notice: what of the order is on no notice yet."""
        planned = queries.planned(source)
        left = [(n.position, n.quantity - planned.get(n.pk, 0)) for n in source.lines.all()]
        return [{"line": position, "quantity": quantity} for position, quantity in left if quantity > 0]

    @classmethod
    def offer(cls, source: Any) -> list[dict[str, Any]]:
        """The lines of an existing notice."""
        rows = source.lines.select_related("order_line")
        return [{"line": row.order_line.position, "quantity": row.quantity} for row in rows]


class PrepareForm(ActionForm):
    """The goods are confirmed, put together and labelled (DLV-08, DLV-09)."""

    boxes = forms.IntegerField(label=_("Boxes"), min_value=1, max_value=100000, required=False)


class DispatchForm(ActionForm):
    """Who drives: a company vehicle, or a carrier and why (DLV-10)."""

    carrier = ReferenceField(
        Carrier, label=_("Carrier"), required=False, help_text=_("Empty: a company vehicle.")
    )
    no_vehicle_reason = forms.CharField(
        label=_("Why no company vehicle"),
        max_length=500,
        required=False,
        help_text=_("Required with a carrier: a company vehicle comes first."),
    )
    vehicle = forms.CharField(label=_("Vehicle or waybill"), max_length=100, required=False)
    happened_at = HappenedAtField()


class DelayForm(ActionForm):
    """Why it cannot leave on time, and when it can (DLV-12)."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=TEXT)
    expected_on = forms.DateField(label=_("Can be dispatched on"), widget=DATE)
    arrival_on = forms.DateField(
        label=_("Estimated arrival"), required=False, widget=DATE, help_text=_("Empty: it stays.")
    )


class ConsentForm(ActionForm):
    """The customer's consent to a shipment with missing parts (DLV-14)."""

    missing_parts = forms.CharField(
        label=_("Missing parts"), max_length=500, widget=TEXT, help_text=_("Which parts, and how many.")
    )
    consent_by = forms.CharField(
        label=_("Agreed by"), max_length=100, help_text=_("Who agreed for the customer.")
    )
    proof = UploadField(label=_("Written consent"), required=False)
    happened_at = HappenedAtField()


class MadeGoodForm(ActionForm):
    """What was built in after the inspection had found it missing (DLV-14)."""

    made_good = forms.CharField(label=_("What was built in, and by whom"), max_length=500, widget=TEXT)


class CarrierReceiptForm(ActionForm):
    """The carrier's signed receipt (DLV-11)."""

    file = UploadField(label=_("Receipt signed by the carrier"))
    boxes = forms.IntegerField(label=_("Boxes"), min_value=1, max_value=100000, required=False)


class CustomerReceiptForm(ActionForm):
    """The customer's signed receipt (DLV-15)."""

    file = UploadField(label=_("Receipt signed by the customer"))
    received_by = forms.CharField(
        label=_("Received by"), max_length=100, required=False, help_text=_("Empty: the receiver.")
    )
    received_on = forms.DateField(
        label=_("Received on"), required=False, widget=DATE, help_text=_("Empty: today.")
    )
