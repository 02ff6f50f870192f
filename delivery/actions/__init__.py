"""The verbs of the shipment; used through the module: `delivery.issue(shipment, by=by)`."""

from delivery.actions.notice import cancel, create, edit, issue, release_payment
from delivery.actions.transport import (
    close,
    dispatch,
    prepare,
    record_carrier_receipt,
    record_consent,
    record_customer_receipt,
    record_customer_told,
    record_made_good,
    report_delay,
)

__all__ = [
    "cancel",
    "close",
    "create",
    "dispatch",
    "edit",
    "issue",
    "prepare",
    "record_carrier_receipt",
    "record_consent",
    "record_customer_receipt",
    "record_customer_told",
    "record_made_good",
    "release_payment",
    "report_delay",
]
