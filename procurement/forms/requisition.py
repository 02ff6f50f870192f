"""What the verbs of the requisition ask."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Item
from flow.forms import ActionForm, CompanyField, DocumentField, QuantityField, ReferenceField
from orders.models import Order
from procurement.models import Requisition

TEXT = forms.Textarea(attrs={"rows": 2})
DATE = forms.DateInput(attrs={"type": "date"})
BY_HAND = [choice for choice in Requisition.Kind.choices if choice[0] != Requisition.Kind.MRP]


class RequisitionForm(ActionForm):
    """The head of a requisition that somebody writes (PUR-01, PUR-08, PUR-09)."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=BY_HAND,
        initial=Requisition.Kind.GENERAL,
        help_text=_("It decides who approves."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, widget=TEXT, help_text=_("What it is needed for.")
    )

    @classmethod
    def offer(cls, requisition: Requisition) -> dict[str, Any]:
        """What the form shows of an existing requisition."""
        return {name: getattr(requisition, name) for name in cls.base_fields}


class NewRequisitionForm(RequisitionForm):
    """A new requisition, for an order or for nobody in particular."""

    company = CompanyField(required=False, help_text=_("Only when you work for several companies."))
    order = DocumentField(Order, required=False, help_text=_("Only when it is needed for an order."))


class RequisitionLineForm(ActionForm):
    """One line of a requisition."""

    item = ReferenceField(Item, label=_("Item"))
    quantity = QuantityField()
    due_on = forms.DateField(label=_("Needed on"), widget=DATE)

    @classmethod
    def offer(cls, requisition: Requisition) -> list[dict[str, Any]]:
        """The lines of an existing requisition."""
        rows = requisition.lines.select_related("item")
        return [{name: getattr(line, name) for name in cls.base_fields} for line in rows]


class CloseForm(ActionForm):
    """Why a requisition is closed although not all of it is ordered."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        widget=TEXT,
        help_text=_("Required while something is still to be ordered."),
    )
