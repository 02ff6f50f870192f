"""The inputs of after-sales' actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aftersales.models import Ticket
from catalog.models import Customer, Item
from flow.forms import ActionForm, CompanyField, DocumentField, HappenedAtField, ReferenceField, UploadField
from orders.models import Order

TEXT = forms.Textarea(attrs={"rows": 3})


class TicketForm(ActionForm):
    """The demand of a customer as it came in (AFS-01, AFS-02)."""

    company = CompanyField(required=False, help_text=_("Only when you work for several companies."))
    order = DocumentField(Order, required=False, help_text=_("Empty: the demand is about no order of ours."))
    customer = ReferenceField(
        Customer, label=_("Customer"), required=False, help_text=_("Empty: the customer of the order.")
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=Ticket.Kind.choices,
        help_text=_("It decides who is told, and what the solution must say."),
    )
    problem = forms.CharField(label=_("Problem"), max_length=4000, widget=TEXT)
    demand = forms.CharField(
        label=_("Demand"),
        max_length=4000,
        required=False,
        widget=TEXT,
        help_text=_("What the customer wants us to do."),
    )
    contact = forms.CharField(label=_("Contact person"), max_length=100, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=50, required=False)
    item = ReferenceField(Item, label=_("Product"), required=False)
    telephone_only = forms.BooleanField(
        label=_("By telephone only"), required=False, help_text=_("There is no fax, mail or photo of it.")
    )
    file = UploadField(label=_("What the customer sent"), required=False)
    happened_at = HappenedAtField(
        label=_("Received at"), help_text=_("Empty: now. The 60 minutes run from here.")
    )

    def clean(self) -> dict[str, Any]:
        """The company is that of the order; without an order the customer is named."""
        data = super().clean() or {}
        if order := data.get("order"):
            data["company"] = data.get("company") or order.company
        elif not data.get("customer") and "customer" not in self.errors:
            self.add_error("customer", _("Say which customer it is, or which order it is about."))
        return data


class HandOverForm(ActionForm):
    """What goes to after-sales with the ticket (AFS-02)."""

    telephone_only = forms.BooleanField(
        label=_("By telephone only"), required=False, help_text=_("There is no fax, mail or photo of it.")
    )
    file = UploadField(label=_("What the customer sent"), required=False)

    @classmethod
    def offer(cls, ticket: Ticket) -> dict[str, Any]:
        """What the ticket says already."""
        return {"telephone_only": ticket.telephone_only}


class SolveForm(ActionForm):
    """What was found and done (AFS-06, AFS-08, AFS-10)."""

    solution = forms.CharField(label=_("Solution"), max_length=4000, widget=TEXT)
    cause = forms.CharField(
        label=_("Cause"),
        max_length=4000,
        required=False,
        widget=TEXT,
        help_text=_("Required when goods were not received or were damaged."),
    )
    method = forms.CharField(
        label=_("Service method"),
        max_length=500,
        required=False,
        help_text=_("Repair, replacement or compensation. Required for damaged goods."),
    )
    power_on_checked = forms.BooleanField(
        label=_("Power-on check done"), required=False, help_text=_("Required for a commissioning.")
    )
    record = UploadField(label=_("Service record"), required=False)


class CustomerConfirmsForm(ActionForm):
    """The customer's word that it is done, and how satisfied he is (AFS-19)."""

    confirmed_by = forms.CharField(label=_("Confirmed for the customer by"), max_length=100)
    satisfaction = forms.IntegerField(
        label=_("Satisfaction (1 to 5)"),
        min_value=1,
        max_value=5,
        required=False,
        help_text=_("1: not content at all, 5: wholly content."),
    )


class InvoiceForm(ActionForm):
    """What is to be invoiced (AFS-16)."""

    order = DocumentField(Order, states=Order.PAYABLE)
    amount = forms.DecimalField(
        label=_("Amount"),
        max_digits=14,
        decimal_places=2,
        min_value=0,
        required=False,
        help_text=_("Empty: all that is not invoiced yet."),
    )


class IssueInvoiceForm(ActionForm):
    """The tax invoice."""

    tax_number = forms.CharField(
        label=_("Number of the tax invoice"),
        max_length=80,
        required=False,
        help_text=_("As printed on the tax invoice."),
    )
    file = UploadField(label=_("Invoice"), required=False)


class SendInvoiceForm(ActionForm):
    """To whom the invoice went."""

    sent_to = forms.CharField(
        label=_("Sent to"), max_length=200, required=False, help_text=_("Empty: the customer.")
    )
