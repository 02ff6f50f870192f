"""Bills of material in versions, with validity dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models.items import Item
from org.history import Records, Watched


def holds_on(on: date) -> Q:
    """The condition that a row valid from `valid_from` until before `valid_to` holds on the day `on`."""
    return (Q(valid_from__isnull=True) | Q(valid_from__lte=on)) & (
        Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    )


_IN_ORDER = Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from"))


class BomVersion(models.Model):
    """BOM 版本: one version of what an item consists of; only an issued one counts; it never changes."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PENDING = "pending", _("To be reviewed")
        ISSUED = "issued", _("Issued")

    item = models.ForeignKey(Item, models.PROTECT, related_name="boms", verbose_name=_("item"))
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid until before"), null=True, blank=True)
    note = models.CharField(_("what changed"), max_length=500, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("issued by"),
    )
    issued_at = models.DateTimeField(_("issued at"), null=True, blank=True, editable=False)

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("bill of material")
        verbose_name_plural = _("bills of material")
        ordering = ("item", "-number")
        constraints = (
            models.UniqueConstraint(fields=["item", "number"], name="catalog_bom_number_once"),
            models.CheckConstraint(name="catalog_bom_dates", condition=_IN_ORDER),
            models.CheckConstraint(
                name="catalog_bom_issued_by_whom",
                condition=Q(state="issued", issued_by__isnull=False, issued_at__isnull=False)
                | (~Q(state="issued") & Q(issued_by__isnull=True, issued_at__isnull=True)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.item} V{self.number}"


class BomLine(models.Model):
    """BOM 行: so much of a component in one of the item; `scrap` is the share lost and added on top."""

    version = models.ForeignKey(
        BomVersion, models.CASCADE, related_name="lines", verbose_name=_("bill of material")
    )
    position = models.PositiveIntegerField(_("position"), default=10)
    component = models.ForeignKey(Item, models.PROTECT, related_name="used_in", verbose_name=_("component"))
    quantity = models.DecimalField(_("quantity for one"), max_digits=18, decimal_places=6)
    scrap = models.DecimalField(_("scrap share"), max_digits=6, decimal_places=4, default=Decimal(0))
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid until before"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("bill of material line")
        verbose_name_plural = _("bill of material lines")
        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(name="catalog_bom_line_quantity", condition=Q(quantity__gt=0)),
            models.CheckConstraint(name="catalog_bom_line_scrap", condition=Q(scrap__gte=0, scrap__lt=1)),
            models.CheckConstraint(name="catalog_bom_line_dates", condition=_IN_ORDER),
        )

    def __str__(self) -> str:
        return f"{self.component} × {self.quantity}"
