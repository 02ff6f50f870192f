"""The longer inputs of the order's actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Customer, Item
from flow.forms import ActionForm, CompanyField, HappenedAtField, QuantityField, ReferenceField, UploadField
from flow.models import Contact
from orders.models import Order

_TEXT = forms.Textarea(attrs={"rows": 2})
TWICE = _("An order with this number of this customer exists already.")
PASSED = _("The delivery date has passed already.")
DATE = forms.DateInput(attrs={"type": "date"})


class OrderForm(ActionForm):
    """The head of an order as it comes in (ORD-01, ORD-03, ORD-08, ORD-10)."""

    company = CompanyField(required=False, help_text=_("Only when you work for several companies."))
    customer = ReferenceField(Customer, label=_("Customer or dealer"))
    end_customer = ReferenceField(
        Customer,
        label=_("End customer"),
        required=False,
        help_text=_("Who uses it in the end, where a dealer orders."),
    )
    customer_reference = forms.CharField(
        label=_("Customer's order number"),
        max_length=80,
        required=False,
        help_text=_("From the customer's paper; each number comes in only once."),
    )
    channel = forms.ChoiceField(
        label=_("Channel"), choices=Order.Channel.choices, initial=Order.Channel.PHONE
    )
    delivery_on = forms.DateField(
        label=_("Delivery date"),
        widget=DATE,
        help_text=_("The day the customer asks for; the review says whether it can be kept."),
    )
    is_project = forms.BooleanField(
        label=_("Project order"),
        required=False,
        help_text=_("Reviewed and instructed as a project by marketing; it needs a name."),
    )
    project_name = forms.CharField(
        label=_("Project"), max_length=200, required=False, help_text=_("Only for a project order.")
    )
    is_important = forms.BooleanField(
        label=_("Important"),
        required=False,
        help_text=_("Senior management approves it before it is signed."),
    )
    remark = forms.CharField(label=_("Remark"), max_length=2000, required=False, widget=_TEXT)

    def clean(self) -> dict[str, Any]:
        """A project order names its project; an order number of a customer comes in once."""
        data = super().clean() or {}
        if data.get("is_project") and not data.get("project_name"):
            self.add_error("project_name", _("A project order needs the name of its project."))
        reference, customer = data.get("customer_reference"), data.get("customer")
        if reference and customer and self._twin(customer, reference):
            self.add_error("customer_reference", TWICE)
        return data

    def _twin(self, customer: Customer, reference: str) -> bool:
        gone = [Order.State.CANCELLED, Order.State.DECLINED, Order.State.LOST]
        rows = Order.objects.filter(customer=customer, customer_reference=reference).exclude(state__in=gone)
        return rows.exclude(pk=self.document.pk).exists() if self.document else rows.exists()

    @classmethod
    def offer(cls, order: Order) -> dict[str, Any]:
        """What the form shows of an existing order."""
        return {name: getattr(order, name) for name in cls.base_fields if name != "company"}


class ReceiveForm(OrderForm):
    """A new order; the moment of the customer's call may be entered."""

    happened_at = HappenedAtField()


class OrderLineForm(ActionForm):
    """One line of an order."""

    item = ReferenceField(Item, label=_("Item"))
    quantity = QuantityField()
    unit_price = forms.DecimalField(
        label=_("Unit price"), max_digits=14, decimal_places=2, min_value=0, required=False
    )
    delivery_on = forms.DateField(
        label=_("Delivery date"), required=False, widget=DATE, help_text=_("Empty: as above.")
    )
    technical_requirement = forms.CharField(
        label=_("Technical requirement"), max_length=2000, required=False, widget=_TEXT
    )
    quality_requirement = forms.CharField(
        label=_("Quality requirement"), max_length=2000, required=False, widget=_TEXT
    )

    @classmethod
    def offer(cls, order: Order) -> list[dict[str, Any]]:
        """The lines of an existing order."""
        rows = order.lines.select_related("item")
        return [{name: getattr(line, name) for name in cls.base_fields} for line in rows]


class ConfirmForm(ActionForm):
    """The confirmation of the five requirements with the customer (ORD-05, ORD-09, ORD-11…12)."""

    order_class = forms.ChoiceField(
        label=_("Class"),
        choices=Order.OrderClass.choices,
        help_text=_("Regular: mature, made in series, drawings at hand. Anything else is non-regular."),
    )
    confirmed_with = forms.CharField(
        label=_("Confirmed with"), max_length=100, help_text=_("The name of who spoke for the customer.")
    )
    channel = forms.ChoiceField(
        label=_("By what means"), choices=Contact.Channel.choices, initial=Contact.Channel.PHONE
    )
    technical_requirement = forms.CharField(
        label=_("Technical requirement"),
        max_length=2000,
        required=False,
        widget=_TEXT,
        help_text=_("Needed where a line has none of its own; holds for those lines."),
    )
    quality_requirement = forms.CharField(
        label=_("Quality requirement"),
        max_length=2000,
        required=False,
        widget=_TEXT,
        help_text=_("Needed where a line has none of its own; holds for those lines."),
    )
    confirmation = UploadField(
        label=_("Signed confirmation"), required=False, help_text=_("Required for a project order.")
    )
    happened_at = HappenedAtField()


class SubmitReviewForm(ActionForm):
    """What the review of a project order is based on (REV-19)."""

    technical_basis = UploadField(
        label=_("Confirmed drawings or technical agreement"),
        required=False,
        help_text=_("Required for a project order."),
    )


class PostponeForm(ActionForm):
    """What the customer is asked: a later date, and why."""

    proposed_on = forms.DateField(
        label=_("Proposed date"), widget=DATE, help_text=_("Later than the day the customer asked for.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=_TEXT)


class PostponeAgreedForm(ActionForm):
    """The customer's consent to a later date, as it was given (REV-10)."""

    delivery_on = forms.DateField(label=_("New delivery date"), widget=DATE)
    party = forms.CharField(
        label=_("Party"), max_length=100, help_text=_("The name of who spoke for the customer.")
    )
    channel = forms.ChoiceField(
        label=_("Channel"), choices=Contact.Channel.choices, initial=Contact.Channel.PHONE
    )
    content = forms.CharField(
        label=_("Content"), max_length=2000, widget=_TEXT, help_text=_("What was agreed, in a sentence.")
    )
    happened_at = HappenedAtField()


class OpinionForm(ActionForm):
    """A decision's opinion in words."""

    opinion = forms.CharField(
        label=_("Opinion"), max_length=2000, widget=_TEXT, help_text=_("It stays on record with your name.")
    )


class CancelForm(ActionForm):
    """Why the order ends, with the customer's written proof (O-35)."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=_TEXT)
    proof = UploadField(
        label=_("Customer's written proof"), help_text=_("The customer's mail, fax or letter as a file.")
    )


class ReplanForm(ActionForm):
    """A new delivery date agreed with the customer (O-36, ORD-40)."""

    delivery_on = forms.DateField(label=_("New delivery date"), widget=DATE)
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=_TEXT)
    party = forms.CharField(
        label=_("Agreed with"), max_length=100, help_text=_("The name of who spoke for the customer.")
    )
    channel = forms.ChoiceField(
        label=_("Channel"), choices=Contact.Channel.choices, initial=Contact.Channel.PHONE
    )
    agreement = UploadField(
        label=_("Change agreement"), required=False, help_text=_("Required when the date is later.")
    )


class CompleteForm(ActionForm):
    """The customer's acceptance (ORD-54)."""

    accepted_on = forms.DateField(label=_("Accepted on"), widget=DATE)
    signer = forms.CharField(
        label=_("Signer"), max_length=100, help_text=_("Who accepted the goods for the customer.")
    )
    satisfaction = forms.IntegerField(
        label=_("Satisfaction (1 to 5)"),
        min_value=1,
        max_value=5,
        help_text=_("1: not content at all, 5: wholly content."),
    )
    acceptance = UploadField(label=_("Acceptance record"), required=False)
