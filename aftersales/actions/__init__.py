"""The verbs of after-sales, by document; used through the modules: `aftersales.ticket.hand_over(…)`."""

from aftersales.actions import invoice, ticket

__all__ = ["invoice", "ticket"]
