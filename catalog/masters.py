"""Which master data can be read in from sheets: their columns, and those by which a row is known again."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalog.imports import Entry, Master
from catalog.models import (
    BomLine,
    BomVersion,
    Carrier,
    Customer,
    Item,
    PriceList,
    PriceListLine,
    Supplier,
    SupplierItem,
    Unit,
)


def _bills(entries: list[Entry]) -> None:
    """Find or make the version of each bill; without a number it is the open one, else a new one."""
    items = {e.values["item"].pk: e.values["item"] for e in entries if not e.errors and e.values.get("item")}
    found: dict[int, dict[int, BomVersion]] = {pk: {} for pk in items}
    for known in BomVersion.objects.filter(item__in=items).order_by("number"):
        found[known.item_id][known.number] = known
    lines = BomLine.objects.filter(version__item__in=items, version__state="draft").order_by("position")
    last = dict(lines.values_list("version_id", "position"))
    for entry in entries:
        if not entry.errors and entry.values.get("item"):
            version = _bill(entry, found[entry.values["item"].pk])
            if version:
                entry.values["version"] = version
                _place(entry, last)


def _bill(entry: Entry, versions: dict[int, BomVersion]) -> BomVersion | None:
    """The version an entry belongs to, a draft; None where the entry was refused."""
    item, number = entry.values["item"], entry.values.get("number")
    drafts = [v for v in versions.values() if v.state == BomVersion.State.DRAFT]
    if number is None:
        number = drafts[-1].number if drafts else max(versions, default=0) + 1
    version = versions.get(number)
    if version is None:
        version = versions[number] = BomVersion.objects.create(item=item, number=number)
    if version.state != BomVersion.State.DRAFT:
        entry.refuse(
            "number", _("This version is not a draft any more; leave the number empty for a new one.")
        )
        return None
    if entry.values.get("component") == item:
        entry.refuse("component", _("An item is no part of itself."))
    return version


def _place(entry: Entry, last: dict[int, int]) -> None:
    """Number a line that says no position after those before it."""
    version = entry.values["version"]
    position = entry.values.get("position")
    if position is None:
        position = entry.values["position"] = last.get(version.pk, 0) + 10
    last[version.pk] = max(last.get(version.pk, 0), position)


_PARTY = ("contact", "phone", "email", "address", "is_active")
_TERMS = ("lead_time_days", "min_lot", "lot_multiple")
MASTERS = {
    master.name: master
    for master in (
        Master(
            "catalog.item",
            Item,
            ("code",),
            ("code", "name", "spec", "unit", "family", "make_or_buy", "material_class", "is_special",
             "is_serialised", "lot_tracked", *_TERMS, "safety_stock", "standard_price", "is_active"),
            example={"code": "VS1-12/630", "name": "真空断路器", "spec": "12kV 630A", "lead_time_days": "10"},
        ),
        Master(
            "catalog.customer",
            Customer,
            ("code",),
            ("code", "name", "kind", "grade", *_PARTY),
            example={"code": "C1001", "name": "华东电力公司", "contact": "王工", "phone": "021-1000"},
        ),
        Master(
            "catalog.supplier",
            Supplier,
            ("code",),
            ("code", "name", *_PARTY),
            example={"code": "S1001", "name": "长江铜业", "contact": "李工", "phone": "0510-1000"},
        ),
        Master(
            "catalog.carrier",
            Carrier,
            ("code",),
            ("code", "name", *_PARTY),
            example={"code": "T1001", "name": "顺达物流"},
        ),
        Master("catalog.unit", Unit, ("code",), ("code", "name"), example={"code": "pcs", "name": "台"}),
        Master(
            "catalog.supplieritem",
            SupplierItem,
            ("item", "supplier"),
            ("item", "supplier", "supplier_code", *_TERMS, "price", "currency", "is_preferred"),
        ),
        Master(
            "catalog.pricelist",
            PriceList,
            ("code",),
            ("code", "name", "company", "grade", "currency", "is_active"),
            example={"code": "STD", "name": "公司报价表"},
        ),
        Master(
            "catalog.pricelistline",
            PriceListLine,
            ("price_list", "item", "valid_from"),
            ("price_list", "item", "price", "valid_from", "valid_to"),
        ),
        Master(
            "catalog.bomline",
            BomLine,
            ("version", "position"),
            ("item", "number", "position", "component", "quantity", "scrap",
             "valid_from", "valid_to", "note"),
            prepare=_bills,
        ),
    )
}  # fmt: skip
