"""What the company of the tests sells, makes, buys and stores: a small catalogue."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count

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
        for company in (self.kg, self.hg, self.ct):
            self._warehouses(company)

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
        self.customer = Customer.objects.create(code="C001", name="华东电力公司", grade="A")
        self.dealer = Customer.objects.create(code="D001", name="江南电气经销部", kind="dealer")
        self.copper_supplier = Supplier.objects.create(code="S001", name="长江铜业", phone="0510-1000")
        self.breaker_supplier = Supplier.objects.create(code="S002", name="北方断路器厂")
        self.carrier = Carrier.objects.create(code="T001", name="顺达物流")

    def _items(self) -> None:
        piece = Unit.objects.create(code="pcs", name="台")
        kilogram = Unit.objects.create(code="kg", name="千克")
        source, material = Item.Source, Item.MaterialClass
        product = {"unit": piece, "make_or_buy": source.MAKE, "material_class": material.PRODUCT}
        bought = {"make_or_buy": source.BUY, "lot_tracked": True}
        family = ProductFamily
        create = Item.objects.create
        self.cabinet = create(
            code="KYN28A-12", name="铠装移开式开关柜", family=family.ASSEMBLY, lead_time_days=5, **product
        )
        self.transformer = create(
            code="LZZBJ9-12",
            name="电流互感器",
            family=family.INSTRUMENT_TRANSFORMER,
            lead_time_days=3,
            **product,
        )
        self.frame = create(
            code="BUSBAR-FRAME",
            name="母线框架",
            unit=piece,
            make_or_buy=source.MAKE,
            material_class=material.SEMI_FINISHED,
            lead_time_days=2,
        )
        self.breaker = create(code="VS1-12", name="真空断路器", unit=piece, lead_time_days=10, **bought)
        raw = {"unit": kilogram, "material_class": material.RAW, **bought}
        self.copper = create(code="COPPER-BAR", name="铜排", lead_time_days=5, **raw)
        self.wire = create(code="COPPER-WIRE", name="铜线", lead_time_days=5, **raw)

    def _bills(self) -> None:
        self.bill(self.cabinet, (self.breaker, 1), (self.frame, 1))
        self.bill(self.frame, (self.copper, "12.5"))
        self.bill(self.transformer, (self.wire, "2.4"))

    def bill(self, item: Item, *lines: tuple[Item, int | str], valid_from: date = SINCE) -> BomVersion:
        """Issue a bill of material: (component, quantity for one) for each line."""
        version = BomVersion.objects.create(
            item=item,
            number=item.boms.count() + 1,
            state=BomVersion.State.ISSUED,
            valid_from=valid_from,
            issued_by=self.person("tech_leader"),
            issued_at=NINE,
        )
        BomLine.objects.bulk_create(
            BomLine(version=version, position=10 * n, component=component, quantity=Decimal(quantity))
            for n, (component, quantity) in enumerate(lines, start=1)
        )
        return version

    def _prices(self) -> None:
        prices = PriceList.objects.create(code="STD", name="公司报价表")
        for item, price in ((self.cabinet, 38000), (self.transformer, 1200), (self.breaker, 9800)):
            PriceListLine.objects.create(price_list=prices, item=item, price=price, valid_from=SINCE)
        for item, supplier, price in (
            (self.breaker, self.breaker_supplier, 8200),
            (self.copper, self.copper_supplier, 68),
            (self.wire, self.copper_supplier, 72),
        ):
            SupplierItem.objects.create(
                item=item,
                supplier=supplier,
                price=price,
                lead_time_days=item.lead_time_days,
                is_preferred=True,
            )

    def _warehouses(self, company: Company) -> None:
        for kind in Warehouse.Kind:
            warehouse = Warehouse.objects.create(
                company=company, code=f"{company.code}-{kind.value}", name=str(kind.label), kind=kind
            )
            Location.objects.create(warehouse=warehouse, code="01")
