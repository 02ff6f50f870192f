"""Documents of the warehouse."""

from warehouse.models.pick_list import PickList, PickListLine
from warehouse.models.stock_in import StockIn, StockInLine

__all__ = ["PickList", "PickListLine", "StockIn", "StockInLine"]
