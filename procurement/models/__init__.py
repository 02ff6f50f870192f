"""Documents of procurement."""

from procurement.models.purchase_order import PurchaseOrder, PurchaseOrderLine
from procurement.models.receipt import Receipt, ReceiptLine
from procurement.models.requisition import Requisition, RequisitionLine

__all__ = [
    "PurchaseOrder",
    "PurchaseOrderLine",
    "Receipt",
    "ReceiptLine",
    "Requisition",
    "RequisitionLine",
]
