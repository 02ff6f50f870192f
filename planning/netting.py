"""From what is wanted to what must be made and bought: netted against stock and open orders by level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from planning.errors import Item, PlanningError
from planning.errors import sentence as _
from planning.exact import ZERO, checked, exact
from planning.explosion import (
    Demand,
    Earlier,
    Key,
    Structure,
    checked_demand,
    checked_lead,
    guarded,
    within_reach,
)


class Supply(NamedTuple):
    """What there is or will be of an item: stock when `due_on` is None, else an open order arriving then.

    With a `key` it is reserved: it serves that demand and no other, whether or not the demand needs it.
    """

    source: Key
    item: Item
    quantity: Decimal
    due_on: date | None = None
    key: Key | None = None


class Policy(NamedTuple):
    """How an item is procured: made or bought, its lead time in working days, its safety stock and its lots.

    A lot is at least `minimum` and a multiple of `multiple` (0: any quantity). With `by_demand` each demand
    gets lots of its own; without, demands of one day share them. `grain` is the smallest quantity that is
    handled: what a demand needs on a day is rounded up to it (0: exact).
    """

    make: bool
    lead_days: int = 0
    safety: Decimal = ZERO
    minimum: Decimal = ZERO
    multiple: Decimal = ZERO
    by_demand: bool = False
    grain: Decimal = ZERO


class Peg(NamedTuple):
    """Which demand a quantity is for; None: for stock (safety stock, or the rest of a lot)."""

    key: Key | None
    quantity: Decimal


class Suggestion(NamedTuple):
    """What to make or buy: begin on `release_on` to have it on `due_on`. The pegs add up to the quantity."""

    item: Item
    make: bool
    quantity: Decimal
    release_on: date
    due_on: date
    pegs: tuple[Peg, ...]


class Need(NamedTuple):
    """The gross requirement of an item on a day, for one demand (None: for stock)."""

    item: Item
    key: Key | None
    quantity: Decimal
    due_on: date


class Allocation(NamedTuple):
    """What of a supply serves a need. Late when it arrives after the day it is needed: to be hastened."""

    item: Item
    source: Key
    key: Key | None
    quantity: Decimal
    due_on: date
    arrives_on: date | None

    @property
    def late(self) -> bool:
        return self.arrives_on is not None and self.arrives_on > self.due_on


@dataclass(slots=True)
class Netting:
    """The result: gross needs, what of them stock and open orders cover, and what must be made and bought.

    `unstructured` names the items to be made that have no bill of material on that day: their components
    are not in the result.
    """

    needs: list[Need] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    suggestions: list[Suggestion] = field(default_factory=list)
    unstructured: list[Item] = field(default_factory=list)


def net(
    *,
    demands: Iterable[Demand],
    supplies: Iterable[Supply],
    bom: Structure,
    policies: Mapping[Item, Policy],
    on: date,
    earlier: Earlier,
) -> Netting:
    """Net the demands, and what follows from them down the bills of material, against all supply.

    The earliest needs take first, from stock, then from open orders as they arrive; among needs of one day
    the order of `demands` decides, stock comes last. An open order that arrives too late still covers (the
    allocation says late): hastening it is better than buying twice. Safety stock is a need of day `on`, for
    every item that has a policy. The same input gives the same output. Suggestions may lie in the past when
    there is no time left; they are never moved.

    Raises PlanningError for a senseless number and for an item without a policy (PUR-04, PUR-05).
    """
    with exact():
        run = _Run(bom, policies, guarded(earlier))
        run.ask(demands, on)
        run.offer(supplies)
        for item in run.sequence():
            run.item(item)
        return run.result


_SAFETY = _("The safety stock of %(items)s must not be below zero: %(value)s.")
_MINIMUM = _("The smallest lot of %(items)s must not be below zero: %(value)s.")
_MULTIPLE = _("The lot multiple of %(items)s must not be below zero: %(value)s.")
_GRAIN = _("The smallest quantity of %(items)s must not be below zero: %(value)s.")
_SUPPLY = _("The stock or open order of %(items)s must not be below zero: %(value)s.")

_Slot = tuple[date, int]
"""When, and for which demand (its rank in `_Run.keys`)."""
_Rows = list[tuple[_Slot, Decimal]]


@dataclass(slots=True)
class _Stock:
    """A supply while it is being used up."""

    source: Key
    left: Decimal
    arrives_on: date | None


@dataclass(slots=True)
class _Lot:
    """A suggestion while pegs are still added to it; `left` is what of its quantity is for nobody yet."""

    due_on: date
    quantity: Decimal
    left: Decimal
    pegs: list[tuple[int, Decimal]]


class _Run:
    """One netting. It walks down the items once; `gross` is what was asked of the items still to come."""

    def __init__(self, bom: Structure, policies: Mapping[Item, Policy], earlier: Earlier) -> None:
        self.bom = bom
        self.policies = policies
        self.earlier = earlier
        self.keys: list[Key | None] = []
        self.gross: dict[Item, dict[_Slot, Decimal]] = {}
        self.free: dict[Item, list[_Stock]] = {}
        self.reserved: dict[tuple[Item, Key], list[_Stock]] = {}
        self.result = Netting()

    def ask(self, demands: Iterable[Demand], on: date) -> None:
        """Open the requirements: the demands, and the safety stocks as demands of nobody."""
        ranks: dict[Key, int] = {}
        for demand in demands:
            quantity = checked_demand(demand)
            if demand.key is None:
                raise PlanningError(
                    _("The demand for %(items)s does not say what it is for."), items=(demand.item,)
                )
            rank = ranks.setdefault(demand.key, len(ranks))
            self.add(demand.item, (demand.due_on, rank), quantity)
        self.keys = [*ranks, None]
        for item, policy in self.policies.items():
            if policy.safety:
                self.add(item, (on, len(ranks)), checked(policy.safety, _SAFETY, item))

    def add(self, item: Item, slot: _Slot, quantity: Decimal) -> None:
        rows = self.gross.setdefault(item, {})
        rows[slot] = rows.get(slot, ZERO) + quantity

    def offer(self, supplies: Iterable[Supply]) -> None:
        """Lay out the supplies in the order of their use: stock, then open orders as they arrive."""
        for supply in sorted(supplies, key=lambda s: s.due_on or date.min):
            quantity = checked(supply.quantity, _SUPPLY, supply.item, above=False)
            stock = _Stock(supply.source, quantity, supply.due_on)
            if supply.key is None:
                self.free.setdefault(supply.item, []).append(stock)
            else:
                self.reserved.setdefault((supply.item, supply.key), []).append(stock)

    def sequence(self) -> Iterable[Item]:
        """Every item, parents before components; what is in no bill at all comes first."""
        return (*sorted(item for item in self.gross if item not in self.bom.levels), *self.bom.sequence)

    def item(self, item: Item) -> None:
        """Plan one item: cover its requirements, suggest the rest in lots, ask its components for those."""
        gross = self.gross.pop(item, None)
        if not gross:
            return
        within_reach(item, sum(gross.values(), ZERO))
        if item in self.bom.phantoms:
            self.pass_down(item, list(gross.items()))
            return
        policy = self.policies.get(item)
        if policy is None:
            raise PlanningError(_("It is not known whether %(items)s is made or bought."), items=(item,))
        keys, grain = self.keys, checked(policy.grain, _GRAIN, item, above=False)
        rows = [(slot, _rounded_up(wanted, grain)) for slot, wanted in sorted(gross.items())]
        self.result.needs += [Need(item, keys[rank], quantity, day) for (day, rank), quantity in rows]
        if rows := self.cover(item, rows):
            self.suggest(item, policy, self.lots(item, policy, rows))

    def cover(self, item: Item, rows: _Rows) -> _Rows:
        """What of the rows neither reserved nor free supply covers."""
        free, reserved = self.free.get(item, ()), self.reserved
        if not free and not reserved:
            return rows
        supply, bare = iter(free), []
        stock = next(supply, None)
        for (day, rank), wanted in rows:
            for own in reserved.get((item, self.keys[rank]), ()):
                wanted -= self.take(item, own, day, rank, wanted)
            while wanted and stock is not None:
                wanted -= self.take(item, stock, day, rank, wanted)
                if not stock.left:
                    stock = next(supply, None)
            if wanted:
                bare.append(((day, rank), wanted))
        return bare

    def take(self, item: Item, stock: _Stock, day: date, rank: int, wanted: Decimal) -> Decimal:
        taken = min(stock.left, wanted)
        if taken:
            stock.left -= taken
            self.result.allocations.append(
                Allocation(item, stock.source, self.keys[rank], taken, day, stock.arrives_on)
            )
        return taken

    def lots(self, item: Item, policy: Policy, rows: _Rows) -> list[_Lot]:
        """The lots that cover the rows; the rest of a lot serves later rows before another lot is opened."""
        minimum = checked(policy.minimum, _MINIMUM, item, above=False)
        multiple = checked(policy.multiple, _MULTIPLE, item, above=False)
        lots: list[_Lot] = []
        sums = _sums(rows, policy.by_demand)
        for (day, rank), wanted in rows:
            group: _Slot | date = (day, rank) if policy.by_demand else day
            sums[group] -= wanted
            if lots and lots[-1].left:
                used = min(lots[-1].left, wanted)
                lots[-1].left -= used
                lots[-1].pegs.append((rank, used))
                wanted -= used
            if wanted:
                quantity = _lot_size(wanted + sums[group], minimum, multiple)
                lots.append(_Lot(day, quantity, quantity - wanted, [(rank, wanted)]))
        for lot in lots:
            if lot.left:
                lot.pegs.append((len(self.keys) - 1, lot.left))
        return lots

    def suggest(self, item: Item, policy: Policy, lots: list[_Lot]) -> None:
        lead = checked_lead(item, policy.lead_days)
        earlier, keys, make = self.earlier, self.keys, policy.make
        starts: dict[_Slot, Decimal] = {}
        for lot in lots:
            release_on = earlier(lot.due_on, lead) if lead else lot.due_on
            pegs = tuple([Peg(keys[rank], quantity) for rank, quantity in lot.pegs])
            self.result.suggestions.append(Suggestion(item, make, lot.quantity, release_on, lot.due_on, pegs))
            for rank, quantity in lot.pegs:
                slot = (release_on, rank)
                starts[slot] = starts.get(slot, ZERO) + quantity
        if make:
            self.pass_down(item, list(starts.items()))

    def pass_down(self, item: Item, starts: _Rows) -> None:
        """Ask the components of an item for what its lots need on the day they begin."""
        components = self.bom.lines.get(item)
        if not components:
            self.result.unstructured.append(item)
            return
        for component, per in components:
            rows = self.gross.setdefault(component, {})
            for slot, quantity in starts:
                rows[slot] = rows.get(slot, ZERO) + quantity * per


def _sums(rows: _Rows, by_demand: bool) -> dict[_Slot | date, Decimal]:
    """How much the rows ask for together that may share a lot."""
    sums: dict[_Slot | date, Decimal] = {}
    for slot, wanted in rows:
        group = slot if by_demand else slot[0]
        sums[group] = sums.get(group, ZERO) + wanted
    return sums


def _lot_size(wanted: Decimal, minimum: Decimal, multiple: Decimal) -> Decimal:
    """The smallest lot that the item allows and that covers what is wanted."""
    return _rounded_up(max(wanted, minimum), multiple)


def _rounded_up(quantity: Decimal, multiple: Decimal) -> Decimal:
    """The quantity, or the next multiple above it (0: any quantity is one)."""
    if not multiple:
        return quantity
    lots, rest = divmod(quantity, multiple)
    return (lots + 1 if rest else lots) * multiple
