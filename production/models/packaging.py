"""The packaging of an order: announced, packed, and nothing left out of the box."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from flow.guards import guard
from flow.models import Document
from orders.models import Order, Stage
from production.models.plan import Plan


@guard(_("Not every product has passed the final inspection: only qualified products are packed."))
def all_passed(packaging: Packaging) -> bool:
    return packaging.order.all_reached(Stage.PASSED)


class Packaging(Document):
    """包装: the notice to the packing department, the packing and its checklist (PRD-49…51)."""

    slug = "packaging"
    prefix = "BZ"

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        NOTICED = "noticed", _("Packing department notified")
        PACKING = "packing", _("Packing")
        PACKED = "packed", _("Packed")
        CANCELLED = "cancelled", _("Cancelled")

    state = FSMField(_("state"), choices=State, default=State.PLANNED, protected=True, db_index=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="packagings", verbose_name=_("order"))
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="packagings", verbose_name=_("plan"))
    ready_on = models.DateField(_("ready to be packed on"))
    finish_on = models.DateField(_("packed by"))
    requirement = models.TextField(_("packing requirement"), blank=True)
    boxes = models.PositiveIntegerField(_("boxes"), null=True, blank=True)
    has_accessories = models.BooleanField(_("accessories complete"), default=False)
    has_documents = models.BooleanField(_("documents complete"), default=False)
    has_labels = models.BooleanField(_("labels attached"), default=False)
    remark = models.TextField(_("remark"), blank=True)

    class Meta:
        verbose_name = _("packaging")
        verbose_name_plural = _("packagings")
        constraints = (
            models.UniqueConstraint(
                fields=["order"], condition=~Q(state="cancelled"), name="production_packaging_one_in_force"
            ),
            models.CheckConstraint(
                name="production_packed_complete",
                condition=~Q(state="packed") | Q(has_accessories=True, has_documents=True, has_labels=True),
            ),
        )

    @transition(state, source=State.PLANNED, target=State.NOTICED)
    def notify(self) -> None: ...

    @transition(state, source=State.NOTICED, target=State.PACKING, conditions=[all_passed])
    def start(self) -> None: ...

    @transition(state, source=State.PACKING, target=State.PACKED)
    def confirm_packed(self) -> None: ...

    @transition(state, source=[State.PLANNED, State.NOTICED, State.PACKING], target=State.CANCELLED)
    def cancel(self) -> None: ...
