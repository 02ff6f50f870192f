"""What our products cost."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models.items import Item, PriceField
from catalog.models.parties import Customer
from org.history import Records, Watched
from org.models import Company


class PriceList(models.Model):
    """价目表: list prices, for all companies and customers or only for one company or grade of customers."""

    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=100)
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("company")
    )
    grade = models.CharField(_("customer grade"), max_length=1, choices=Customer.Grade, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    is_active = models.BooleanField(_("in use"), default=True)

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class PriceListLine(models.Model):
    """价目: the price of an item from a day on, until the day before `valid_to`."""

    price_list = models.ForeignKey(
        PriceList, models.CASCADE, related_name="lines", verbose_name=_("price list")
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="prices", verbose_name=_("item"))
    price = PriceField(_("price"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid until before"), null=True, blank=True)

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("list price")
        verbose_name_plural = _("list prices")
        ordering = ("item", "-valid_from")
        constraints = (
            models.UniqueConstraint(
                fields=["price_list", "item", "valid_from"], name="catalog_price_once_a_day"
            ),
            models.CheckConstraint(name="catalog_price_not_negative", condition=Q(price__gte=0)),
            models.CheckConstraint(
                name="catalog_price_dates",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.item}: {self.price}"
