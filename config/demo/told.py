"""An order of the demo in one row: what, for whom, how far, how long ago, and what went otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from config.demo.course import Calendar, Chapter, Moments, upto, workdays_to
from config.demo.house import fixture
from org.worktime import Worktime

MAKING = {"assembly": 5, "hv_apparatus": 3}


@dataclass(frozen=True)
class Told:
    """One order: its last deed was `until` or the last of the `tail`, done `ago`.

    `ago` are at least so many hours of working time; where it is `on_the_clock` exactly so many hours of
    every clock: there a timed rule runs that is to be seen running, warned or overdue. `slow` are the hours
    that deeds took longer than usual, `hurry` the working days by which less time was promised.
    """

    lines: tuple[tuple[str, int], ...]
    customer: str
    until: str
    ago: float
    on_the_clock: bool = False
    tail: tuple[Chapter, ...] = ()
    slow: Mapping[str, float] = field(default_factory=dict)
    company: str = "KG"
    order_class: str = "regular"
    conditions: str = ""
    discount: int = 0
    prepaid: int = 30
    late_tasks: tuple[str, ...] = ()
    hurry: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arrival(self) -> int:
        """The working days until all that is bought is there."""
        return max(_lead(code) for code, _quantity in self.lines)

    @property
    def is_assembly(self) -> bool:
        """Whether cabinets are built of parts that are made first."""
        return any(_items()[code]["family"] == "assembly" for code, _quantity in self.lines)

    @property
    def making(self) -> int:
        """The working days of the assembly."""
        return max(MAKING.get(_items()[code]["family"], 2) for code, _quantity in self.lines)

    @property
    def gaps(self) -> dict[str, int]:
        """The working days between chapters that depend on the goods."""
        return {"arrival": self.arrival, "making": self.making}

    @property
    def promised(self) -> int:
        """The working days in which the customer may expect it."""
        return workdays_to("customer_signed_receipt", self.gaps)

    def moments(self, *, worktime: Worktime, now: datetime, luck: Random) -> Moments:
        """When its deeds were done, in order; none after `now`."""
        ago = timedelta(hours=self.ago)
        last = now - ago if self.on_the_clock else worktime.subtract_hours(now, ago)
        calendar = Calendar(worktime, now, luck)
        return calendar.course(
            upto(self.until, *self.tail),
            last=last,
            exactly=self.on_the_clock,
            slow=self.slow,
            gaps=self.gaps,
        )


@cache
def _items() -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in fixture("goods")["items"]}


@cache
def _lead(code: str) -> int:
    """The longest time of delivery among what is bought for an item."""
    item = _items()[code]
    if "supplier" in item:
        return int(item["lead"])
    return max(_lead(part) for part, _quantity in fixture("goods")["bills"][code])
