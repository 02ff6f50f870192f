"""The verbs of the warehouse, by document; used through the modules: `warehouse.stock_in.post(…)`."""

from warehouse.actions import pick_list, stock_in

__all__ = ["pick_list", "stock_in"]
