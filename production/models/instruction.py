"""The production instruction: what sales tells production to make."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from catalog.models import Item
from flow.guards import guard
from flow.models import Document
from orders.models import Order, OrderLine
from org.models import Department


@guard(_("A change of the order is open: it is on hold until the change is settled."))
def not_on_hold(document: Instruction) -> bool:
    return not document.order.change_hold


@guard(_("The order is not effective: it must be signed by both parties and paid as agreed first."))
def order_effective(instruction: Instruction) -> bool:
    if instruction.order.state == Order.State.EFFECTIVE:
        return True
    # One that a change put in the place of another goes to production whatever was done by the old one.
    replaced = instruction.order.instructions.filter(state=Instruction.State.SUPERSEDED)
    return instruction.order.state in Order.IN_WORK and replaced.exists()


class Instruction(Document):
    """生产指令单: an effective order handed to production, line by line as contracted (PRD-01, PRD-02)."""

    slug = "instruction"
    prefix = "ZL"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Issued")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        PLANNED = "planned", _("Planned")
        DONE = "done", _("Done")
        SUPERSEDED = "superseded", _("Superseded")
        CANCELLED = "cancelled", _("Cancelled")

    state = FSMField(_("state"), choices=State, default=State.DRAFT, protected=True, db_index=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="instructions", verbose_name=_("order"))
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("responsible department"),
    )
    packing_requirement = models.TextField(_("packing requirement"), blank=True)
    to_drawing = models.BooleanField(_("made to drawing"), default=False)
    remark = models.TextField(_("remark"), blank=True)

    class Meta:
        verbose_name = _("production instruction")
        verbose_name_plural = _("production instructions")
        constraints = (
            models.UniqueConstraint(
                fields=["order"],
                condition=~Q(state__in=["superseded", "cancelled"]),
                name="production_instruction_one_in_force",
            ),
        )

    @transition(state, source=State.DRAFT, target=State.ISSUED, conditions=[order_effective, not_on_hold])
    def issue(self) -> None: ...

    @transition(state, source=State.ISSUED, target=State.ACKNOWLEDGED)
    def acknowledge(self) -> None: ...

    @transition(state, source=[State.ISSUED, State.ACKNOWLEDGED], target=State.PLANNED)
    def plan(self) -> None: ...

    @transition(state, source=[State.ISSUED, State.ACKNOWLEDGED, State.PLANNED], target=State.DONE)
    def finish(self) -> None: ...

    @transition(state, source=[State.ISSUED, State.ACKNOWLEDGED, State.PLANNED], target=State.SUPERSEDED)
    def supersede(self) -> None: ...

    @transition(
        state,
        source=[State.DRAFT, State.ISSUED, State.ACKNOWLEDGED, State.PLANNED],
        target=State.CANCELLED,
    )
    def cancel(self) -> None: ...


class InstructionLine(models.Model):
    """生产指令行: a line of the contract as production is told it."""

    instruction = models.ForeignKey(
        Instruction, models.CASCADE, related_name="lines", verbose_name=_("production instruction")
    )
    position = models.PositiveIntegerField(_("line"))
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+", verbose_name=_("order line"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3)
    delivery_on = models.DateField(_("delivery date"))
    technical_requirement = models.TextField(_("technical requirement"), blank=True)
    quality_requirement = models.TextField(_("quality requirement"), blank=True)

    class Meta:
        verbose_name = _("instruction line")
        verbose_name_plural = _("instruction lines")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(
                fields=["instruction", "position"], name="production_instruction_line_once"
            ),
            models.CheckConstraint(name="production_instruction_line_quantity", condition=Q(quantity__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.item}"
