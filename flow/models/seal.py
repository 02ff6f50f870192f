"""A seal closes a range of events, so that what is changed behind the database's back can be found (P11)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Seal(models.Model):
    """封条: the events after the seal before, up to `last_id`, as they stood when they were sealed (SYS-03).

    `content` is the SHA-256 of the rows, `leaves` 16 bytes an event (its id and the head of its hash), by
    which a changed one is named. `digest` covers all that and the digest before, `mac` signs it with a key
    that is not in the database; `key_id` tells which. `columns` are those that are covered.
    """

    append_only: ClassVar[bool] = True

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    last_id = models.BigIntegerField(_("last event"), unique=True)
    count = models.PositiveIntegerField(_("events"))
    at = models.DateTimeField(_("sealed at"))
    columns = models.CharField(max_length=300)
    content = models.CharField(max_length=64)
    leaves = models.BinaryField()
    key_id = models.CharField(_("key"), max_length=16)
    digest = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("seal of events")
        verbose_name_plural = _("seals of events")

    def __str__(self) -> str:
        return f"{self.number} → {self.last_id}"
