"""The work order: so much of an item to be made, from released material to the finished piece."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from catalog.models import BomVersion, Item
from flow.guards import guard
from flow.models import Document
from orders import queries
from orders.models import Order, OrderLine
from production.models.plan import Plan


@guard(_("A change of the order is open: it is on hold until the change is settled."))
def not_on_hold(work_order: WorkOrder) -> bool:
    return not queries.held(work_order.order, [work_order.order_line_id])


@guard(_("The order has no issued plan: issue the plan first."))
def plan_in_force(work_order: WorkOrder) -> bool:
    return work_order.order.plans.filter(state=Plan.State.ISSUED).exists()


@guard(_("No operation of the process card is signed: sign what was done first."))
def operation_signed(work_order: WorkOrder) -> bool:
    return work_order.operations.filter(round=work_order.rework).exists()


class WorkOrder(Document):
    """生产工单: so much of an item to be made for an order (PRD-40, PRD-70).

    `is_final`: its product is what the customer ordered, and it carries the order line along; without, it
    is a part that goes into another work order. `qualified` and `stocked` grow as inspections and
    stock-ins come in; what failed goes back to the shop floor as the next `rework`.
    """

    slug = "work_order"
    prefix = "GD"

    class State(models.TextChoices):
        CREATED = "created", _("Created")
        RELEASED = "released", _("Released to the shop")
        KITTED = "kitted", _("Material issued")
        STARTED = "started", _("Started")
        ASSEMBLED = "assembled", _("Assembled")
        SENT_TO_INSPECTION = "sent_to_inspection", _("Sent to inspection")
        PASSED = "passed", _("Passed")
        COMPLETED = "completed", _("Completed")
        CANCELLED = "cancelled", _("Cancelled")

    # What passed may go into stock while the rest is still reworked.
    STOCKABLE: ClassVar[tuple[str, ...]] = (
        State.STARTED, State.ASSEMBLED, State.SENT_TO_INSPECTION, State.PASSED,
    )  # fmt: skip

    state = FSMField(_("state"), choices=State, default=State.CREATED, protected=True, db_index=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="work_orders", verbose_name=_("order"))
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="work_orders", verbose_name=_("plan"))
    order_line = models.ForeignKey(
        OrderLine, models.PROTECT, null=True, related_name="work_orders", verbose_name=_("order line")
    )
    is_final = models.BooleanField(_("product of the order"), default=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = models.DecimalField(_("quantity"), max_digits=15, decimal_places=3)
    qualified = models.DecimalField(
        _("passed inspection"), max_digits=15, decimal_places=3, default=Decimal(0)
    )
    stocked = models.DecimalField(_("put into stock"), max_digits=15, decimal_places=3, default=Decimal(0))
    rework = models.PositiveIntegerField(_("rework"), default=0)
    bom = models.ForeignKey(
        BomVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("bill of material"),
    )
    start_on = models.DateField(_("start"))
    finish_on = models.DateField(_("finish"))
    is_short = models.BooleanField(_("started short of material"), default=False)

    class Meta:
        verbose_name = _("work order")
        verbose_name_plural = _("work orders")
        constraints = (
            models.CheckConstraint(
                name="production_work_order_quantities",
                condition=Q(quantity__gt=0)
                & Q(stocked__gte=0)
                & Q(stocked__lte=F("qualified"))
                & Q(qualified__lte=F("quantity")),
            ),
            models.CheckConstraint(
                name="production_work_order_final_has_line",
                condition=Q(is_final=False) | Q(order_line__isnull=False),
            ),
        )

    @property
    def unqualified(self) -> Decimal:
        """The quantity that has not passed the inspection yet: on the shop floor or with the inspector."""
        return self.quantity - self.qualified

    @transition(state, source=State.CREATED, target=State.RELEASED, conditions=[plan_in_force, not_on_hold])
    def release(self) -> None: ...

    @transition(state, source=State.RELEASED, target=State.KITTED)
    def kit(self) -> None: ...

    @transition(state, source=State.KITTED, target=State.STARTED, conditions=[plan_in_force, not_on_hold])
    def start(self) -> None: ...

    @transition(state, source=State.STARTED, target=State.ASSEMBLED, conditions=[operation_signed])
    def report_assembled(self) -> None: ...

    @transition(state, source=State.ASSEMBLED, target=State.SENT_TO_INSPECTION)
    def submit_inspection(self) -> None: ...

    @transition(state, source=State.SENT_TO_INSPECTION, target=State.PASSED)
    def pass_(self) -> None: ...

    @transition(state, source=State.SENT_TO_INSPECTION, target=State.STARTED)
    def send_back(self) -> None: ...

    @transition(state, source=STOCKABLE, target=RETURN_VALUE(*STOCKABLE, State.COMPLETED))
    def stock_in(self, quantity: Decimal) -> str:
        self.stocked += quantity
        return self.State.COMPLETED if self.stocked == self.quantity else self.state

    @transition(state, source=[*STOCKABLE, State.COMPLETED], target=RETURN_VALUE(*STOCKABLE))
    def reverse_stock_in(self, quantity: Decimal) -> str:
        self.stocked -= quantity
        return self.State.PASSED if self.state == self.State.COMPLETED else self.state

    @transition(state, source=[State.CREATED, State.RELEASED, State.KITTED], target=State.CANCELLED)
    def cancel(self) -> None: ...


class WorkOrderMaterial(models.Model):
    """工单用料: what goes into the whole work order, as its bill says on the day of its release."""

    work_order = models.ForeignKey(
        WorkOrder, models.CASCADE, related_name="materials", verbose_name=_("work order")
    )
    position = models.PositiveIntegerField(_("line"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = models.DecimalField(_("quantity"), max_digits=15, decimal_places=3)

    class Meta:
        verbose_name = _("work order material")
        verbose_name_plural = _("work order materials")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["work_order", "item"], name="production_material_once"),
            models.CheckConstraint(name="production_material_quantity", condition=Q(quantity__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.item} × {self.quantity}"


class Operation(models.Model):
    """工序卡: an operation, checked by the one who did it and signed (PRD-70, PRD-73)."""

    work_order = models.ForeignKey(
        WorkOrder, models.PROTECT, related_name="operations", verbose_name=_("work order")
    )
    position = models.PositiveIntegerField(_("line"))
    round = models.PositiveIntegerField(_("rework"), default=0)
    operation = models.CharField(_("operation"), max_length=200)
    owed_material = models.CharField(_("owed material"), max_length=500, blank=True)
    remark = models.CharField(_("remark"), max_length=500, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("signed by")
    )
    signed_at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("signed operation")
        verbose_name_plural = _("signed operations")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["work_order", "position"], name="production_operation_once"),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.operation}"
