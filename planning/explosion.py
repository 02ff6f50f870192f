"""From what was ordered to what it consists of: bills of material, exploded exactly."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from planning.errors import Item, PlanningError
from planning.errors import sentence as _
from planning.exact import LARGEST, ONE, ZERO, checked, exact

Key = Hashable
"""What a demand is known by to the caller, an order line for example; every requirement is pegged to one."""

Earlier = Callable[[date, int], date]
"""The day that lies so many working days before another; the caller's calendar."""

LONGEST_LEAD = 3650


class BomLine(NamedTuple):
    """One line of a bill of material: so much of a component in one parent.

    It holds from `valid_from` until the day before `valid_to` (None: without end). `scrap` is the share that
    is lost and added on top: 0.05 asks for 1.05 times the quantity.
    """

    parent: Item
    component: Item
    quantity: Decimal
    scrap: Decimal = ZERO
    valid_from: date | None = None
    valid_to: date | None = None


class Demand(NamedTuple):
    """What somebody wants: so much of an item on a day."""

    key: Key
    item: Item
    quantity: Decimal
    due_on: date


class Requirement(NamedTuple):
    """What a demand needs of one item, when, and within which parent (None: it was asked for itself)."""

    key: Key
    item: Item
    quantity: Decimal
    due_on: date
    parent: Item | None


@dataclass(frozen=True, slots=True)
class Structure:
    """The bills of material that hold on one day, free of loops, phantoms already blown through.

    `lines` gives the components of a parent with the quantity for one of it, scrap included; `levels` the
    low-level code of every item that occurs (0: in no bill of another item); `sequence` every item, parents
    before components.
    """

    lines: Mapping[Item, tuple[tuple[Item, Decimal], ...]]
    levels: Mapping[Item, int]
    sequence: tuple[Item, ...]
    phantoms: frozenset[Item]


def structure(*, lines: Iterable[BomLine], on: date, phantoms: Collection[Item] = ()) -> Structure:
    """The bills of material that hold on day `on`.

    Several lines of one component in one parent add up. Raises PlanningError for a quantity or scrap that
    makes no sense, for a validity that ends before it begins, and for a loop, whose items it names in order.
    """
    with exact():
        direct = _valid(lines, on)
        levels = _levels(direct)
        sequence = tuple(sorted(levels, key=lambda item: (levels[item], item)))
        hollow = frozenset(phantoms)
        return Structure(_blown_through(direct, sequence, hollow), levels, sequence, hollow)


def explode(
    *, demands: Iterable[Demand], bom: Structure, leads: Mapping[Item, int], earlier: Earlier
) -> list[Requirement]:
    """Everything the demands need, level by level, each row pegged to its demand; nothing is netted.

    The components of an item are needed `leads[item]` working days before the item itself (absent: no days).
    Rows of the same demand, parent, item and day are one. Raises PlanningError for a bad demand or lead time.
    """
    found: list[Requirement] = []
    earlier = guarded(earlier)
    with exact():
        open_rows = _asked(demands, bom)
        for item in _order_of(open_rows, bom):
            wanted = open_rows.pop(item, None)
            if not wanted:
                continue
            found += [
                Requirement(key, item, quantity, day, parent)
                for (key, day, parent), quantity in wanted.items()
            ]
            _pass_down(item, wanted, bom, leads, earlier, open_rows)
    return found


def checked_lead(item: Item, days: int) -> int:
    """The lead time of an item in working days. Raises PlanningError for a senseless one."""
    if type(days) is not int or not 0 <= days <= LONGEST_LEAD:
        raise PlanningError(
            _("The lead time of %(items)s must be between 0 and %(most)s working days, not %(value)s."),
            items=(item,),
            most=LONGEST_LEAD,
            value=str(days),
        )
    return days


def guarded(earlier: Earlier) -> Earlier:
    """The same calendar, asked once for each question, that says in a sentence when it runs out of days."""

    @cache
    def reach(day: date, days: int) -> date:
        try:
            return earlier(day, days)
        except OverflowError as beyond:
            raise PlanningError(
                _("%(days)s working days before %(day)s lie outside the calendar."),
                days=days,
                day=day.isoformat(),
            ) from beyond

    return reach


def checked_demand(demand: Demand) -> Decimal:
    """The quantity of a demand. Raises PlanningError unless it is above zero."""
    return checked(
        demand.quantity,
        _("The demand for %(items)s must be a quantity above zero, not %(value)s."),
        demand.item,
    )


def within_reach(item: Item, total: Decimal) -> None:
    """Raises PlanningError when the requirement of an item grew past what any ledger holds."""
    if total > LARGEST:
        raise PlanningError(_("The requirement for %(items)s is larger than can be planned."), items=(item,))


def _valid(lines: Iterable[BomLine], on: date) -> dict[Item, dict[Item, Decimal]]:
    """Parent → component → quantity for one, scrap included, of the lines that hold on a day."""
    direct: dict[Item, dict[Item, Decimal]] = {}
    for line in lines:
        per = _per_parent(line)
        starts, ends = line.valid_from, line.valid_to
        if (starts is None or starts <= on) and (ends is None or on < ends):
            components = direct.setdefault(line.parent, {})
            components[line.component] = components.get(line.component, ZERO) + per
    return direct


def _per_parent(line: BomLine) -> Decimal:
    parent, component, quantity, scrap, starts, ends = line
    quantity = checked(
        quantity,
        _("The quantity in the bill %(items)s must be above zero, not %(value)s."),
        parent,
        component,
    )
    if starts is not None and ends is not None and ends <= starts:
        raise PlanningError(
            _("The bill line %(items)s ends on %(ends)s, not after it begins."),
            items=(parent, component),
            ends=ends.isoformat(),
        )
    share = _("The scrap in the bill %(items)s must be a share from 0 to 1, not %(value)s.")
    scrap = checked(scrap, share, parent, component, above=False, most=ONE)
    return quantity * (ONE + scrap)


def _levels(direct: Mapping[Item, Mapping[Item, Decimal]]) -> dict[Item, int]:
    """Low-level code of every item: the longest way down to it. What lies in a loop is never reached."""
    parents = dict.fromkeys(direct, 0)
    for components in direct.values():
        for component in components:
            parents[component] = parents.get(component, 0) + 1
    levels = dict.fromkeys((item for item, count in parents.items() if not count), 0)
    ready = list(levels)
    while ready:
        item = ready.pop()
        parents.pop(item)
        below = levels[item] + 1
        for component in direct.get(item, ()):
            levels[component] = max(levels.get(component, 0), below)
            parents[component] -= 1
            if not parents[component]:
                ready.append(component)
    if parents:
        _refuse_loop(direct, parents)
    return levels


def _refuse_loop(direct: Mapping[Item, Mapping[Item, Decimal]], stuck: Collection[Item]) -> None:
    """Raise PlanningError, naming one loop. Each stuck item has a stuck parent: going up must come round."""
    above: dict[Item, Item] = {}
    for parent in sorted(stuck, reverse=True):
        for component in direct.get(parent, ()):
            above[component] = parent
    item, way = min(stuck), dict[Item, None]()
    while item not in way:
        way[item] = None
        item = above[item]
    loop = list(way)[list(way).index(item) :][::-1]
    start = loop.index(min(loop))
    loop = loop[start:] + loop[:start]
    raise PlanningError(_("The bill of material goes round in a circle: %(items)s."), items=(*loop, loop[0]))


def _blown_through(
    direct: Mapping[Item, Mapping[Item, Decimal]], sequence: tuple[Item, ...], phantoms: frozenset[Item]
) -> dict[Item, tuple[tuple[Item, Decimal], ...]]:
    """The bills with every phantom replaced by what it consists of; bottom up, so that each is done once."""
    whole: dict[Item, tuple[tuple[Item, Decimal], ...]] = {}
    for parent in reversed(sequence):
        components = direct.get(parent)
        if components is None:
            continue
        if phantoms.isdisjoint(components):
            whole[parent] = tuple(components.items())
            continue
        merged: dict[Item, Decimal] = {}
        for component, per in components.items():
            for part, share in whole.get(component, ()) if component in phantoms else ((component, ONE),):
                merged[part] = merged.get(part, ZERO) + per * share
        whole[parent] = tuple(merged.items())
    return whole


_Rows = dict[tuple[Key, date, Item | None], Decimal]


def _asked(demands: Iterable[Demand], bom: Structure) -> dict[Item, _Rows]:
    """The rows that the demands open, by item; a demand for a phantom asks for what it consists of."""
    rows: dict[Item, _Rows] = {}
    for demand in demands:
        quantity, phantom = checked_demand(demand), demand.item in bom.phantoms
        parent = demand.item if phantom else None
        for item, per in bom.lines.get(demand.item, ()) if phantom else ((demand.item, ONE),):
            row = rows.setdefault(item, {})
            slot = (demand.key, demand.due_on, parent)
            row[slot] = row.get(slot, ZERO) + quantity * per
    return rows


def _order_of(rows: Mapping[Item, object], bom: Structure) -> Iterable[Item]:
    """Every item that may come up, parents before components; what is in no bill at all comes first."""
    return (*sorted(item for item in rows if item not in bom.levels), *bom.sequence)


def _pass_down(
    item: Item,
    wanted: _Rows,
    bom: Structure,
    leads: Mapping[Item, int],
    earlier: Earlier,
    rows: dict[Item, _Rows],
) -> None:
    """Ask the components of an item for what its rows need, its lead time before."""
    within_reach(item, sum(wanted.values(), ZERO))
    components = bom.lines.get(item)
    if not components:
        return
    lead, starts = checked_lead(item, leads.get(item, 0)), dict[tuple[Key, date], Decimal]()
    for (key, day, _parent), quantity in wanted.items():
        slot = (key, earlier(day, lead) if lead else day)
        starts[slot] = starts.get(slot, ZERO) + quantity
    for component, per in components:
        row = rows.setdefault(component, {})
        for (key, day), quantity in starts.items():
            row[key, day, item] = quantity * per
