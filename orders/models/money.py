"""Who may read prices and amounts, and how an amount is kept."""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from org.roles import Role

FEN = Decimal("0.01")
# No amount reaches this, or no column could keep it.
TOO_MUCH = Decimal(10) ** 14
MONEY = frozenset(
    {
        Role.SALES_CLERK,
        Role.SALESPERSON,
        Role.SALES_LEADER,
        Role.ORDER_DESK,
        Role.ORDER_MGR,
        Role.MARKETING,
        Role.PM,
        Role.GM,
        Role.DEPUTY_GM,
        Role.GROUP_GM,
        Role.BU_LEADER,
        Role.COMPANY_LEADER,
        Role.SENIOR_MGMT,
        Role.FINANCE,
        Role.EVALUATOR,
    }
)


def money(label: object, **options: object) -> models.DecimalField:
    """An amount of yuan to the fen."""
    return models.DecimalField(label, max_digits=16, decimal_places=2, **options)  # type: ignore[arg-type]
