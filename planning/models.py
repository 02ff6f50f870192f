"""The supply and demand ledger: what is wanted, ordered and being made, by item and day."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models.items import Item, QuantityField
from flow.models import Case
from org.models import Company


class Kind(models.TextChoices):
    """What an entry speaks of. Safety stock is not among them: it is a property of the item."""

    ORDER_LINE = "order_line", _("order line")
    DEPENDENT = "dependent", _("material for a work order")
    REQUESTED = "requested", _("requested")
    ON_ORDER = "on_order", _("on order")
    PLANNED_MAKE = "planned_make", _("planned to be made")
    ON_MAKE = "on_make", _("being made")


DEMANDS = frozenset({Kind.ORDER_LINE, Kind.DEPENDENT})
SUPPLIES = frozenset(Kind) - DEMANDS


class Slot(models.Model):
    """So much of an item on a day: what a document wants or expects, for an order line or for nobody.

    `source_type` and `source_id` name the row that says so (`procurement.purchase_order_line`, its id),
    `peg_type` and `peg_id` whom it is for; both stand above this app. "" and 0: for nobody in particular.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    due_on = models.DateField(_("due on"))
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name=_("case"))
    source_type = models.CharField(_("source type"), max_length=60)
    source_id = models.BigIntegerField(_("source"))
    peg_type = models.CharField(_("pegged type"), max_length=60, blank=True, default="")
    peg_id = models.BigIntegerField(_("pegged to"), default=0)
    quantity = QuantityField(_("quantity"))

    class Meta:
        abstract = True


class PlanningEntry(Slot):
    """供需台账: a change of what is wanted or expected; above zero opens, below closes (PUR-04, PUR-05)."""

    append_only: ClassVar[bool] = True

    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now(), editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("planning entry")
        verbose_name_plural = _("planning entries")
        indexes = (
            models.Index(fields=["source_type", "source_id", "id"], name="planning_entry_source"),
            models.Index(fields=["item", "company", "id"], name="planning_entry_item"),
        )
        constraints = (
            models.CheckConstraint(name="planning_entry_not_zero", condition=~Q(quantity=0)),
            models.CheckConstraint(name="planning_entry_kind", condition=Q(kind__in=Kind.values)),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity} {self.source_type} {self.source_id}"


class OpenQuantity(Slot):
    """未清供需: what of a slot is still open, the sum of its entries; written with them, never below zero."""

    class Meta:
        verbose_name = _("open quantity")
        verbose_name_plural = _("open quantities")
        indexes = (
            models.Index(fields=["item", "company"], condition=Q(quantity__gt=0), name="planning_open_item"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["source_type", "source_id", "item", "kind", "due_on", "peg_type", "peg_id"],
                name="planning_open_slot",
            ),
            models.CheckConstraint(name="planning_open_not_negative", condition=Q(quantity__gte=0)),
            models.CheckConstraint(name="planning_open_kind", condition=Q(kind__in=Kind.values)),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity} {self.source_type} {self.source_id}"

    @property
    def peg(self) -> tuple[str, int] | None:
        """Whom it is for, as (type, id); None: nobody in particular."""
        return (self.peg_type, self.peg_id) if self.peg_type else None
