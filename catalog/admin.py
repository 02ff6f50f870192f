"""Master data are kept here; the stock ledger can be looked at, not changed."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

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
from flow.events import By
from flow.models import Document
from flow.refusals import Refused
from org.adminbase import MasterAdmin, ReadOnlyAdmin, TabularInline

State = BomVersion.State


class PartyAdmin(MasterAdmin):
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
class UnitAdmin(MasterAdmin):
    """Units."""

    list_display = ("code", "name")
    search_fields = ("code", "name")


class SupplierItemInline(TabularInline):
    """The suppliers of an item."""

    model = SupplierItem
    extra = 0
    autocomplete_fields = ("supplier",)


@admin.register(Item)
class ItemAdmin(MasterAdmin):
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
class BomVersionAdmin(MasterAdmin):
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


@admin.register(PriceListLine)
class PriceListLineAdmin(MasterAdmin):
    """The prices of all lists; a new price begins on a day and ends the one before it by hand."""

    list_display = ("item", "price", "valid_from", "valid_to", "price_list")
    list_filter = ("price_list", ("valid_from", admin.DateFieldListFilter))
    list_select_related = ("item", "price_list")
    search_fields = ("item__code", "item__name", "price_list__name")
    autocomplete_fields = ("item", "price_list")


@admin.register(PriceList)
class PriceListAdmin(MasterAdmin):
    """Price lists; their prices, which may be thousands, have a list of their own."""

    list_display = ("code", "name", "company", "grade", "currency", "is_active", "prices")
    list_filter = ("company", "grade", "is_active")
    list_select_related = ("company",)
    search_fields = ("code", "name")
    fields = ("code", "name", "company", "grade", "currency", "is_active", "prices")
    readonly_fields = ("prices",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PriceList]:
        """The lists with the number of their prices."""
        return super().get_queryset(request).annotate(many=Count("lines"))

    @admin.display(description=_("prices"))
    def prices(self, row: Any) -> str:
        """How many prices, with the way to them."""
        if row.pk is None:
            return "—"
        address = f"{reverse('admin:catalog_pricelistline_changelist')}?price_list__id__exact={row.pk}"
        return format_html('<a href="{}">{}</a>', address, _("{count} prices").format(count=row.many))


class LocationInline(TabularInline):
    """The places in a warehouse."""

    model = Location
    extra = 0


@admin.register(Warehouse)
class WarehouseAdmin(MasterAdmin):
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

    list_display = ("at", "item", "quantity", "location", "lot", "kind", "document_number", "by")
    exported = list_display
    fields = (*list_display, "serial", "reason")
    list_filter = (("at", admin.DateFieldListFilter), "location__warehouse")
    search_fields = ("item__code", "document_number", "lot__number")
    list_select_related = ("item", "location__warehouse", "lot", "by")
    ordering = ("-id",)

    @admin.display(description=_("document type"), ordering="document_type")
    def kind(self, move: StockMove) -> str:
        """The kind of document that says so, in words."""
        return kind_of(move.document_type)


@admin.register(Balance)
class BalanceAdmin(ReadOnlyAdmin):
    """What lies where."""

    list_display = ("item", "location", "lot", "quantity", "reserved")
    exported = list_display
    list_filter = ("location__warehouse",)
    search_fields = ("item__code", "item__name", "lot__number")
    list_select_related = ("item", "location__warehouse", "lot")


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    """What is kept for whom."""

    list_display = ("item", "location", "kept_for", "quantity", "left", "state", "by", "at")
    fields = (*list_display, "closed_by", "closed_at")
    list_filter = ("state",)
    list_select_related = ("balance__item", "balance__location__warehouse", "by")
    search_fields = ("balance__item__code", "balance__item__name")

    def dress(self, request: HttpRequest, rows: list[Any]) -> None:
        """The documents that something is kept for. One query for each kind."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for row in rows:
            wanted[row.subject_type].add(row.subject_id)
        found = {
            (label, document.pk): document
            for label, keys in wanted.items()
            if label in Document.registry
            for document in Document.registry[label]._default_manager.filter(pk__in=keys)
        }
        for row in rows:
            row.shown_subject = found.get((row.subject_type, row.subject_id))

    @admin.display(description=_("item"))
    def item(self, row: Reservation) -> str:
        """What is kept."""
        return str(row.balance.item)

    @admin.display(description=_("location"))
    def location(self, row: Reservation) -> str:
        """Where it lies."""
        return str(row.balance.location)

    @admin.display(description=_("kept for"))
    def kept_for(self, row: Any) -> str:
        """The document it is kept for."""
        found = getattr(row, "shown_subject", None)
        return f"{kind_of(row.subject_type)} {found or row.subject_id}"


def kind_of(label: str) -> str:
    """A kind of document in words; its name where there is none (opening stock)."""
    model = Document.registry.get(label)
    return str(model._meta.verbose_name) if model else label


def _open(version: BomVersion | None) -> bool:
    """Whether the version may still be changed; a new one may."""
    return version is None or version.pk is None or version.state != State.ISSUED
