"""The story of an order as the tests tell it: it begins on a Monday at nine, in the factory of the tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from config.demo import story
from config.demo.story import DELIVERY, call, scan, step
from org.models import Company
from tests.goods import Factory
from tests.people import NINE

__all__ = ["DELIVERY", "Story", "call", "scan", "step"]


class Story(story.Story):
    """One order of two cabinets (unless said otherwise) of company KG, told step by step."""

    factory: Factory

    def __init__(self, factory: Factory, *, at: datetime = NINE, company: Company | None = None) -> None:
        super().__init__(factory, at=at, company=company)

    def with_material(self, breakers: int = 2, copper: int = 25) -> Any:
        """Breakers and copper bar lie in the store before anything is planned: nothing is bought."""
        self.factory.stocked(self.factory.breaker, breakers)
        self.factory.stocked(self.factory.copper, copper)
        return self
