"""Master data of the group and its stock ledger."""

from catalog.models.boms import BomLine, BomVersion
from catalog.models.items import Item, ProductFamily, SupplierItem, Unit
from catalog.models.parties import Carrier, Customer, Supplier
from catalog.models.prices import PriceList, PriceListLine
from catalog.models.stock import (
    Balance,
    Location,
    Lot,
    Reservation,
    SerialNumber,
    StockMove,
    Warehouse,
)

__all__ = [
    "Balance",
    "BomLine",
    "BomVersion",
    "Carrier",
    "Customer",
    "Item",
    "Location",
    "Lot",
    "PriceList",
    "PriceListLine",
    "ProductFamily",
    "Reservation",
    "SerialNumber",
    "StockMove",
    "Supplier",
    "SupplierItem",
    "Unit",
    "Warehouse",
]
