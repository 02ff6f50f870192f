"""The inspection: incoming goods and finished products are judged by quality alone."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from catalog.models import Item
from catalog.models.items import QuantityField
from flow.models import Document
from procurement.models import Receipt, ReceiptLine
from production.models import WorkOrder


class Inspection(Document):
    """送检单: 材料入库送检单 for a delivery, 产品送检单 for a work order (QUA-01, QUA-02, QUA-27…30)."""

    slug = "inspection"
    prefix = "SJ"

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        INSPECTING = "inspecting", _("Inspecting")
        PASSED = "passed", _("Passed")
        PASSED_SHORT = "passed_short", _("Passed, parts missing")
        PARTLY = "partly", _("Partly passed")
        FAILED = "failed", _("Failed")

    class Kind(models.TextChoices):
        """What is inspected."""

        INCOMING = "incoming", _("Incoming goods")
        FINAL = "final", _("Finished work")

    state = FSMField(_("state"), choices=State, default=State.REQUESTED, protected=True, db_index=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    receipt = models.ForeignKey(
        Receipt,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="inspections",
        verbose_name=_("goods receipt"),
    )
    work_order = models.ForeignKey(
        WorkOrder,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="inspections",
        verbose_name=_("work order"),
    )
    missing_parts = models.CharField(_("missing parts"), max_length=500, blank=True)
    result = models.TextField(_("result"), blank=True)

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        constraints = (
            models.CheckConstraint(
                name="quality_inspection_subject",
                condition=Q(kind="incoming", receipt__isnull=False, work_order__isnull=True)
                | Q(kind="final", receipt__isnull=True, work_order__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["receipt"],
                condition=Q(receipt__isnull=False),
                name="quality_inspection_of_receipt_once",
            ),
            models.UniqueConstraint(
                fields=["work_order"],
                condition=Q(state__in=["requested", "inspecting"]),
                name="quality_inspection_of_work_order_open_once",
            ),
        )

    @property
    def submitted(self) -> Decimal:
        """The quantity of all lines together."""
        return sum((line.quantity for line in self.lines.all()), Decimal())

    @transition(state, source=State.REQUESTED, target=State.INSPECTING)
    def start(self) -> None: ...

    @transition(
        state,
        source=State.INSPECTING,
        target=RETURN_VALUE(State.PASSED, State.PASSED_SHORT, State.PARTLY),
    )
    def pass_(self, *, wholly: bool) -> str:
        if not wholly:
            return self.State.PARTLY
        return self.State.PASSED_SHORT if self.missing_parts else self.State.PASSED

    @transition(state, source=State.INSPECTING, target=State.FAILED)
    def fail(self) -> None: ...


class InspectionLine(models.Model):
    """送检行: so much of an item is judged; `qualified` of it passed."""

    inspection = models.ForeignKey(
        Inspection, models.CASCADE, related_name="lines", verbose_name=_("inspection")
    )
    position = models.PositiveIntegerField(_("line"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    receipt_line = models.ForeignKey(
        ReceiptLine, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("receipt line")
    )
    quantity = QuantityField(_("quantity"))
    qualified = QuantityField(_("qualified"), default=Decimal(0))

    class Meta:
        verbose_name = _("inspection line")
        verbose_name_plural = _("inspection lines")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["inspection", "position"], name="quality_line_once"),
            models.CheckConstraint(
                name="quality_line_quantities",
                condition=Q(quantity__gt=0) & Q(qualified__gte=0) & Q(qualified__lte=F("quantity")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.item}"

    @property
    def failed(self) -> Decimal:
        """What did not pass; only meaningful once it is judged."""
        return self.quantity - self.qualified
