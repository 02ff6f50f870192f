"""The progress ledger: how far the departments have carried each quantity of each line."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """A milestone of a quantity; departments append to it, `advance` moves the order by it."""

    INSTRUCTED = "instructed", _("Instructed")
    PLANNED = "planned", _("Planned")
    PROCURING = "procuring", _("Material released")
    STARTED = "started", _("Started")
    SUBMITTED = "submitted", _("Sent to final inspection")
    PASSED = "passed", _("Passed final inspection")
    PACKED = "packed", _("Packed")
    STOCKED = "stocked", _("In stock")
    NOTIFIED = "notified", _("Shipping notice issued")
    DISPATCHED = "dispatched", _("Dispatched")
    DELIVERED = "delivered", _("Receipted by the customer")


class Progress(models.Model):
    """进度: rows are added, never changed; a return is a row with a minus. `key` lets it count once."""

    append_only: ClassVar[bool] = True

    line = models.ForeignKey("orders.OrderLine", models.PROTECT, related_name="progress")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3)
    document = models.CharField(_("document"), max_length=120)
    key = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("progress")
        verbose_name_plural = _("progress")
        indexes = (models.Index(fields=["line", "stage"], name="orders_progress_line"),)
        constraints = (models.CheckConstraint(name="orders_progress_not_zero", condition=~Q(quantity=0)),)

    def __str__(self) -> str:
        return f"{self.line_id} {self.stage} {self.quantity:+}"
