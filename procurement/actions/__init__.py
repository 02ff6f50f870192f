"""The verbs of procurement, by document; used through the modules: `procurement.purchase_order.send(…)`."""

from procurement.actions import purchase_order, receipt, requisition

__all__ = ["purchase_order", "receipt", "requisition"]
