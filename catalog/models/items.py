"""What we sell, make, buy and store."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.parties import Supplier
from org.history import Records, Watched


class ProductFamily(models.TextChoices):
    """The product families of the handbook; review times and routes depend on them (ORD-13)."""

    ASSEMBLY = "assembly", _("Switchgear assemblies")
    HV_APPARATUS = "hv_apparatus", _("High-voltage apparatus")
    INSTRUMENT_TRANSFORMER = "instrument_transformer", _("Instrument transformers")
    AUTOMATION = "automation", _("Power automation")
    INTERLOCK = "interlock", _("Anti-misoperation interlocks")
    NONE = "none", _("No product")


class QuantityField(models.DecimalField):
    """A quantity in the unit of its item, to a thousandth (as the input forms have it)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs = {"max_digits": 15, "decimal_places": 3, **kwargs}
        super().__init__(*args, **kwargs)


class PriceField(models.DecimalField):
    """A price for one unit in the currency beside it, to a hundredth of a fen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs = {"max_digits": 16, "decimal_places": 4, **kwargs}
        super().__init__(*args, **kwargs)


class Unit(models.Model):
    """计量单位: piece, set, metre, kilogram."""

    code = models.CharField(_("code"), max_length=10, unique=True)
    name = models.CharField(_("name"), max_length=30)

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """物料: a product, a part or a material, the same for every company of the group."""

    class Source(models.TextChoices):
        MAKE = "make", _("Made in the house")
        BUY = "buy", _("Bought")
        PHANTOM = "phantom", _("Never stored, only its parts")

    class MaterialClass(models.TextChoices):
        PRODUCT = "product", _("Finished product")
        SEMI_FINISHED = "semi_finished", _("Semi-finished part")
        COMPONENT = "component", _("Bought component")
        RAW = "raw", _("Raw material")
        STANDARD_PART = "standard_part", _("Standard part")
        CONSUMABLE = "consumable", _("Consumable")
        PACKAGING = "packaging", _("Packaging")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    spec = models.CharField(_("model and specification"), max_length=200, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    family = models.CharField(
        _("product family"), max_length=30, choices=ProductFamily, default=ProductFamily.NONE
    )
    make_or_buy = models.CharField(_("make or buy"), max_length=10, choices=Source, default=Source.BUY)
    material_class = models.CharField(
        _("material class"), max_length=20, choices=MaterialClass, default=MaterialClass.COMPONENT
    )
    is_special = models.BooleanField(
        _("special material"),
        default=False,
        help_text=_("Long lead time, first use or asked for by the customer; tracked all the way (E-46)."),
    )
    is_serialised = models.BooleanField(_("has serial numbers"), default=False)
    lot_tracked = models.BooleanField(_("tracked by lot"), default=False)
    lead_time_days = models.PositiveSmallIntegerField(_("lead time in working days"), default=0)
    min_lot = QuantityField(_("smallest lot"), default=Decimal(0))
    lot_multiple = QuantityField(_("lot multiple"), default=Decimal(0))
    safety_stock = QuantityField(_("safety stock"), default=Decimal(0))
    standard_price = PriceField(_("standard price"), default=Decimal(0))
    is_active = models.BooleanField(_("in use"), default=True)

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                name="catalog_item_not_negative",
                condition=Q(min_lot__gte=0)
                & Q(lot_multiple__gte=0)
                & Q(safety_stock__gte=0)
                & Q(standard_price__gte=0),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class SupplierItem(models.Model):
    """供货信息: on which terms a supplier delivers an item."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="suppliers", verbose_name=_("item"))
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="items", verbose_name=_("supplier"))
    supplier_code = models.CharField(_("code at the supplier"), max_length=60, blank=True)
    lead_time_days = models.PositiveSmallIntegerField(_("lead time in working days"), default=0)
    min_lot = QuantityField(_("smallest lot"), default=Decimal(0))
    lot_multiple = QuantityField(_("lot multiple"), default=Decimal(0))
    price = PriceField(_("price"), default=Decimal(0))
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    is_preferred = models.BooleanField(_("preferred supplier"), default=False)

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("supplier item")
        verbose_name_plural = _("supplier items")
        constraints = (
            models.UniqueConstraint(fields=["item", "supplier"], name="catalog_supplier_item_once"),
            models.UniqueConstraint(
                fields=["item"], condition=Q(is_preferred=True), name="catalog_supplier_item_one_preferred"
            ),
            models.CheckConstraint(
                name="catalog_supplier_item_not_negative",
                condition=Q(min_lot__gte=0) & Q(lot_multiple__gte=0) & Q(price__gte=0),
            ),
        )

    def __str__(self) -> str:
        return f"{self.supplier}: {self.item}"
