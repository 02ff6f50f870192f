"""The stock-in slip: what has passed its inspection goes into a store."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from catalog.models import Item, Location, Lot
from catalog.models.items import QuantityField
from flow.guards import guard
from flow.models import Document
from orders.models import Order
from procurement.models import ReceiptLine
from production.queries import is_packed
from quality.models import Inspection


@guard(_("The products of the order are not packed yet: only packed goods go into the finished goods store."))
def packed(stock_in: StockIn) -> bool:
    order = stock_in.order
    if stock_in.kind != StockIn.Kind.FINISHED or order is None:
        return True
    return order.state == Order.State.CANCELLED or is_packed(order)


class StockIn(Document):
    """入库单: material, parts or finished goods put into a store after they passed (WHS-07, WHS-10)."""

    slug = "stock_in"
    prefix = "RK"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        POSTED = "posted", _("Posted")
        REVERSED = "reversed", _("Reversed")

    class Kind(models.TextChoices):
        """What is put into stock; it decides who does it and where it goes."""

        MATERIAL = "material", _("Bought material")
        SEMI_FINISHED = "semi_finished", _("Semi-finished part")
        FINISHED = "finished", _("Finished goods")

    state = FSMField(_("state"), choices=State, default=State.DRAFT, protected=True, db_index=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    inspection = models.ForeignKey(
        Inspection, models.PROTECT, related_name="stock_ins", verbose_name=_("inspection")
    )
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="stock_ins", verbose_name=_("order")
    )
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("location")
    )
    reason = models.CharField(_("reversed because"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("stock-in slip")
        verbose_name_plural = _("stock-in slips")
        constraints = (
            models.UniqueConstraint(
                fields=["inspection"], condition=~Q(state="reversed"), name="warehouse_stock_in_once"
            ),
            models.CheckConstraint(
                name="warehouse_stock_in_for_an_order", condition=Q(kind="material") | Q(order__isnull=False)
            ),
        )

    @transition(state, source=State.DRAFT, target=State.POSTED, conditions=[packed])
    def post(self) -> None: ...

    @transition(state, source=State.POSTED, target=State.REVERSED)
    def reverse(self) -> None: ...


class StockInLine(models.Model):
    """入库行: so much of an item that passed."""

    stock_in = models.ForeignKey(
        StockIn, models.CASCADE, related_name="lines", verbose_name=_("stock-in slip")
    )
    position = models.PositiveIntegerField(_("line"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = QuantityField(_("quantity"))
    receipt_line = models.ForeignKey(
        ReceiptLine, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("receipt line")
    )
    lot = models.ForeignKey(
        Lot, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lot")
    )

    class Meta:
        verbose_name = _("stock-in line")
        verbose_name_plural = _("stock-in lines")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["stock_in", "position"], name="warehouse_stock_in_line_once"),
            models.CheckConstraint(name="warehouse_stock_in_quantity", condition=Q(quantity__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.item}"
