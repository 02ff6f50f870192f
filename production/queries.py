"""What production and the departments after it read more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import ROUND_CEILING, Decimal

from django.db.models import Exists, OuterRef, Sum
from django.utils.translation import gettext_lazy as _

from catalog import bom
from catalog.models import BomVersion, Item
from catalog.models.items import ProductFamily
from flow.invariants import invariant
from orders.models import Contract, ContractLine, Order, Progress, Stage
from planning.ledger import GRAIN
from production.models import Instruction, Packaging, Plan, PlanLine, WorkOrder


def contract_lines(order: Order) -> list[ContractLine]:
    """The lines of the contract in force by position; none where there is no contract."""
    rows = ContractLine.objects.filter(contract__order=order).select_related("item", "order_line")
    return list(rows.exclude(contract__state=Contract.State.TERMINATED).order_by("position"))


def instruction_of(order: Order) -> Instruction | None:
    """The instruction that production works by: issued and neither done, superseded nor cancelled."""
    state = Instruction.State
    rows = order.instructions.select_related("company", "case")
    return rows.filter(state__in=[state.ISSUED, state.ACKNOWLEDGED, state.PLANNED]).first()


def plan_of(order: Order) -> Plan | None:
    """The plan in force."""
    return order.plans.select_related("company", "case").filter(state=Plan.State.ISSUED).first()


def planned_lines(order: Order) -> list[PlanLine]:
    """The tasks of the plan in force, those that end last first. One query."""
    rows = PlanLine.objects.filter(plan__order=order, plan__state=Plan.State.ISSUED)
    return list(rows.select_related("department").order_by("-finish_on", "-pk"))


def last_of(lines: Iterable[PlanLine], kinds: Iterable[str]) -> PlanLine | None:
    """Which of the planned tasks of these kinds ends last."""
    wanted = set(kinds)
    return next((line for line in lines if line.kind in wanted), None)


def packaging_of(order: Order) -> Packaging | None:
    """The packaging of the order that is not cancelled."""
    rows = order.packagings.select_related("company", "case")
    return rows.exclude(state=Packaging.State.CANCELLED).first()


def is_packed(order: Order) -> bool:
    """Whether the products of the order are packed, so that they may go into the finished goods store."""
    return order.packagings.filter(state=Packaging.State.PACKED).exists()


def is_assembly(order: Order) -> bool:
    """Whether the order is for switchgear assemblies (成套), which have other time limits (ORD-13)."""
    return order.lines.filter(item__family=ProductFamily.ASSEMBLY).exists()


class Bills:
    """The bills of some items and of everything in them, as they hold on a day; read once."""

    def __init__(self, items: Iterable[Item], *, on: date) -> None:
        self.active = bom.full_bom({item.pk for item in items if item.make_or_buy != Item.Source.BUY}, on)
        parts = {line.component_id for bill in self.active.values() for line in bill.lines}
        rows = Item.objects.filter(pk__in=parts, make_or_buy=Item.Source.PHANTOM)
        self.phantoms = frozenset(rows.values_list("pk", flat=True))

    def version(self, item: Item) -> BomVersion | None:
        """The version that holds; None for a bought item and for one without an issued bill."""
        found = self.active.get(item.pk)
        return found.version if found else None

    def materials(self, item: Item, quantity: Decimal) -> dict[int, Decimal]:
        """By item id what goes into `quantity` of the item, scrap included, up to the next thousandth.

        A part that is never stored is replaced by what it consists of. A bought item is its own material:
        its work order takes it out of the store and hands it over.
        """
        if item.make_or_buy == Item.Source.BUY:
            return {item.pk: quantity}
        found: dict[int, Decimal] = defaultdict(Decimal)
        for part, needed in self._parts(item.pk, quantity):
            found[part] += needed
        return {part: needed.quantize(GRAIN, ROUND_CEILING) for part, needed in found.items()}

    def _parts(self, item_id: int, quantity: Decimal) -> Iterator[tuple[int, Decimal]]:
        for line in self.active[item_id].lines if item_id in self.active else ():
            needed = quantity * line.quantity * (1 + line.scrap)
            if line.component_id in self.phantoms:
                yield from self._parts(line.component_id, needed)
            else:
                yield line.component_id, needed


@invariant("an order is not credited with more than its work orders have passed")
def credited() -> Iterator[str]:
    """Compare what of each order line has passed with what its work orders say."""
    made = WorkOrder.objects.filter(is_final=True).order_by().values_list("order_line")
    passed = dict(made.annotate(sum=Sum("qualified")))
    built = Exists(WorkOrder.objects.filter(order=OuterRef("line__order")))
    ledger = Progress.objects.filter(built, stage=Stage.PASSED).exclude(line__order__state__in=Order.UNSIGNED)
    rows = ledger.order_by().values_list("line__order__number", "line").annotate(sum=Sum("quantity"))
    for order, line, credit in rows:
        said = passed.get(line) or Decimal()
        if credit != said:
            yield str(
                _("order {order}, line {line}: {credited} passed, its work orders say {said}").format(
                    order=order, line=line, credited=credit, said=said
                )
            )
