"""What must be made and bought for given demands, from the bills, the stock and the ledger as they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext

from catalog.bom import full_bom
from catalog.models import Balance, Item, Reservation
from catalog.stock import Subject
from catalog.stock.reads import USABLE
from catalog.stock.terms import STEP
from flow.refusals import Refused
from org.models import Company
from planning import explosion, ledger, netting
from planning.errors import Item as ItemKey
from planning.errors import PlanningError
from planning.exact import ZERO
from planning.explosion import Demand, Key, structure
from planning.models import DEMANDS, OpenQuantity
from planning.netting import Allocation, Netting, Policy, Suggestion, Supply


class Calendar(Protocol):
    """The working calendar of a company."""

    def workdays_before(self, day: date, n: int, /) -> date:
        """The day that lies so many working days before another."""


@dataclass(frozen=True, slots=True)
class NetNeeds:
    """What is still to be made and to be bought, what stock and open orders cover, and what nobody knows.

    `unstructured` are the ids of the items to be made that have no issued bill of material on the day: their
    components are missing here and must be planned once the bill is issued (PRD-60).
    """

    make: list[Suggestion]
    buy: list[Suggestion]
    covered: list[Allocation]
    unstructured: list[int]


def net_needs(
    *, company: Company, demands: Iterable[tuple[Subject, int, Decimal, date]], on: date, calendar: Calendar
) -> NetNeeds:
    """Turn demands of (for whom, item id, quantity, due day) into what must be made and bought (PUR-04).

    `for whom` is (type, id) as reservations and the ledger name it: what is reserved or on order for it
    counts for it alone. Free stock and free open orders count after the safety stock and what others still
    lack were set aside. Bills are those issued and valid on day `on`. The number of queries is constant.
    Raises Refused, naming the item, for what cannot be planned.
    """
    rows = [(Subject(*key), item, quantity, due_on) for key, item, quantity, due_on in demands]
    stage = _Stage(company, {item for _key, item, *_rest in rows}, on)
    safety = {pk: item.safety_stock for pk, item in stage.items.items()}
    supplies = stage.supplies({key for key, *_rest in rows}, safety)
    return stage.net([Demand(*row) for row in rows], supplies, {}, calendar)


def replenishment(*, company: Company, on: date, calendar: Calendar) -> NetNeeds:
    """What must be made and bought to bring every item back to its safety stock (PUR-09, WHS-23)."""
    safety = dict(Item.objects.filter(safety_stock__gt=0, is_active=True).values_list("pk", "safety_stock"))
    stage = _Stage(company, set(safety), on)
    return stage.net([], stage.supplies(set(), {}), safety, calendar)


@dataclass
class _Stage:
    """The items that a netting can come across, with their bills; read once."""

    company: Company
    item_ids: set[int]
    on: date
    lines: list[explosion.BomLine] = field(init=False)
    items: dict[int, Item] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = _bill_lines(self.item_ids, self.on)
        self.item_ids = self.item_ids | {int(line.component) for line in self.lines}
        self.items = Item.objects.in_bulk(self.item_ids)

    def net(
        self, demands: list[Demand], supplies: list[Supply], safety: Mapping[int, Decimal], calendar: Calendar
    ) -> NetNeeds:
        """Run the engine over what was read and say its refusals with the names of the items."""
        phantoms = [item.pk for item in self.items.values() if item.make_or_buy == Item.Source.PHANTOM]
        policies: dict[ItemKey, Policy] = {
            pk: _policy(item, safety.get(pk, ZERO)) for pk, item in self.items.items()
        }
        try:
            found = netting.net(
                demands=demands,
                supplies=supplies,
                bom=structure(lines=self.lines, on=self.on, phantoms=phantoms),
                policies=policies,
                on=self.on,
                earlier=calendar.workdays_before,
            )
        except PlanningError as refusal:
            raise Refused(refusal.told(translate=gettext, name=self.name)) from refusal
        return _sorted_out(found)

    def name(self, item_id: ItemKey) -> str:
        return str(self.items.get(int(item_id), item_id))

    def supplies(self, own: Collection[Subject], safety: Mapping[int, Decimal]) -> list[Supply]:
        """Stock and open orders, less what is not for us: the safety stock and what others still lack."""
        supplies = [*_stock(self.company, self.item_ids)]
        lacking: dict[tuple[ItemKey, Key | None], Decimal] = defaultdict(Decimal)
        for rows in ledger.open_by_item(company=self.company, item_ids=self.item_ids).values():
            for row in rows:
                if row.kind not in DEMANDS:
                    supplies.append(_expected(row))
                elif row.peg not in own:
                    lacking[row.item_id, row.peg] += row.quantity
        for supply in supplies:
            if supply.key is not None and (supply.item, supply.key) in lacking:
                lacking[supply.item, supply.key] -= supply.quantity
        aside: dict[ItemKey, Decimal] = defaultdict(Decimal)
        for pk, least in safety.items():
            aside[pk] += least
        for (item, _peg), quantity in lacking.items():
            aside[item] += max(quantity, ZERO)
        return _less(supplies, aside)


def _bill_lines(item_ids: Collection[int], on: date) -> list[explosion.BomLine]:
    """The lines of the bills of the items and of all that is in them, on a day. Three queries."""
    return [
        explosion.BomLine(
            parent, line.component_id, line.quantity, line.scrap, line.valid_from, line.valid_to
        )
        for parent, bill in full_bom(item_ids, on).items()
        for line in bill.lines
    ]


def _policy(item: Item, safety: Decimal) -> Policy:
    """A made item gets a work order for each demand; bought ones are requested together, day by day."""
    make = item.make_or_buy == Item.Source.MAKE
    return Policy(
        make=make,
        lead_days=item.lead_time_days,
        safety=safety,
        minimum=item.min_lot,
        multiple=item.lot_multiple,
        by_demand=make,
        grain=STEP,
    )


def _stock(company: Company, item_ids: Collection[int]) -> Iterable[Supply]:
    """The usable stock of the items: what is free, and what is reserved for whom. Two queries."""
    balances = Balance.objects.filter(
        USABLE, location__warehouse__company=company, item__in=item_ids, quantity__gt=0
    ).order_by("item", "pk")
    for pk, item, quantity, reserved in balances.values_list("pk", "item", "quantity", "reserved"):
        yield Supply(("catalog.balance", pk), item, quantity - reserved)
    held = Reservation.objects.filter(state=Reservation.State.OPEN, balance__in=balances).order_by("pk")
    fields = ("pk", "balance__item", "left", "subject_type", "subject_id")
    for pk, item, left, subject_type, subject_id in held.values_list(*fields):
        yield Supply(("catalog.reservation", pk), item, left, key=Subject(subject_type, subject_id))


def _expected(row: OpenQuantity) -> Supply:
    key = Subject(*row.peg) if row.peg else None
    return Supply((row.source_type, row.source_id), row.item_id, row.quantity, row.due_on, key)


def _less(supplies: list[Supply], aside: dict[ItemKey, Decimal]) -> list[Supply]:
    """The supplies without what is set aside of each item: of its free stock first, then as it arrives."""
    kept: list[Supply] = []
    for supply in sorted(supplies, key=lambda s: s.due_on or date.min):
        taken = min(supply.quantity, aside.get(supply.item, ZERO)) if supply.key is None else ZERO
        if taken:
            aside[supply.item] -= taken
        if supply.quantity > taken:
            kept.append(supply._replace(quantity=supply.quantity - taken))
    return kept


def _sorted_out(found: Netting) -> NetNeeds:
    return NetNeeds(
        make=[suggestion for suggestion in found.suggestions if suggestion.make],
        buy=[suggestion for suggestion in found.suggestions if not suggestion.make],
        covered=found.allocations,
        unstructured=[int(item) for item in found.unstructured],
    )
