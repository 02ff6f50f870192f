"""The story of an order as the tests tell it: it begins on a Monday at nine, in the factory of the tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from config.demo import story
from config.demo.story import DELIVERY, call, scan, step
from org.models import Company
from tests import photograph
from tests.goods import Factory
from tests.people import NINE

__all__ = ["DELIVERY", "Story", "call", "scan", "step"]


class Story(story.Story):
    """One order of two cabinets (unless said otherwise) of company KG, told step by step."""

    factory: Factory

    def __init__(self, factory: Factory, *, at: datetime = NINE, company: Company | None = None) -> None:
        super().__init__(factory, at=at, company=company)
        self._number = photograph.ALBUM.one_more_story()

    def with_material(self, breakers: int = 2, copper: int = 25) -> Any:
        """Breakers and copper bar lie in the store before anything is planned: nothing is bought."""
        self.factory.stocked(self.factory.breaker, breakers)
        self.factory.stocked(self.factory.copper, copper)
        return self


# Deeds that, like the steps, leave the same behind each time they are done without arguments.
KEPT = {
    "requested", "ordered", "arrived", "materials_stocked", "made", "in_stock", "draft_shipment", "notified",
    "shipped", "completed", "archived", "with_material",
}  # fmt: skip


def _kept(method: Callable[..., Any]) -> Callable[..., Any]:
    """The step or deed, laid out as on a photograph where it was told before in the same way."""

    @wraps(method)
    def told(self: Story, *args: Any, **said: Any) -> Any:
        if args or said or method.__name__ in self.told:
            return method(self, *args, **said)

        def tell() -> tuple[dict[str, Any], Any]:
            returned = method(self)
            return _memory(self), None if returned is self else returned

        name = (self._number, self.company.code, self.at, method.__name__)
        memory, returned = photograph.kept(name, tell)
        vars(self).update(memory)
        return self if returned is None else returned

    return told


def _memory(told: Story) -> dict[str, Any]:
    """What a story knows beside the database."""
    return {name: value for name, value in vars(told).items() if name not in ("factory", "company")}


for _kind in Story.__mro__:
    for _name, _method in tuple(vars(_kind).items()):
        is_step = hasattr(_method, "__wrapped__")
        if (is_step or _name in KEPT) and not hasattr(getattr(Story, _name), "is_kept"):
            _done = _kept(getattr(Story, _name))
            _done.is_kept = True  # type: ignore[attr-defined]
            setattr(Story, _name, _done)
