"""The plan of an order: its tasks, and what must be made and bought for it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from catalog.models import Item
from flow.guards import guard
from flow.models import Document
from orders.models import Contract, Order, OrderLine
from org.models import Department
from production.models.instruction import Instruction, not_on_hold

# Who must sit in the meeting on a product that is not regular (PRD-10).
NEEDED_IN_MEETING = frozenset({"technical", "workshop", "purchasing"})


@guard(_("Check the stock of parts and record it on the plan first."))
def stock_looked_up(plan: Plan) -> bool:
    return plan.stock_checked


@guard(_("The plan has no packaging task: add one with its finish date."))
def has_packaging(plan: Plan) -> bool:
    return plan.lines.filter(kind=TaskKind.PACK).exists()


@guard(
    _(
        "A non-regular order needs the record of a planning meeting attended by the technical, workshop and "
        "purchasing leaders."
    )
)
def meeting_held(plan: Plan) -> bool:
    if plan.order.order_class != Order.OrderClass.NON_REGULAR:
        return True
    return plan.meeting_on is not None and set(plan.meeting_attendees) >= NEEDED_IN_MEETING


@guard(
    _("The plan ends after the delivery date of the order: agree on a later date with the customer first.")
)
def in_time(plan: Plan) -> bool:
    rows = plan.order.contracts.exclude(state=Contract.State.TERMINATED)
    agreed = rows.values_list("delivery_on", flat=True).first()
    return plan.finish_on <= max(plan.order.delivery_on, agreed or plan.order.delivery_on)


@guard(_("The production instruction of the order is not in force: it must be issued first."))
def instructed(plan: Plan) -> bool:
    state = Instruction.State
    return plan.instruction.state in (state.ISSUED, state.ACKNOWLEDGED, state.PLANNED)


class TaskKind(models.TextChoices):
    """What a task of a plan is about (PRD-09)."""

    DESIGN = "design", _("Technical design")
    DRAWING = "drawing", _("Drawings")
    COOPERATE = "cooperate", _("Parts from a co-operating company")
    PURCHASE = "purchase", _("Purchase of parts")
    PRODUCE = "produce", _("Production of parts")
    ASSEMBLE = "assemble", _("Assembly")
    INSPECT = "inspect", _("Inspection")
    PACK = "pack", _("Packaging")
    OTHER = "other", _("Other")


class Plan(Document):
    """生产计划: which department does what by when for an order (PRD-06…10, PRD-30)."""

    slug = "plan"
    prefix = "JH"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Issued")
        SUPERSEDED = "superseded", _("Superseded")
        CANCELLED = "cancelled", _("Cancelled")

    class Attendee(models.TextChoices):
        """Who sits in a planning meeting."""

        TECHNICAL = "technical", _("Technical leader")
        WORKSHOP = "workshop", _("Section or workshop leader")
        PURCHASING = "purchasing", _("Purchasing leader")
        QUALITY = "quality", _("Quality leader")

    state = FSMField(_("state"), choices=State, default=State.DRAFT, protected=True, db_index=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="plans", verbose_name=_("order"))
    instruction = models.ForeignKey(
        Instruction, models.PROTECT, related_name="plans", verbose_name=_("production instruction")
    )
    version_no = models.PositiveIntegerField(_("plan version"))
    start_on = models.DateField(_("start"))
    finish_on = models.DateField(_("finish"))
    stock_checked = models.BooleanField(_("stock of parts checked"), default=False)
    meeting_on = models.DateField(_("meeting on"), null=True, blank=True)
    meeting_attendees = models.JSONField(_("leaders in the meeting"), default=list, blank=True)
    meeting_decisions = models.TextField(_("decisions of the meeting"), blank=True)
    remark = models.TextField(_("remark"), blank=True)

    class Meta:
        verbose_name = _("production plan")
        verbose_name_plural = _("production plans")
        constraints = (
            models.UniqueConstraint(fields=["order", "version_no"], name="production_plan_version_once"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state="issued"), name="production_plan_one_in_force"
            ),
            models.CheckConstraint(name="production_plan_dates", condition=Q(finish_on__gte=F("start_on"))),
        )

    @transition(
        state,
        source=State.DRAFT,
        target=State.ISSUED,
        conditions=[instructed, stock_looked_up, has_packaging, meeting_held, in_time, not_on_hold],
    )
    def issue(self) -> None: ...

    @transition(state, source=State.ISSUED, target=State.SUPERSEDED)
    def supersede(self) -> None: ...

    @transition(state, source=[State.DRAFT, State.ISSUED], target=State.CANCELLED)
    def cancel(self) -> None: ...


class PlanLine(models.Model):
    """计划行: one task of the plan; it becomes a task of the department when the plan is issued."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="lines", verbose_name=_("plan"))
    position = models.PositiveIntegerField(_("line"))
    kind = models.CharField(_("kind"), max_length=20, choices=TaskKind)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name=_("department"))
    start_on = models.DateField(_("start"))
    finish_on = models.DateField(_("finish"))
    text = models.CharField(_("task"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("plan line")
        verbose_name_plural = _("plan lines")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["plan", "position"], name="production_plan_line_once"),
            models.CheckConstraint(
                name="production_plan_line_dates", condition=Q(finish_on__gte=F("start_on"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.get_kind_display()}"


class PlanNeed(models.Model):
    """计划需求: what must be made or bought for an order line, once stock and open orders are used up.

    `parent_item` is what it goes into; none: it is what the customer ordered. Without an order line it is
    the rest of a lot, for stock.
    """

    class Source(models.TextChoices):
        MAKE = "make", _("To be made")
        BUY = "buy", _("To be bought")

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="needs", verbose_name=_("plan"))
    position = models.PositiveIntegerField(_("line"))
    source = models.CharField(_("make or buy"), max_length=10, choices=Source)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = models.DecimalField(_("quantity"), max_digits=15, decimal_places=3)
    release_on = models.DateField(_("begin on"))
    due_on = models.DateField(_("needed on"))
    order_line = models.ForeignKey(
        OrderLine, models.PROTECT, null=True, related_name="+", verbose_name=_("order line")
    )
    parent_item = models.ForeignKey(
        Item, models.PROTECT, null=True, related_name="+", verbose_name=_("goes into")
    )

    class Meta:
        verbose_name = _("plan need")
        verbose_name_plural = _("plan needs")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["plan", "position"], name="production_plan_need_once"),
            models.CheckConstraint(name="production_plan_need_quantity", condition=Q(quantity__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.item}"
