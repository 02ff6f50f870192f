"""Master data are kept here; the stock ledger can be looked at, not changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from catalog import bom
from catalog.models import (
    Balance,
    BomLine,
    BomVersion,
    Carrier,
    Customer,
    Item,
    Location,
    Lot,
    PriceList,
    PriceListLine,
    Reservation,
    SerialNumber,
    StockMove,
    Supplier,
    SupplierItem,
    Unit,
    Warehouse,
)
from flow import clock
from flow.admin import ReadOnlyAdmin
from flow.events import By
from flow.refusals import Refused

State = BomVersion.State


class PartyAdmin(ModelAdmin):
    """Customers, suppliers, carriers."""

    list_display: tuple[str, ...] = ("code", "name", "contact", "is_active")
    list_filter: tuple[str, ...] = ("is_active",)
    search_fields = ("code", "name")


@admin.register(Customer)
class CustomerAdmin(PartyAdmin):
    """Customers, dealers and end users."""

    list_display = ("code", "name", "kind", "grade", "contact", "is_active")
    list_filter = ("kind", "grade", "is_active")


admin.site.register((Supplier, Carrier), PartyAdmin)


@admin.register(Unit)
class UnitAdmin(ModelAdmin):
    """Units."""

    list_display = ("code", "name")
    search_fields = ("code", "name")


class SupplierItemInline(TabularInline):
    """The suppliers of an item."""

    model = SupplierItem
    extra = 0
    autocomplete_fields = ("supplier",)


@admin.register(Item)
class ItemAdmin(ModelAdmin):
    """Items with their suppliers."""

    list_display = ("code", "name", "spec", "family", "make_or_buy", "material_class", "is_active")
    list_filter = ("family", "make_or_buy", "material_class", "is_special", "is_active")
    search_fields = ("code", "name", "spec")
    list_select_related = ("unit",)
    inlines = (SupplierItemInline,)


class BomLineInline(TabularInline):
    """The lines of a version; they can be changed until it is issued."""

    model = BomLine
    extra = 0
    autocomplete_fields = ("component",)

    def has_add_permission(self, request: HttpRequest, obj: Any) -> bool:
        """Only before it is issued."""
        return _open(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only before it is issued."""
        return _open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only before it is issued."""
        return _open(obj) and super().has_delete_permission(request, obj)


@admin.register(BomVersion)
class BomVersionAdmin(ModelAdmin):
    """Bills of material; of an issued one only the end of its validity can be set."""

    list_display = ("item", "number", "state", "valid_from", "valid_to", "issued_by", "issued_at")
    list_filter = ("state",)
    search_fields = ("item__code", "item__name")
    list_select_related = ("item", "issued_by")
    autocomplete_fields = ("item",)
    inlines = (BomLineInline,)
    actions = ("issue_versions",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The state is moved by issuing, never typed."""
        frozen = ("item", "number", "valid_from", "note")
        return ("state", "issued_by", "issued_at", *(() if _open(obj) else frozen))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An issued version stays; several at once are never deleted."""
        return obj is not None and _open(obj) and super().has_delete_permission(request, obj)

    @admin.action(description=_("Issue the chosen versions"), permissions=["change"])
    def issue_versions(self, request: HttpRequest, queryset: QuerySet[BomVersion]) -> None:
        """Issue each version that can be; say what stands against the others."""
        by = By(request.user, clock.now())  # type: ignore[arg-type]
        for row in queryset.select_related("item"):
            try:
                with transaction.atomic():
                    version = bom.issue(row, by=by)
            except Refused as refused:
                self.message_user(request, str(refused), messages.ERROR)
            else:
                self.log_change(request, version, str(_("Issued.")))
                self.message_user(request, _("{version} is issued.").format(version=version))


class PriceListLineInline(TabularInline):
    """The prices of a list."""

    model = PriceListLine
    extra = 0
    autocomplete_fields = ("item",)


@admin.register(PriceList)
class PriceListAdmin(ModelAdmin):
    """Price lists."""

    list_display = ("code", "name", "company", "grade", "currency", "is_active")
    list_select_related = ("company",)
    inlines = (PriceListLineInline,)


class LocationInline(TabularInline):
    """The places in a warehouse."""

    model = Location
    extra = 0


@admin.register(Warehouse)
class WarehouseAdmin(ModelAdmin):
    """Warehouses with their locations."""

    list_display = ("code", "name", "company", "kind")
    list_filter = ("company", "kind")
    inlines = (LocationInline,)


@admin.register(Lot)
class LotAdmin(ReadOnlyAdmin):
    """Lots."""

    list_display = ("number", "item", "status", "received_on", "supplier", "supplier_lot")
    list_filter = ("status",)
    search_fields = ("number", "supplier_lot", "item__code")
    list_select_related = ("item", "supplier")


@admin.register(SerialNumber)
class SerialNumberAdmin(ReadOnlyAdmin):
    """Serial numbers."""

    list_display = ("number", "item", "lot", "location")
    search_fields = ("number", "item__code")
    list_select_related = ("item", "lot", "location__warehouse")


@admin.register(StockMove)
class StockMoveAdmin(ReadOnlyAdmin):
    """The ledger itself."""

    list_display = ("at", "item", "quantity", "location", "lot", "document_type", "document_number", "by")
    search_fields = ("item__code", "document_number", "lot__number")
    list_select_related = ("item", "location__warehouse", "lot", "by")
    ordering = ("-id",)


@admin.register(Balance)
class BalanceAdmin(ReadOnlyAdmin):
    """What lies where."""

    list_display = ("item", "location", "lot", "quantity", "reserved")
    list_filter = ("location__warehouse",)
    search_fields = ("item__code", "item__name", "lot__number")
    list_select_related = ("item", "location__warehouse", "lot")


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    """What is kept for whom."""

    list_display = ("balance", "subject_type", "subject_id", "quantity", "left", "state", "by", "at")
    list_filter = ("state",)
    list_select_related = ("balance", "by")


def _open(version: BomVersion | None) -> bool:
    """Whether the version may still be changed; a new one may."""
    return version is None or version.pk is None or version.state != State.ISSUED
