"""The purchase order: what one supplier delivers, for requisitions of several orders."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from catalog.models import Item, Supplier
from catalog.models.items import PriceField, QuantityField
from flow.guards import guard
from flow.models import Document
from org.roles import Role
from procurement.models.requisition import RequisitionLine

# Who may read what we pay.
PRICES = frozenset(
    {
        Role.BUYER, Role.PURCH_LEADER, Role.FINANCE, Role.GM, Role.DEPUTY_GM, Role.GROUP_GM, Role.BU_LEADER,
        Role.COMPANY_LEADER, Role.SENIOR_MGMT,
    }
)  # fmt: skip


@guard(_("The purchase order has no lines: edit it and add at least one."))
def has_lines(order: PurchaseOrder) -> bool:
    return order.lines.exists()


@guard(_("Not every line is wholly received yet: wait for the rest, or reduce the purchase order."))
def wholly_received(order: PurchaseOrder) -> bool:
    return not order.lines.filter(received__lt=F("quantity")).exists()


@guard(
    _(
        "Not every quantity has passed the incoming inspection yet: wait for it, have failed "
        "goods replaced, or reduce the purchase order."
    )
)
def wholly_qualified(order: PurchaseOrder) -> bool:
    return not order.lines.filter(qualified__lt=F("quantity")).exists()


@guard(_("Goods of this purchase order have arrived already: send back or receive them first."))
def nothing_arrived(order: PurchaseOrder) -> bool:
    return not order.receipts.exclude(state__in=["refused", "returned"]).exists()


@guard(
    _(
        "Qualified goods of this purchase order are not in stock yet: the storekeeper puts "
        "them into stock first."
    )
)
def wholly_stocked(order: PurchaseOrder) -> bool:
    return not order.lines.filter(stocked__lt=F("qualified")).exists()


class PurchaseOrder(Document):
    """采购订单: ordered from one supplier, often for several orders at once (PUR-19…24, PUR-40, PUR-41)."""

    slug = "purchase_order"
    prefix = "CG"
    # The papers of the supplier, his confirmation and his invoice, show every price.
    confidential: ClassVar[dict[str, frozenset[Role]]] = dict.fromkeys(
        ("amount", "invoice_number", "invoice_amount", "confirmation", "invoice"), PRICES
    )

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        SENT = "sent", _("Sent")
        SUPPLIER_CONFIRMED = "supplier_confirmed", _("Confirmed by the supplier")
        PARTIALLY_RECEIVED = "partially_received", _("Partially received")
        RECEIVED = "received", _("Received")
        QUALIFIED = "qualified", _("Qualified")
        SETTLED = "settled", _("Settled")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")

    # The supplier has it and still has something to deliver.
    RUNNING: ClassVar[tuple[str, ...]] = (State.SENT, State.SUPPLIER_CONFIRMED, State.PARTIALLY_RECEIVED)
    OPEN: ClassVar[tuple[str, ...]] = (State.DRAFT, State.SUBMITTED, State.APPROVED, State.REJECTED, *RUNNING)

    state = FSMField(_("state"), choices=State, default=State.DRAFT, protected=True, db_index=True)
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, related_name="purchase_orders", verbose_name=_("supplier")
    )
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2, default=Decimal(0))
    terms = models.TextField(_("terms"), blank=True)
    invoice_number = models.CharField(_("supplier's invoice number"), max_length=80, blank=True)
    invoice_amount = models.DecimalField(
        _("amount of the supplier's invoice"), max_digits=16, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")

    @transition(state, source=[State.DRAFT, State.REJECTED], target=State.SUBMITTED, conditions=[has_lines])
    def submit(self) -> None: ...

    @transition(state, source=State.SUBMITTED, target=State.APPROVED)
    def approve(self) -> None: ...

    @transition(state, source=State.SUBMITTED, target=State.REJECTED)
    def reject(self) -> None: ...

    @transition(state, source=State.APPROVED, target=State.SENT)
    def send(self) -> None: ...

    @transition(state, source=[State.SENT, State.SUPPLIER_CONFIRMED], target=State.SUPPLIER_CONFIRMED)
    def record_confirmation(self) -> None: ...

    @transition(state, source=RUNNING, target=RETURN_VALUE(State.PARTIALLY_RECEIVED, State.RECEIVED))
    def receive(self) -> str:
        return self.State.RECEIVED if wholly_received(self) else self.State.PARTIALLY_RECEIVED

    @transition(
        state,
        source=[State.PARTIALLY_RECEIVED, State.RECEIVED],
        target=RETURN_VALUE(State.PARTIALLY_RECEIVED, State.RECEIVED, State.QUALIFIED),
    )
    def qualify(self) -> str:
        if wholly_qualified(self):
            return self.State.QUALIFIED
        return self.State.RECEIVED if wholly_received(self) else self.State.PARTIALLY_RECEIVED

    @transition(
        state,
        source=RUNNING,
        target=RETURN_VALUE(
            State.SENT, State.SUPPLIER_CONFIRMED, State.PARTIALLY_RECEIVED, State.RECEIVED, State.QUALIFIED
        ),
    )
    def reduce(self) -> str:
        if wholly_qualified(self):
            return self.State.QUALIFIED
        return self.State.RECEIVED if wholly_received(self) else self.state

    @transition(state, source=State.QUALIFIED, target=State.SETTLED)
    def settle(self) -> None: ...

    @transition(state, source=State.SETTLED, target=State.CLOSED, conditions=[wholly_stocked])
    def close(self) -> None: ...

    @transition(
        state,
        source=[
            State.DRAFT, State.SUBMITTED, State.APPROVED, State.REJECTED, State.SENT,
            State.SUPPLIER_CONFIRMED, State.PARTIALLY_RECEIVED,
        ],
        target=State.CANCELLED,
        conditions=[nothing_arrived],
    )  # fmt: skip
    def cancel(self) -> None: ...

    def content(self) -> dict[str, object]:
        """What is approved: the supplier and every line with quantity, price and date (SYS-11)."""
        lines = self.lines.values_list("position", "item_id", "quantity", "unit_price", "arrival_on")
        return {"supplier": self.supplier_id, "amount": self.amount, "lines": [list(line) for line in lines]}


class PurchaseOrderLine(models.Model):
    """采购行: so much of an item for a line of a requisition, and how far the supplier has delivered it.

    `received` is what came and was not found bad; of it `qualified` passed the inspection, of that `stocked`
    lies in the store. A line reduced to nothing was given up.
    """

    confidential: ClassVar[dict[str, frozenset[Role]]] = {"unit_price": PRICES, "amount": PRICES}

    purchase_order = models.ForeignKey(
        PurchaseOrder, models.CASCADE, related_name="lines", verbose_name=_("purchase order")
    )
    position = models.PositiveIntegerField(_("line"))
    requisition_line = models.ForeignKey(
        RequisitionLine, models.PROTECT, related_name="purchase_lines", verbose_name=_("requisition line")
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = QuantityField(_("quantity"))
    unit_price = PriceField(_("unit price"))
    arrival_on = models.DateField(_("planned arrival"))
    confirmed_on = models.DateField(_("arrival confirmed by the supplier"), null=True, blank=True)
    dispatch_on = models.DateField(_("actual dispatch"), null=True, blank=True)
    received = QuantityField(_("received"), default=Decimal(0))
    qualified = QuantityField(_("qualified"), default=Decimal(0))
    stocked = QuantityField(_("in stock"), default=Decimal(0))

    class Meta:
        verbose_name = _("purchase order line")
        verbose_name_plural = _("purchase order lines")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["purchase_order", "position"], name="procurement_line_once"),
            models.CheckConstraint(
                name="procurement_line_quantities",
                condition=Q(quantity__gte=0)
                & Q(stocked__gte=0)
                & Q(stocked__lte=F("qualified"))
                & Q(qualified__lte=F("received"))
                & Q(received__lte=F("quantity")),
            ),
            models.CheckConstraint(name="procurement_line_price", condition=Q(unit_price__gte=0)),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.item}"

    @property
    def amount(self) -> Decimal:
        """Price times quantity in yuan, to the fen."""
        return (self.unit_price * self.quantity).quantize(Decimal("0.01"))

    amount.fget.short_description = _("amount")  # type: ignore[attr-defined]

    @property
    def expected_on(self) -> date:
        """The day of arrival that holds: what the supplier confirmed, else what was planned."""
        return self.confirmed_on or self.arrival_on

    @property
    def left(self) -> Decimal:
        """What is still to be delivered, in the unit of the item."""
        return self.quantity - self.received

    left.fget.short_description = _("still to be delivered")  # type: ignore[attr-defined]
