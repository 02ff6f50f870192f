"""Rows the running system keeps about itself."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class IdempotencyKey(models.Model):
    """What a request with an Idempotency-Key did, inserted first in its own transaction (P10)."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = (models.UniqueConstraint(fields=["actor", "key"], name="flow_idempotency_once"),)

    def __str__(self) -> str:
        return self.key


class TrainingClock(models.Model):
    """The offset of the training clock from real time; one row, only in training."""

    offset = models.DurationField(default=timedelta)

    class Meta:
        verbose_name = _("training clock")
        verbose_name_plural = _("training clock")
        constraints = (
            models.CheckConstraint(name="flow_training_clock_single", condition=Q(id=1)),
            models.CheckConstraint(name="flow_training_clock_ahead", condition=Q(offset__gte=timedelta())),
        )

    def __str__(self) -> str:
        return str(self.offset)


class Heartbeat(models.Model):
    """When a background process last showed that it lives; always real time (P16)."""

    name = models.CharField(max_length=40, unique=True)
    beat_at = models.DateTimeField()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return f"{self.name} {self.beat_at:%F %T}"


class Outage(models.Model):
    """停机记录: a span without background work, from the last beat before it to the next, in real time."""

    began_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("until"))
    ended_by = models.CharField(_("ended by"), max_length=40)

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        constraints = (models.UniqueConstraint(fields=["began_at"], name="flow_outage_once"),)

    def __str__(self) -> str:
        return f"{self.began_at:%F %T} – {self.ended_at:%F %T}"
