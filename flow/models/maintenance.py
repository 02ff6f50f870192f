"""What was done to keep the house safe: backups, restores, drills, audits."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class MaintenanceRecord(models.Model):
    """维护记录: one backup, restore, drill or audit, with its outcome; in real time.

    The newest of `restoring`, `restored` and `confirmed` tells whether this is a copy that must be silent.
    """

    append_only: ClassVar[bool] = True

    class Kind(models.TextChoices):
        BACKUP = "backup", _("Backup")
        RESTORING = "restoring", _("Restore begun")
        RESTORED = "restored", _("Restore")
        CONFIRMED = "confirmed", _("Copy confirmed as the house")
        DRILL = "drill", _("Restore drill")
        AUDIT = "audit", _("Audit of the events")
        INVARIANTS = "invariants", _("Check of the stored state")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    at = models.DateTimeField(_("at"), db_default=Now())
    by = models.CharField(_("by"), max_length=100, blank=True, db_default="")
    host = models.CharField(_("machine"), max_length=100, blank=True, db_default="")
    place = models.CharField(_("where"), max_length=500, blank=True, db_default="")
    succeeded = models.BooleanField(_("succeeded"), db_default=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), null=True)
    seconds = models.FloatField(_("seconds"), null=True)
    summary = models.TextField(_("summary"), blank=True, db_default="")

    class Meta:
        verbose_name = _("maintenance record")
        verbose_name_plural = _("maintenance records")
        indexes = (models.Index(fields=["kind", "id"], name="flow_maintenance_kind"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%F %T}"
