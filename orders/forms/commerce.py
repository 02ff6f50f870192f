"""The inputs of quotation, contract, payment and evaluation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.stock.terms import amount
from flow.forms import ActionForm, DocumentField, HappenedAtField, UploadField
from orders import queries
from orders.forms.order import DATE
from orders.models import Contract, Order, OrderLine, Payment, Quotation, QuotationLine

_TEXT = forms.Textarea(attrs={"rows": 3})


class QuotationForm(ActionForm):
    """How long the quotation holds, and why its prices are what they are (ORD-17, ORD-18)."""

    valid_until = forms.DateField(
        label=_("Valid until"), widget=DATE, help_text=_("After this day it can no longer be accepted.")
    )
    reason = forms.CharField(
        label=_("Reason of the price"),
        max_length=500,
        required=False,
        widget=_TEXT,
        help_text=_("Required when a price differs from the list, and for every non-regular order."),
    )

    @classmethod
    def offer(cls, quotation: Quotation) -> dict[str, Any]:
        """What the form shows of an existing quotation."""
        return {name: getattr(quotation, name) for name in ("valid_until", "reason")}


class NewQuotationForm(QuotationForm):
    """A quotation for an order that its review approved."""

    order = DocumentField(Order, states=Order.QUOTABLE)

    field_order = ("order", "valid_until", "reason")

    @classmethod
    def offer_from(cls, order: Order) -> dict[str, Any]:
        """The order it is made for."""
        return {"order": order}


class QuotationLineForm(ActionForm):
    """The price of a line; without one it keeps the list price, else the price the order came with."""

    line = forms.IntegerField(label=_("Line"), min_value=1, help_text=_("The number of the order's line."))
    unit_price = forms.DecimalField(
        label=_("Unit price"),
        max_digits=14,
        decimal_places=2,
        min_value=0,
        required=False,
        help_text=_("Left empty: the list price."),
    )

    @classmethod
    def offer_from(cls, order: Order) -> list[dict[str, Any]]:
        """The lines of the order, without a price."""
        return [cls._row(line, None) for line in order.lines.select_related("item")]

    @classmethod
    def offer(cls, quotation: Quotation) -> list[dict[str, Any]]:
        """The lines with the prices of an existing quotation."""
        return [cls._row(line, line.unit_price) for line in quotation.lines.select_related("item")]

    @staticmethod
    def _row(line: OrderLine | QuotationLine, price: Decimal | None) -> dict[str, Any]:
        return {
            "title": f"{line.item} × {amount(line.quantity)}",
            "line": line.position,
            "unit_price": price,
        }


class ContractForm(ActionForm):
    """The terms of a contract; its lines and prices are those of the accepted quotation (ORD-20)."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("", "—"), *Contract.Kind.choices],
        required=False,
        help_text=_("Left empty: a project contract for projects, else the order sales slip."),
    )
    delivery_on = forms.DateField(
        label=_("Delivery date"),
        required=False,
        widget=DATE,
        help_text=_("Left empty: as reviewed. Never earlier than that."),
    )
    prepayment_percent = forms.DecimalField(
        label=_("Prepayment in percent"),
        max_digits=5,
        decimal_places=2,
        min_value=0,
        max_value=100,
        required=False,
        help_text=_("Left empty: none is asked, the order takes effect with the signature."),
    )
    payment_before_shipping = forms.BooleanField(
        label=_("Paid before shipping"),
        required=False,
        help_text=_("The goods leave only when the contract is paid in full."),
    )
    terms = forms.CharField(
        label=_("Terms of payment, service and penalty"), max_length=4000, required=False, widget=_TEXT
    )

    @classmethod
    def offer(cls, contract: Contract) -> dict[str, Any]:
        """What the form shows of an existing contract."""
        return {name: getattr(contract, name) for name in cls.base_fields}


class NewContractForm(ContractForm):
    """A contract for an order whose quotation was accepted."""

    order = DocumentField(Order, states=(Order.State.QUOTED,))

    field_order = ("order",)

    @classmethod
    def offer_from(cls, order: Order) -> dict[str, Any]:
        """The order it is made for, and the date its review agreed to."""
        return {"order": order, "delivery_on": order.delivery_on}


class CustomerSignatureForm(ActionForm):
    """The customer's signature: who, when, and the scan (ORD-21)."""

    signer = forms.CharField(label=_("Signer"), max_length=100, help_text=_("Who signed for the customer."))
    signed_on = forms.DateField(label=_("Signed on"), widget=DATE)
    file = UploadField(label=_("Signed contract"), help_text=_("The scan or photo that shows the signature."))


class PaymentForm(ActionForm):
    """Money that came in for an order (ORD-22)."""

    order = DocumentField(Order, states=Order.PAYABLE)
    amount = forms.DecimalField(label=_("Amount"), max_digits=14, decimal_places=2, min_value=0)
    received_on = forms.DateField(label=_("Received on"), widget=DATE)
    method = forms.ChoiceField(label=_("Method"), choices=Payment.Method.choices, required=False)
    reference = forms.CharField(
        label=_("Bank reference"),
        max_length=80,
        required=False,
        help_text=_("From the bank statement; each comes in only once."),
    )

    @classmethod
    def offer_from(cls, order: Order) -> dict[str, Any]:
        """The order that is paid, and what of it is asked for next: the prepayment, then the rest."""
        contract = queries.contract_of(order)
        if contract is None:
            return {"order": order}
        paid = queries.paid_for(order)
        wanted = contract.prepayment if paid < contract.prepayment else contract.amount
        return {"order": order, "amount": wanted - paid}


class AnswerForm(ActionForm):
    """A department's evaluation of an order (ORD-58, ORD-59)."""

    score = forms.IntegerField(
        label=_("Score (1 to 5)"),
        min_value=1,
        max_value=5,
        help_text=_("1: much went wrong, 5: all went well."),
    )
    problems = forms.CharField(label=_("Problems"), max_length=2000, required=False, widget=_TEXT)
    proposal = forms.CharField(
        label=_("Proposal for improvement"), max_length=2000, required=False, widget=_TEXT
    )
    happened_at = HappenedAtField()


class FinishForm(ActionForm):
    """The evaluator's summary."""

    summary = forms.CharField(label=_("Summary"), max_length=4000, widget=_TEXT)
