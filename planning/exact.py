"""Quantities without rounding: which decimals the engines accept, and arithmetic that loses no digit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import (
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from typing import Any

from planning.errors import Item, PlanningError
from planning.errors import sentence as _

ZERO = Decimal(0)
ONE = Decimal(1)
LARGEST = Decimal(10) ** 15
FINEST = -12
"""Decimal exponent of the finest quantity that is accepted: twelve places."""

_EXACT = Context(prec=2000, traps=[DivisionByZero, Inexact, InvalidOperation, Overflow])


@contextmanager
def exact() -> Iterator[None]:
    """Within it decimals are computed exactly. Raises PlanningError where that is impossible."""
    try:
        with localcontext(_EXACT):
            yield
    except DecimalException as lost:
        raise PlanningError(
            _("The quantities are too large or too fine to be computed without rounding.")
        ) from lost


def checked(value: Any, refusal: str, *items: Item, above: bool = True, most: Decimal = LARGEST) -> Decimal:
    """`value` as a Decimal above zero (or at zero, unless `above`) and not over `most`.

    Raises PlanningError with `refusal`, a template that takes %(items)s and %(value)s. A binary fraction is
    refused: it is not the number that was typed.
    """
    if type(value) is int:
        value = Decimal(value)
    within = type(value) is Decimal and value.is_finite() and ZERO <= value <= most
    if within and (value or not above) and value.as_tuple().exponent >= FINEST:
        return value
    raise PlanningError(refusal, items=items, value=str(value))
