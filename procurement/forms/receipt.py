"""What the verbs of the receipt ask."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from flow.forms import ActionForm, DocumentField, HappenedAtField, QuantityField
from procurement.forms.purchase_order import LineField
from procurement.models import PurchaseOrder, Receipt


class ReceiptForm(ActionForm):
    """A delivery at the gate; the delivery note is the only voucher (WHS-02)."""

    purchase_order = DocumentField(PurchaseOrder, states=PurchaseOrder.RUNNING)
    delivery_note = forms.CharField(
        label=_("Delivery note"),
        max_length=80,
        help_text=_("The number on the supplier's note; nothing is received without it."),
    )
    deliverer = forms.CharField(label=_("Delivered by"), max_length=100, required=False)
    happened_at = HappenedAtField()


class ReceiptLineForm(ActionForm):
    """One line of the delivery note."""

    line = LineField()
    quantity = QuantityField()
    supplier_lot = forms.CharField(label=_("Lot at the supplier"), max_length=60, required=False)


class CountLineForm(ActionForm):
    """What was counted of a line."""

    line = LineField(help_text=_("The id of the receipt's line, or its position."))
    quantity = QuantityField(label=_("Counted"))

    @classmethod
    def offer(cls, receipt: Receipt) -> list[dict[str, Any]]:
        """The lines as the delivery note has them."""
        return [{"line": line.pk, "quantity": line.quantity} for line in receipt.lines.all()]
