"""The working calendar of a company: versions that are never changed, only followed by a new one (SYS-05)."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from org.models.people import Company

WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)


class CalendarVersion(models.Model):
    """工作日历版本: a whole working calendar; without a company it is the group's, which counts by default.

    `weekdays` are the working ones as digits (Monday 0), `years` those whose official days are entered.
    """

    append_only: ClassVar[bool] = True

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="calendars", verbose_name=_("company")
    )
    number = models.PositiveIntegerField(_("version"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    weekdays = models.CharField(_("working weekdays"), max_length=7, default="01234")
    years = models.JSONField(_("known years"), default=list)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("issued by")
    )
    issued_at = models.DateTimeField(_("issued at"))

    class Meta:
        verbose_name = _("working calendar")
        verbose_name_plural = _("working calendars")
        ordering = ("company", "number")
        constraints = (
            models.UniqueConstraint(fields=["company", "number"], name="org_calendar_version_once"),
            models.UniqueConstraint(
                fields=["number"], condition=Q(company__isnull=True), name="org_calendar_group_version_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.company or _('Group')} {self.number}"


class CalendarDay(models.Model):
    """A day that differs from the week: a holiday, or a make-up workday (调休)."""

    append_only: ClassVar[bool] = True

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Holiday")
        MAKEUP = "makeup_workday", _("Make-up workday")

    version = models.ForeignKey(
        CalendarVersion, models.PROTECT, related_name="days", verbose_name=_("version")
    )
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name = models.CharField(_("name"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ("date",)
        constraints = (models.UniqueConstraint(fields=["version", "date"], name="org_calendar_day_once"),)

    def __str__(self) -> str:
        return f"{self.date} {self.get_kind_display()}"


class Shift(models.Model):
    """A segment of the shift on one weekday, or on all of them; 00:00 as its end means midnight."""

    append_only: ClassVar[bool] = True

    version = models.ForeignKey(
        CalendarVersion, models.PROTECT, related_name="shifts", verbose_name=_("version")
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=WEEKDAYS, null=True, blank=True)
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("until"))

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ("weekday", "starts_at")

    def __str__(self) -> str:
        return f"{self.starts_at:%H:%M}–{self.ends_at:%H:%M}"
