"""The stock ledger: places, lots, serial numbers, moves and the balances they add up to."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models.items import Item, QuantityField
from catalog.models.parties import Supplier
from org.history import Records, Watched
from org.models import Company


class Warehouse(models.Model):
    """仓库: a store of one company."""

    class Kind(models.TextChoices):
        RAW = "raw", _("Material store")
        FINISHED = "finished", _("Finished goods store")
        QUARANTINE = "quarantine", _("Area of goods to be inspected")
        IN_PROCESS = "in_process", _("Workshop floor")

    USABLE: ClassVar[frozenset[str]] = frozenset({Kind.RAW.value, Kind.FINISHED.value})

    company = models.ForeignKey(Company, models.PROTECT, related_name="warehouses", verbose_name=_("company"))
    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    """库位: a place in a warehouse."""

    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="locations", verbose_name=_("warehouse")
    )
    code = models.CharField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=100, blank=True)

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ("warehouse", "code")
        constraints = (
            models.UniqueConstraint(fields=["warehouse", "code"], name="catalog_location_code_once"),
        )

    def __str__(self) -> str:
        return f"{self.warehouse.code}/{self.code}"


class Lot(models.Model):
    """批次: goods of one item that came together; its status decides whether they may be used (SYS-12)."""

    class Status(models.TextChoices):
        TO_INSPECT = "to_inspect", _("To be inspected")
        QUALIFIED = "qualified", _("Qualified")
        NONCONFORMING = "nonconforming", _("Nonconforming")
        CONCESSION = "concession", _("Accepted by concession")

    USABLE: ClassVar[frozenset[str]] = frozenset({Status.QUALIFIED.value, Status.CONCESSION.value})

    item = models.ForeignKey(Item, models.PROTECT, related_name="lots", verbose_name=_("item"))
    number = models.CharField(_("lot number"), max_length=60)
    status = models.CharField(_("status"), max_length=15, choices=Status, default=Status.TO_INSPECT)
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="lots", verbose_name=_("supplier")
    )
    supplier_lot = models.CharField(_("lot at the supplier"), max_length=60, blank=True)
    received_on = models.DateField(_("received on"))
    split_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("split from")
    )

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        ordering = ("item", "received_on", "id")
        constraints = (models.UniqueConstraint(fields=["item", "number"], name="catalog_lot_number_once"),)

    def __str__(self) -> str:
        return self.number

    @property
    def is_usable(self) -> bool:
        """Whether its goods may be issued (WHS-15)."""
        return self.status in self.USABLE


class SerialNumber(models.Model):
    """序列号: one piece of a serialised item; it is in one place, or nowhere in the house (P8)."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="serials", verbose_name=_("item"))
    number = models.CharField(_("serial number"), max_length=60)
    lot = models.ForeignKey(
        Lot, models.PROTECT, null=True, blank=True, related_name="serials", verbose_name=_("lot")
    )
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, blank=True, related_name="serials", verbose_name=_("location")
    )

    class Meta:
        verbose_name = _("serial number")
        verbose_name_plural = _("serial numbers")
        ordering = ("item", "number")
        constraints = (models.UniqueConstraint(fields=["item", "number"], name="catalog_serial_number_once"),)

    def __str__(self) -> str:
        return self.number


class StockMove(models.Model):
    """库存流水: so much more (or less) of an item at a location; two rows make a transfer. Never changed.

    `document_type` and `document_id` name the document that says so; `key` is unique, so that what it says
    is posted once.
    """

    append_only: ClassVar[bool] = True

    key = models.CharField(max_length=150, unique=True)
    item = models.ForeignKey(Item, models.PROTECT, related_name="moves", verbose_name=_("item"))
    location = models.ForeignKey(Location, models.PROTECT, related_name="moves", verbose_name=_("location"))
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="moves", verbose_name=_("lot"))
    serial = models.ForeignKey(
        SerialNumber, models.PROTECT, null=True, related_name="moves", verbose_name=_("serial number")
    )
    quantity = QuantityField(_("quantity"))
    document_type = models.CharField(_("document type"), max_length=60)
    document_id = models.BigIntegerField()
    document_number = models.CharField(_("document number"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("stock move")
        verbose_name_plural = _("stock moves")
        indexes = (
            models.Index(fields=["item", "location", "lot"], name="catalog_move_place"),
            models.Index(fields=["document_type", "document_id"], name="catalog_move_document"),
        )
        constraints = (
            models.CheckConstraint(name="catalog_move_something", condition=~Q(quantity=0)),
            models.CheckConstraint(
                name="catalog_move_one_serial",
                condition=Q(serial__isnull=True) | Q(quantity=1) | Q(quantity=-1),
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_id} {self.quantity:+} @ {self.location_id}"


class Balance(models.Model):
    """结存: what lies of an item (of a lot) at a location, and how much of it is reserved."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="balances", verbose_name=_("item"))
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="balances", verbose_name=_("location")
    )
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="balances", verbose_name=_("lot"))
    quantity = QuantityField(_("on hand"), default=Decimal(0))
    reserved = QuantityField(_("reserved"), default=Decimal(0))

    class Meta:
        verbose_name = _("stock balance")
        verbose_name_plural = _("stock balances")
        constraints = (
            models.UniqueConstraint(
                fields=["item", "location", "lot"], condition=Q(lot__isnull=False), name="catalog_balance_lot"
            ),
            models.UniqueConstraint(
                fields=["item", "location"], condition=Q(lot__isnull=True), name="catalog_balance_no_lot"
            ),
            models.CheckConstraint(name="catalog_balance_not_negative", condition=Q(quantity__gte=0)),
            models.CheckConstraint(
                name="catalog_balance_reserved",
                condition=Q(reserved__gte=0) & Q(reserved__lte=F("quantity")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_id} @ {self.location_id}: {self.quantity}"

    @property
    def free(self) -> Decimal:
        """What is here and nobody's."""
        return self.quantity - self.reserved


class Reservation(models.Model):
    """预留: a quantity of a balance kept for a subject (an order, a work order) until issued or released."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CONSUMED = "consumed", _("Material issued")
        RELEASED = "released", _("Released")

    balance = models.ForeignKey(
        Balance, models.PROTECT, related_name="reservations", verbose_name=_("stock balance")
    )
    subject_type = models.CharField(_("kept for"), max_length=60)
    subject_id = models.BigIntegerField(_("its key"))
    quantity = QuantityField(_("quantity"))
    left = QuantityField(_("still reserved"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        indexes = (
            models.Index(
                fields=["subject_type", "subject_id"], condition=Q(state="open"), name="catalog_reserved_for"
            ),
            models.Index(fields=["balance"], condition=Q(state="open"), name="catalog_reserved_of"),
        )
        constraints = (
            models.CheckConstraint(
                name="catalog_reservation_left",
                condition=Q(quantity__gt=0) & Q(left__gte=0) & Q(left__lte=F("quantity")),
            ),
            models.CheckConstraint(
                name="catalog_reservation_open",
                condition=Q(state="open", left__gt=0) | (~Q(state="open") & Q(left=0)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}: {self.left}"
