"""The requisition: what is to be bought, by when, and who must agree to it."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from catalog.models import Item
from catalog.models.items import QuantityField
from flow.guards import guard
from flow.models import Document
from orders.models import Order, OrderLine
from production.models import Plan


@guard(_("The requisition has no lines: edit it and add at least one."))
def has_lines(requisition: Requisition) -> bool:
    return requisition.lines.exists()


@guard(_("Not every line is wholly ordered yet."))
def wholly_ordered(requisition: Requisition) -> bool:
    return not requisition.lines.filter(ordered__lt=F("quantity")).exists()


@guard(_("Every line is still wholly ordered."))
def no_longer_ordered(requisition: Requisition) -> bool:
    return not wholly_ordered(requisition)


class Requisition(Document):
    """采购申请单: what must be bought for an order, or for nobody in particular (PUR-01…09, E-18)."""

    slug = "requisition"
    prefix = "QG"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        CONVERTED = "converted", _("Wholly ordered")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")

    class Kind(models.TextChoices):
        """Where the need comes from; it decides who must approve (E-18)."""

        MRP = "mrp", _("From the plan")
        GENERAL = "general", _("General need")
        PRE_PURCHASE = "pre_purchase", _("Purchase ahead of the plan")
        CHANGE = "change", _("Engineering change")
        SPECIAL = "special", _("Special material")
        SAFETY_STOCK = "safety_stock", _("Safety stock")

    state = FSMField(_("state"), choices=State, default=State.DRAFT, protected=True, db_index=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="requisitions", verbose_name=_("order")
    )
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="requisitions", verbose_name=_("plan")
    )
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("purchase requisition")
        verbose_name_plural = _("purchase requisitions")
        constraints = (
            models.CheckConstraint(
                name="procurement_requisition_reason",
                condition=(Q(kind="mrp") & Q(plan__isnull=False)) | ~Q(reason=""),
            ),
        )

    @transition(state, source=[State.DRAFT, State.REJECTED], target=State.SUBMITTED, conditions=[has_lines])
    def submit(self) -> None: ...

    @transition(state, source=State.SUBMITTED, target=State.APPROVED)
    def approve(self) -> None: ...

    @transition(state, source=State.SUBMITTED, target=State.REJECTED)
    def reject(self) -> None: ...

    @transition(state, source=State.APPROVED, target=State.CONVERTED, conditions=[wholly_ordered])
    def convert(self) -> None: ...

    @transition(state, source=State.CONVERTED, target=State.APPROVED, conditions=[no_longer_ordered])
    def reopen(self) -> None: ...

    @transition(state, source=[State.APPROVED, State.CONVERTED], target=State.CLOSED)
    def close(self) -> None: ...

    @transition(state, source=[State.DRAFT, State.SUBMITTED, State.REJECTED], target=State.CANCELLED)
    def cancel(self) -> None: ...


class RequisitionLine(models.Model):
    """申请行: so much of an item by a day; `ordered` is what purchase orders have taken up of it."""

    requisition = models.ForeignKey(
        Requisition, models.CASCADE, related_name="lines", verbose_name=_("purchase requisition")
    )
    position = models.PositiveIntegerField(_("line"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = QuantityField(_("quantity"))
    ordered = QuantityField(_("ordered"), default=Decimal(0))
    due_on = models.DateField(_("needed on"))
    order_line = models.ForeignKey(
        OrderLine,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="requisition_lines",
        verbose_name=_("order line"),
    )

    class Meta:
        verbose_name = _("requisition line")
        verbose_name_plural = _("requisition lines")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(
                fields=["requisition", "position"], name="procurement_requisition_line_once"
            ),
            models.CheckConstraint(
                name="procurement_requisition_not_over_ordered",
                condition=Q(quantity__gt=0) & Q(ordered__gte=0) & Q(ordered__lte=F("quantity")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.requisition}/{self.position}"

    @property
    def left(self) -> Decimal:
        """What is still to be ordered, in the unit of the item."""
        return self.quantity - self.ordered

    left.fget.short_description = _("still to be ordered")  # type: ignore[attr-defined]
