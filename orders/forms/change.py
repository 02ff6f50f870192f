"""The inputs of a change of a signed order (D3)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from flow.forms import (
    ActionForm,
    ContactForm,
    DepartmentField,
    DocumentField,
    HappenedAtField,
    QuantityField,
    UploadField,
)
from flow.models import Contact
from orders.forms.order import DATE
from orders.models import Order, OrderChange

_TEXT = forms.Textarea(attrs={"rows": 2})


class ChangeForm(ActionForm):
    """What the customer wants otherwise, as it was said (ORD-25, ORD-34)."""

    order = DocumentField(Order, states=OrderChange.CHANGEABLE)
    kind = forms.ChoiceField(
        label=_("Kind of change"),
        choices=OrderChange.Kind.choices,
        initial=OrderChange.Kind.COMMERCIAL,
        help_text=_("Technical: the customer talked to the technical department about the scheme."),
    )
    party = forms.CharField(
        label=_("Who asked for it"), max_length=100, help_text=_("The name of who spoke for the customer.")
    )
    channel = forms.ChoiceField(
        label=_("By what means"), choices=Contact.Channel.choices, initial=Contact.Channel.PHONE
    )
    wish = forms.CharField(
        label=_("What is to be changed"),
        max_length=2000,
        widget=_TEXT,
        help_text=_("In the customer's words; which lines it touches stands below."),
    )
    delivery_on = forms.DateField(
        label=_("New delivery date"),
        required=False,
        widget=DATE,
        help_text=_("Only where the customer asks for another day for the whole order."),
    )
    confirmation = UploadField(
        label=_("Written confirmation"),
        required=False,
        help_text=_(
            "The customer's mail, fax or letter; it may come later, but no notice goes out without it."
        ),
    )
    happened_at = HappenedAtField()


class ChangeLineForm(ActionForm):
    """What becomes of one line; what is left empty stays as it is."""

    position = forms.IntegerField(
        label=_("Line"), min_value=1, help_text=_("The number of the order's line.")
    )
    quantity = QuantityField(label=_("New quantity"), required=False)
    delivery_on = forms.DateField(label=_("New delivery date"), required=False, widget=DATE)
    technical_requirement = forms.CharField(
        label=_("New technical requirement"), max_length=2000, required=False, widget=_TEXT
    )
    quality_requirement = forms.CharField(
        label=_("New quality requirement"), max_length=2000, required=False, widget=_TEXT
    )


class ClassifyForm(ActionForm):
    """The questions of the decision table; the level follows from the answers (D3, E-14, E-15)."""

    changes_structure = forms.BooleanField(label=_("The overall structure changes"), required=False)
    changes_specification = forms.BooleanField(
        label=_("The specification of a component changes"), required=False
    )
    changes_model = forms.BooleanField(label=_("The model of a component changes"), required=False)
    changes_maker = forms.BooleanField(label=_("A specified manufacturer changes"), required=False)
    affects_plan = forms.BooleanField(
        label=_("The production or delivery plan is affected"),
        required=False,
        help_text=_("Always so where a quantity or a date changes."),
    )
    raises_cost = forms.BooleanField(
        label=_("The cost is raised"),
        required=False,
        help_text=_("Then the customer signs a change agreement before the notice goes out."),
    )
    grounds = forms.CharField(
        label=_("Grounds"),
        max_length=500,
        widget=_TEXT,
        help_text=_("In a sentence, for who reviews it later."),
    )


class ConfirmationForm(ContactForm):
    """The customer's written confirmation of the change (ORD-31)."""

    confirmation = UploadField(label=_("Written confirmation"))


class AgreeForm(ContactForm):
    """What the customer agreed to after the review (ORD-28)."""

    delivery_on = forms.DateField(
        label=_("Delivery date agreed on"),
        required=False,
        widget=DATE,
        help_text=_("Empty: the day that was reviewed."),
    )


class SettleForm(ActionForm):
    """What the general manager directs when the customer refuses a later date (ORD-28)."""

    decide = "outcome"

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[("agreed", _("Keep the agreed day")), ("rejected", _("Do not change the order"))],
    )
    opinion = forms.CharField(
        label=_("Opinion"), max_length=2000, widget=_TEXT, help_text=_("It stays on record with your name.")
    )


class DecideForm(ActionForm):
    """What a technical change of level B needs (ORD-37)."""

    review = forms.ChoiceField(
        label=_("Review"),
        choices=[
            ("none", _("No review")),
            ("date", _("The delivery date only")),
            ("full", _("In full, as a non-regular order")),
        ],
    )
    supplement = forms.BooleanField(
        label=_("A supplementary contract on the price is needed"), required=False
    )
    opinion = forms.CharField(label=_("Grounds"), max_length=2000, widget=_TEXT)


class AgreementForm(ActionForm):
    """The change agreement or supplementary contract that the customer signed (ORD-30, ORD-33)."""

    added_amount = forms.DecimalField(
        label=_("Added to the price"),
        max_digits=14,
        decimal_places=2,
        required=False,
        help_text=_("In yuan, beside what quantities change by themselves; less than nothing for a rebate."),
    )
    signer = forms.CharField(
        label=_("Signer"), max_length=100, help_text=_("The name of who signed for the customer.")
    )
    signed_on = forms.DateField(label=_("Signed on"), widget=DATE)
    agreement = UploadField(label=_("Signed agreement"))


class ForwardLineForm(ActionForm):
    """A department that must adjust to the change."""

    department = DepartmentField()


class AdjustmentForm(ActionForm):
    """What the department has adjusted (ORD-27)."""

    adjustment = forms.CharField(
        label=_("Adjustment made"),
        max_length=2000,
        widget=_TEXT,
        help_text=_("What is done otherwise from now on."),
    )
