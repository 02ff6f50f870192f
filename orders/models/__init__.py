"""Documents of the front office."""

from orders.models.change import OrderChange, OrderChangeForward, OrderChangeLine
from orders.models.commerce import Contract, ContractLine, Payment, Quotation, QuotationLine
from orders.models.evaluation import Evaluation, EvaluationAnswer
from orders.models.line import OrderLine
from orders.models.order import Order
from orders.models.progress import Progress, Stage

__all__ = [
    "Contract",
    "ContractLine",
    "Evaluation",
    "EvaluationAnswer",
    "Order",
    "OrderChange",
    "OrderChangeForward",
    "OrderChangeLine",
    "OrderLine",
    "Payment",
    "Progress",
    "Quotation",
    "QuotationLine",
    "Stage",
]
