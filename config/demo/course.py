"""When the deeds of an order happen: chapters on working days, the last of them fixed against the present.

Pure arithmetic on the working calendar: the same order on the same day always has the same course, and none
of its moments lies ahead of the present, be it a Sunday night or the Spring Festival.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from random import Random

from org.worktime import Worktime

FIRST_MINUTE, LAST_MINUTE = 5, 55
# When the last ones go home.
HOME = 20


@dataclass(frozen=True)
class Deed:
    """One thing that is done: `after` so many hours since the one before it on the same day.

    Hours are working time; of a `swift` deed they pass on every clock, for a timed rule waits for it.
    """

    name: str
    after: float = 0
    swift: bool = False


@dataclass(frozen=True)
class Chapter:
    """What is done on one morning and in the hours after it, `gap` working days after the last chapter.

    A gap in words is filled in by the order: how long its goods take to come.
    """

    gap: int | str
    deeds: tuple[Deed, ...]

    @property
    def names(self) -> list[str]:
        """The names of its deeds."""
        return [deed.name for deed in self.deeds]


def chapter(gap: int | str, *deeds: str) -> Chapter:
    """A chapter in short: `"instructed +1.2!"` is done 1.2 hours after the one before, swiftly."""
    return Chapter(gap, tuple(_read(deed) for deed in deeds))


def _read(text: str) -> Deed:
    name, _space, after = text.partition(" ")
    return Deed(name, float(after.strip("+!") or 0), after.endswith("!"))


# The main line of an order, from the first word to the archive.
LINE: tuple[Chapter, ...] = (
    chapter(0, "received", "confirmed +0.7", "in_review +0.5"),
    chapter(1, "opinions", "second_opinions +1!", "approved +1.5"),
    chapter(1, "quoted"),
    chapter(2, "accepted", "contracted +1.5"),
    chapter(2, "signed"),
    chapter(1, "effective", "instructed +1.1!", "acknowledged +0.3!", "planned +1.8!"),
    chapter(1, "tasks_accepted", "requested +1", "ordered +2"),
    chapter(1, "supplier_confirmed", "supplier_called +1"),
    chapter("arrival", "goods_arrived", "goods_inspected +3!", "materials_stocked +1.5"),
    chapter(1, "work_released", "parts_started +1"),
    chapter(2, "parts_made"),
    chapter(1, "product_started"),
    chapter("making", "product_submitted"),
    chapter(1, "product_passed", "boxed +2", "products_stocked +1.5"),
    chapter(1, "notice_issued"),
    chapter(2, "prepared", "sent_off +2"),
    chapter(1, "carrier_signed", "customer_told +1.5!"),
    chapter(3, "customer_signed_receipt", "shipments_closed +1"),
    chapter(2, "invoice_asked", "invoice_sent +3"),
    chapter(5, "balance_paid"),
    chapter(2, "completed"),
    chapter(2, "answered", "evaluated +3"),
    chapter(1, "archived"),
)


Moments = list[tuple[datetime, str]]


def upto(until: str, *tail: Chapter) -> tuple[Chapter, ...]:
    """The main line up to the deed `until`, and what happened then; a tail with no gap goes on the same day.

    Raises LookupError where the line has no such deed.
    """
    place = next((n for n, one in enumerate(LINE) if until in one.names), None)
    if place is None:
        raise LookupError(f"no deed is called {until}")
    last = LINE[place]
    cut = replace(last, deeds=last.deeds[: last.names.index(until) + 1])
    if tail and tail[0].gap == 0:
        cut, tail = replace(cut, deeds=(*cut.deeds, *tail[0].deeds)), tail[1:]
    return (*LINE[:place], cut, *tail)


def workdays_to(deed: str, gaps: Mapping[str, int]) -> int:
    """How many working days the main line usually takes to the deed."""
    days = 0
    for one in LINE:
        days += gaps[one.gap] if isinstance(one.gap, str) else one.gap
        if deed in one.names:
            return days
    raise LookupError(f"no deed is called {deed}")


@dataclass(frozen=True)
class Calendar:
    """What a course is laid out on: working time, the present, and the luck of the order."""

    worktime: Worktime
    now: datetime
    luck: Random

    def course(
        self,
        chapters: Iterable[Chapter],
        *,
        last: datetime,
        exactly: bool,
        slow: Mapping[str, float],
        gaps: Mapping[str, int],
    ) -> Moments:
        """The moments of all deeds, the last of them done at `last` exactly, or on the last morning before.

        `slow` are the hours that some deeds take longer than usual, `gaps` the working days of named gaps.
        """
        told = [self._hurried(one, slow, gaps) for one in chapters]
        moments = self._backwards(told[-1], last) if exactly else self._before(told[-1], 0, last)
        for later, earlier in zip(reversed(told), reversed(told[:-1]), strict=False):
            moments = [*self._before(earlier, int(later.gap), moments[0][0]), *moments]
        return moments

    def _hurried(self, one: Chapter, slow: Mapping[str, float], gaps: Mapping[str, int]) -> Chapter:
        """The chapter with its own figures: no two orders take the same time."""
        gap = gaps[one.gap] if isinstance(one.gap, str) else one.gap
        if gap > 1:
            gap += self.luck.choice((0, 0, 0, 1))
        deeds = []
        for deed in one.deeds:
            usual = deed.after * self.luck.uniform(0.8, 1.15)
            deeds.append(replace(deed, after=usual + slow.get(deed.name, 0)))
        return Chapter(gap, tuple(deeds))

    def _before(self, one: Chapter, gap: int, next_at: datetime) -> Moments:
        """The chapter on the latest morning from which it is over `gap` working days before the next."""
        latest = self.worktime.workdays_before(self.worktime.day_of(next_at), gap)
        minute = self.luck.randint(FIRST_MINUTE, LAST_MINUTE)
        day = self.worktime.previous_workday(latest)
        while True:
            moments = self._from(one, self.worktime.moment(day, time(8, minute)))
            over = moments[-1][0]
            if self.worktime.day_of(over) <= latest and over < next_at:
                return moments
            day = self.worktime.workdays_before(day, 1)

    def _from(self, one: Chapter, at: datetime) -> Moments:
        """The deeds one after the other; the first waits for the morning and whatever made it slow."""
        found = []
        for deed in one.deeds:
            span = timedelta(hours=deed.after)
            at = self._by_day(at + span) if deed.swift else self.worktime.add_hours(at, span)
            found.append((at, deed.name))
        return found

    def _by_day(self, at: datetime) -> datetime:
        """The moment itself, or the next morning where nobody is there any more."""
        local = self.worktime.local(at)
        if local.hour < HOME and self.worktime.is_workday(local.date()):
            return at
        day = self.worktime.workdays_after(local.date(), 1)
        return self.worktime.moment(day, time(8, self.luck.randint(FIRST_MINUTE, LAST_MINUTE)))

    def _backwards(self, one: Chapter, at: datetime) -> Moments:
        """The deeds of the last chapter, reckoned back from its end."""
        found = [(at, one.deeds[-1].name)]
        for deed, before in zip(reversed(one.deeds), reversed(one.deeds[:-1]), strict=False):
            span = timedelta(hours=deed.after)
            at = at - span if deed.swift else self.worktime.subtract_hours(at, span)
            found.insert(0, (at, before.name))
        return found
