"""What the verbs of the purchase order ask."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Supplier
from flow.forms import (
    ActionForm,
    CompanyField,
    ContactForm,
    CountField,
    QuantityField,
    ReferenceField,
    UploadField,
)
from flow.models import Contact
from procurement.forms.fields import RequisitionLineField
from procurement.models import PurchaseOrder

TEXT = forms.Textarea(attrs={"rows": 2})
DATE = forms.DateInput(attrs={"type": "date"})


class PurchaseOrderForm(ActionForm):
    """The head of a purchase order (PUR-20)."""

    supplier = ReferenceField(Supplier, label=_("Supplier"))
    terms = forms.CharField(
        label=_("Terms"),
        max_length=2000,
        required=False,
        widget=TEXT,
        help_text=_("Place of delivery, quality requirements, payment."),
    )

    @classmethod
    def offer(cls, order: PurchaseOrder) -> dict[str, Any]:
        """What the form shows of an existing purchase order."""
        return {name: getattr(order, name) for name in cls.base_fields}


class NewPurchaseOrderForm(PurchaseOrderForm):
    """A new purchase order."""

    company = CompanyField(required=False, help_text=_("Only when you work for several companies."))


class PurchaseLineForm(ActionForm):
    """One line of a purchase order: which requisition line, how much of it, for how much and by when."""

    requisition_line = RequisitionLineField()
    quantity = QuantityField(required=False, help_text=_("Empty: all that is still to be ordered."))
    unit_price = forms.DecimalField(
        label=_("Unit price"),
        max_digits=14,
        decimal_places=4,
        min_value=0,
        required=False,
        help_text=_("Empty: the supplier's price."),
    )
    arrival_on = forms.DateField(
        label=_("Planned arrival"), required=False, widget=DATE, help_text=_("Empty: the day it is needed.")
    )

    @classmethod
    def offer(cls, order: PurchaseOrder) -> list[dict[str, Any]]:
        """The lines of an existing purchase order."""
        rows = order.lines.select_related("requisition_line")
        return [{name: getattr(line, name) for name in cls.base_fields} for line in rows]


class SendForm(ActionForm):
    """How the purchase order went to the supplier (PUR-22)."""

    channel = forms.ChoiceField(
        label=_("Channel"), choices=Contact.Channel.choices, initial=Contact.Channel.EMAIL, required=False
    )
    party = forms.CharField(
        label=_("Sent to"), max_length=100, required=False, help_text=_("Empty: the supplier.")
    )


class LineField(forms.IntegerField):
    """A line of the purchase order: its id or, where no line has that id, its position."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Line"))
        kwargs.setdefault("min_value", 1)
        kwargs.setdefault("help_text", _("The id of the purchase order's line, or its position."))
        super().__init__(**kwargs)


class ConfirmationForm(ActionForm):
    """What the supplier confirmed (PUR-23)."""

    confirmed_on = forms.DateField(
        label=_("Arrival confirmed"),
        required=False,
        widget=DATE,
        help_text=_("For all lines not named below. Empty: as planned."),
    )
    file = UploadField(label=_("Confirmation of the supplier"), required=False)


class ConfirmationLineForm(ActionForm):
    """The day the supplier confirmed for one line; a line that is not named follows the head."""

    line = LineField()
    confirmed_on = forms.DateField(label=_("Arrival confirmed"), widget=DATE)


class SupplierContactForm(ContactForm):
    """A word with the supplier and the day on which the goods really leave (PUR-27)."""

    dispatch_on = forms.DateField(
        label=_("Actual dispatch"), widget=DATE, help_text=_("The day the goods really leave the supplier.")
    )
    field_order = ("party", "channel", "content", "dispatch_on")


class ContactLineForm(ActionForm):
    """A line that was spoken of; none: all that is still to be delivered."""

    line = LineField()
    dispatch_on = forms.DateField(
        label=_("Actual dispatch"), required=False, widget=DATE, help_text=_("Empty: as above.")
    )


class ReduceForm(ActionForm):
    """Why less is delivered, and who of the department that issued the plan agreed (PUR-14)."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=TEXT)
    agreed_with = forms.CharField(
        label=_("Agreed with"),
        max_length=100,
        help_text=_("Who of the department that issued the plan agreed."),
    )


class ReduceLineForm(ActionForm):
    """The new quantity of a line; 0 gives it up."""

    line = LineField()
    quantity = CountField(help_text=_("0 gives the line up."))


class SettleForm(ActionForm):
    """The supplier's invoice that was paid (PUR-40)."""

    invoice_number = forms.CharField(label=_("Supplier's invoice number"), max_length=80)
    invoice_amount = forms.DecimalField(
        label=_("Amount of the supplier's invoice"),
        max_digits=14,
        decimal_places=2,
        min_value=0,
        help_text=_("Never above the qualified quantity at the ordered price."),
    )
    file = UploadField(label=_("Invoice"), required=False)
