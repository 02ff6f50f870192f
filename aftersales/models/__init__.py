"""Documents of after-sales."""

from aftersales.models.invoice import Invoice
from aftersales.models.ticket import Ticket

__all__ = ["Invoice", "Ticket"]
