"""The receipt: a delivery of a supplier, from the gate to the store or back."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from catalog.models import Item, Lot, Supplier
from catalog.models.items import QuantityField
from flow.guards import guard
from flow.models import Document
from procurement.models.purchase_order import PurchaseOrder, PurchaseOrderLine


@guard(_("Nothing of this delivery failed the inspection, or what failed went back already."))
def something_to_return(receipt: Receipt) -> bool:
    return any(line.failed > line.returned for line in receipt.lines.all())


@guard(_("Nothing of this delivery passed the inspection: it goes back to the supplier."))
def something_qualified(receipt: Receipt) -> bool:
    return receipt.lines.filter(qualified__gt=0).exists()


class Receipt(Document):
    """收料单: goods a supplier brought for a purchase order, with his delivery note (WHS-01…05, PUR-38)."""

    slug = "receipt"
    prefix = "SL"

    class State(models.TextChoices):
        ARRIVED = "arrived", _("Arrived")
        RECEIVED = "received", _("Counted and received")
        REFUSED = "refused", _("Refused")
        SENT_TO_INSPECTION = "sent_to_inspection", _("Sent to inspection")
        INSPECTED = "inspected", _("Inspected")
        STOCKED = "stocked", _("In stock")
        RETURNED = "returned", _("Returned to the supplier")

    state = FSMField(_("state"), choices=State, default=State.ARRIVED, protected=True, db_index=True)
    purchase_order = models.ForeignKey(
        PurchaseOrder, models.PROTECT, related_name="receipts", verbose_name=_("purchase order")
    )
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="+", verbose_name=_("supplier"))
    delivery_note = models.CharField(_("delivery note"), max_length=80)
    deliverer = models.CharField(_("delivered by"), max_length=100, blank=True)
    refusal = models.TextField(_("reason of the refusal"), blank=True)

    class Meta:
        verbose_name = _("goods receipt")
        verbose_name_plural = _("goods receipts")
        constraints = (
            models.CheckConstraint(name="procurement_receipt_has_note", condition=~Q(delivery_note="")),
            models.UniqueConstraint(
                fields=["supplier", "delivery_note"],
                condition=~Q(state="refused"),
                name="procurement_receipt_note_once",
            ),
        )

    @transition(state, source=State.ARRIVED, target=State.RECEIVED)
    def receive(self) -> None: ...

    @transition(state, source=State.ARRIVED, target=State.REFUSED)
    def refuse(self) -> None: ...

    @transition(state, source=State.RECEIVED, target=State.SENT_TO_INSPECTION)
    def send_to_inspection(self) -> None: ...

    @transition(state, source=State.SENT_TO_INSPECTION, target=State.INSPECTED)
    def inspect(self) -> None: ...

    @transition(state, source=State.INSPECTED, target=State.STOCKED, conditions=[something_qualified])
    def stock(self) -> None: ...

    @transition(state, source=State.STOCKED, target=State.INSPECTED)
    def unstock(self) -> None: ...

    @transition(
        state,
        source=[State.INSPECTED, State.STOCKED],
        target=RETURN_VALUE(State.INSPECTED, State.STOCKED, State.RETURNED),
        conditions=[something_to_return],
    )
    def return_goods(self) -> str:
        return self.state if something_qualified(self) else self.State.RETURNED


class ReceiptLine(models.Model):
    """收料行: so much of a line of the purchase order, as the delivery note says and as it was counted.

    `qualified` is what passed the inspection, `returned` what failed and went back. The goods lie in `lot`.
    """

    receipt = models.ForeignKey(
        Receipt, models.CASCADE, related_name="lines", verbose_name=_("goods receipt")
    )
    position = models.PositiveIntegerField(_("line"))
    line = models.ForeignKey(
        PurchaseOrderLine, models.PROTECT, related_name="receipts", verbose_name=_("purchase order line")
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = QuantityField(_("quantity on the delivery note"))
    counted = QuantityField(_("counted"), default=Decimal(0))
    qualified = QuantityField(_("qualified"), default=Decimal(0))
    returned = QuantityField(_("returned to the supplier"), default=Decimal(0))
    supplier_lot = models.CharField(_("lot at the supplier"), max_length=60, blank=True)
    lot = models.ForeignKey(
        Lot, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lot")
    )

    class Meta:
        verbose_name = _("receipt line")
        verbose_name_plural = _("receipt lines")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["receipt", "position"], name="procurement_receipt_line_once"),
            models.UniqueConstraint(fields=["receipt", "line"], name="procurement_receipt_order_line_once"),
            models.CheckConstraint(
                name="procurement_receipt_quantities",
                condition=Q(quantity__gt=0)
                & Q(qualified__gte=0)
                & Q(returned__gte=0)
                & Q(counted__gte=F("qualified"))
                & Q(counted__gte=F("returned")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.item}"

    @property
    def failed(self) -> Decimal:
        """What failed the inspection; only meaningful once it is inspected."""
        return self.counted - self.qualified

    failed.fget.short_description = _("failed")  # type: ignore[attr-defined]
