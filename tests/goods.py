"""What the company of the tests sells, makes, buys and stores: a small catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction

from catalog import stock
from catalog.models import (
    BomLine,
    BomVersion,
    Carrier,
    Customer,
    Item,
    Location,
    Lot,
    PriceList,
    PriceListLine,
    Supplier,
    SupplierItem,
    Unit,
    Warehouse,
)
from catalog.models.items import ProductFamily
from catalog.stock.terms import Move, Opening
from org.models import Company
from tests.people import NINE, SINCE, People

_opening = count(1)


class Factory(People):
    """The people with their goods: what every department's tests stand on.

    A cabinet KYN28A-12 is made of a breaker VS1-12 (bought) and a busbar frame (made from 12.5 kg of copper
    bar, bought). A current transformer LZZBJ9-12, of another family, is made of 2.4 kg of copper wire.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self._parties()
        self._items()
        self._bills()
        self._prices()
        self._warehouses()

    def location(self, kind: str, company: Company | None = None) -> Location:
        """The one location of the company's warehouse of that kind: raw, finished, quarantine, in_process."""
        return Location.objects.select_related("warehouse").get(
            warehouse__company=company or self.kg, warehouse__kind=kind
        )

    def stocked(
        self, item: Item, quantity: float | Decimal, *, company: Company | None = None, kind: str = "raw"
    ) -> Lot:
        """Put usable stock of the item into the warehouse, counted at the opening, in its own lot."""
        number = next(_opening)
        lot = Lot.objects.create(
            item=item, number=f"QC-{number}", status=Lot.Status.QUALIFIED, received_on=NINE.date()
        )
        move = Move(item.pk, self.location(kind, company).pk, Decimal(quantity), "opening", lot.pk)
        with transaction.atomic():
            stock.post([move], document=Opening(number), by=self.by("storekeeper"))
        return lot

    def _parties(self) -> None:
        self.customer, self.dealer = Customer.objects.bulk_create(
            [
                Customer(code="C001", name="华东电力公司", grade="A"),
                Customer(code="D001", name="江南电气经销部", kind="dealer"),
            ]
        )
        self.copper_supplier, self.breaker_supplier = Supplier.objects.bulk_create(
            [
                Supplier(code="S001", name="长江铜业", phone="0510-1000"),
                Supplier(code="S002", name="北方断路器厂"),
            ]
        )
        self.carrier = Carrier.objects.create(code="T001", name="顺达物流")

    def _items(self) -> None:
        piece, kilogram = Unit.objects.bulk_create(
            [Unit(code="pcs", name="台"), Unit(code="kg", name="千克")]
        )
        make, buy, kinds, family = Item.Source.MAKE, Item.Source.BUY, Item.MaterialClass, ProductFamily
        product = {"unit": piece, "make_or_buy": make, "material_class": kinds.PRODUCT}
        bought = {"make_or_buy": buy, "lot_tracked": True}
        part = {"unit": piece, "make_or_buy": make, "material_class": kinds.SEMI_FINISHED}
        raw = {"unit": kilogram, "material_class": kinds.RAW, **bought}
        instrument = {"family": family.INSTRUMENT_TRANSFORMER, **product}
        rows: list[tuple[str, str, int, dict[str, Any]]] = [
            ("KYN28A-12", "铠装移开式开关柜", 5, {"family": family.ASSEMBLY, **product}),
            ("LZZBJ9-12", "电流互感器", 3, instrument),
            ("BUSBAR-FRAME", "母线框架", 2, part),
            ("VS1-12", "真空断路器", 10, {"unit": piece, **bought}),
            ("COPPER-BAR", "铜排", 5, raw),
            ("COPPER-WIRE", "铜线", 5, raw),
        ]
        self.cabinet, self.transformer, self.frame, self.breaker, self.copper, self.wire = (
            Item.objects.bulk_create(
                Item(code=code, name=name, lead_time_days=days, **said) for code, name, days, said in rows
            )
        )

    def _bills(self) -> None:
        bills: dict[Item, list[tuple[Item, int | str]]] = {
            self.cabinet: [(self.breaker, 1), (self.frame, 1)],
            self.frame: [(self.copper, "12.5")],
            self.transformer: [(self.wire, "2.4")],
        }
        versions = BomVersion.objects.bulk_create(self._version(item, 1, SINCE) for item in bills)
        BomLine.objects.bulk_create(
            line for version in versions for line in _lines(version, bills[version.item])
        )

    def bill(self, item: Item, *lines: tuple[Item, int | str], valid_from: date = SINCE) -> BomVersion:
        """Issue a bill of material: (component, quantity for one) for each line."""
        version = self._version(item, item.boms.count() + 1, valid_from)
        version.save()
        BomLine.objects.bulk_create(_lines(version, lines))
        return version

    def _version(self, item: Item, number: int, valid_from: date) -> BomVersion:
        return BomVersion(
            item=item,
            number=number,
            state=BomVersion.State.ISSUED,
            valid_from=valid_from,
            issued_by=self.person("tech_leader"),
            issued_at=NINE,
        )

    def _prices(self) -> None:
        prices = PriceList.objects.create(code="STD", name="公司报价表")
        PriceListLine.objects.bulk_create(
            PriceListLine(price_list=prices, item=item, price=price, valid_from=SINCE)
            for item, price in ((self.cabinet, 38000), (self.transformer, 1200), (self.breaker, 9800))
        )
        SupplierItem.objects.bulk_create(
            SupplierItem(
                item=item,
                supplier=supplier,
                price=price,
                lead_time_days=item.lead_time_days,
                is_preferred=True,
            )
            for item, supplier, price in (
                (self.breaker, self.breaker_supplier, 8200),
                (self.copper, self.copper_supplier, 68),
                (self.wire, self.copper_supplier, 72),
            )
        )

    def _warehouses(self) -> None:
        warehouses = Warehouse.objects.bulk_create(
            Warehouse(company=company, code=f"{company.code}-{kind.value}", name=str(kind.label), kind=kind)
            for company in (self.kg, self.hg, self.ct)
            for kind in Warehouse.Kind
        )
        Location.objects.bulk_create(Location(warehouse=warehouse, code="01") for warehouse in warehouses)


def _lines(version: BomVersion, lines: Iterable[tuple[Item, int | str]]) -> list[BomLine]:
    return [
        BomLine(version=version, position=10 * n, component=component, quantity=Decimal(quantity))
        for n, (component, quantity) in enumerate(lines, start=1)
    ]
