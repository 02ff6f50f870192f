"""The verbs of the purchase order, in the order in which they are done."""

from procurement.actions.purchase_order.arriving import qualify, receive, stock, unstock
from procurement.actions.purchase_order.drafting import approve, create, discard, edit, reject, submit
from procurement.actions.purchase_order.ending import cancel, close, reduce, settle
from procurement.actions.purchase_order.running import log_supplier_contact, record_confirmation, send

__all__ = [
    "approve",
    "cancel",
    "close",
    "create",
    "discard",
    "edit",
    "log_supplier_contact",
    "qualify",
    "receive",
    "record_confirmation",
    "reduce",
    "reject",
    "send",
    "settle",
    "stock",
    "submit",
    "unstock",
]
