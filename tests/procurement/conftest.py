"""Two orders whose copper and breakers are bought together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from flow import invariants
from procurement import actions as procurement
from procurement.models import PurchaseOrder, RequisitionLine
from tests.goods import Factory
from tests.story import Story


@dataclass
class Two:
    """Two orders of two cabinets with approved requisitions: 25 kg of copper and 2 breakers each."""

    first: Story
    second: Story

    @property
    def factory(self) -> Factory:
        """The people and the goods."""
        return self.first.factory

    @property
    def copper(self) -> list[RequisitionLine]:
        """The line for copper of each order."""
        item = self.factory.copper
        return [story.needs(item)[0] for story in (self.first, self.second)]

    def bundled(self, *quantities: int | None, **said: Any) -> PurchaseOrder:
        """The copper of both orders in one purchase order, all of it or so much of each."""
        wanted = quantities or (None, None)
        lines = [
            {"requisition_line": line, "quantity": None if q is None else Decimal(q)}
            for line, q in zip(self.copper, wanted, strict=True)
        ]
        return procurement.purchase_order.create(
            by=self.factory.by("buyer"),
            company=self.factory.kg,
            supplier=self.factory.copper_supplier,
            lines=lines,
            **said,
        )


@pytest.fixture
def two(factory: Factory) -> Two:
    """Two orders with approved requisitions."""
    return Two(Story(factory).requested(), Story(factory).requested())


@pytest.fixture
def sound() -> Callable[[], None]:
    """Calling it proves every invariant of the system."""

    def check() -> None:
        assert {name: found for name, found in invariants.violations().items() if found} == {}

    return check
