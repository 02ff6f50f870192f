"""What an order still needs, worked out when its plan is issued: to be made, to be bought (PUR-04)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from catalog.models import Item
from catalog.stock import Subject
from orders.models import OrderLine
from org.calendars import worktime
from org.worktime import Worktime
from planning import explosion
from planning.models import Kind, OpenQuantity
from planning.needs import NetNeeds, net_needs
from planning.netting import Suggestion
from production.models import Plan, PlanNeed, WorkOrder
from production.queries import Bills

MAKE, BUY = PlanNeed.Source.MAKE, PlanNeed.Source.BUY


@dataclass
class Worked:
    """The result: the rows of the plan, and the items to be made whose bill of material is not issued yet."""

    needs: list[PlanNeed]
    unstructured: list[int]


@dataclass
class _Share:
    """So much of an item goes into a parent for an order line."""

    line_id: int
    parent_id: int | None
    left: Decimal


Shares = dict[int | str, list[_Share]]


@dataclass
class _Work:
    """The working out for one plan. What is ordered is made in full; what goes into it is netted."""

    plan: Plan
    on: date
    calendar: Worktime = field(init=False)
    lines: list[OrderLine] = field(init=False)
    bills: Bills = field(init=False)

    def __post_init__(self) -> None:
        self.calendar = worktime(self.plan.company)
        self.lines = list(self.plan.order.lines.select_related("item"))
        self.bills = Bills([line.item for line in self.lines], on=self.on)

    def result(self) -> Worked:
        """The rows in the order of the work: the products, the parts to be made, what is bought."""
        products = list(self.products())
        found = self.net(products)
        shares = self.shares()
        rows = [*products, *(self.part(s, shares) for s in found.make)]
        rows += [row for s in found.buy for row in self.bought(s, shares)]
        for position, row in enumerate(rows, start=1):
            row.plan, row.position = self.plan, position
        bare = [p.item_id for p in products if not self.bills.materials(p.item, p.quantity)]
        return Worked(rows, [*bare, *found.unstructured])

    def products(self) -> Iterator[PlanNeed]:
        """What was ordered and is in no work order yet, in full: to deliver from stock is another verb."""
        rows = WorkOrder.objects.filter(order=self.plan.order, is_final=True)
        rows = rows.exclude(state=WorkOrder.State.CANCELLED).order_by()
        made = dict(rows.values_list("order_line").annotate(total=Sum("quantity")))
        for line in self.lines:
            quantity = line.quantity - made.get(line.pk, Decimal())
            if quantity > 0:
                due_on = min(line.delivery_on, self.plan.finish_on)
                earliest = self.calendar.workdays_before(due_on, line.item.lead_time_days)
                yield PlanNeed(
                    source=MAKE,
                    item=line.item,
                    quantity=quantity,
                    release_on=min(max(earliest, self.plan.start_on), due_on),
                    due_on=due_on,
                    order_line=line,
                )

    def net(self, products: list[PlanNeed]) -> NetNeeds:
        """What the products, and the work orders of an earlier plan, lack of their parts."""
        subject = Subject.of(self.plan.order)
        wanted = OpenQuantity.objects.filter(
            peg_type=subject.type, peg_id=subject.id, kind=Kind.DEPENDENT, quantity__gt=0
        )
        demands = [(subject, *row) for row in wanted.order_by("pk").values_list("item", "quantity", "due_on")]
        for product in products:
            parts = self.bills.materials(product.item, product.quantity)
            demands += [(subject, part, quantity, product.release_on) for part, quantity in parts.items()]
        return net_needs(company=self.plan.company, demands=demands, on=self.on, calendar=self.calendar)

    def shares(self) -> Shares:
        """By item which order line needs how much of it for which parent, before anything is netted."""
        lines = [
            explosion.BomLine(item, part.component_id, part.quantity, part.scrap)
            for item, bill in self.bills.active.items()
            for part in bill.lines
        ]
        structure = explosion.structure(lines=lines, on=self.on, phantoms=self.bills.phantoms)
        demands = [explosion.Demand(n.pk, n.item_id, n.quantity, n.delivery_on) for n in self.lines]
        found: Shares = defaultdict(list)
        for need in explosion.explode(
            demands=demands, bom=structure, leads={}, earlier=self.calendar.workdays_before
        ):
            found[need.item].append(_Share(need.key, need.parent, need.quantity))  # type: ignore[arg-type]
        return found

    def part(self, suggestion: Suggestion, shares: Shares) -> PlanNeed:
        """A part to be made: one row, named after the order line that needs it first."""
        taken = list(_taken(shares[suggestion.item], suggestion.quantity))
        line_id, parent_id = (taken[0].line_id, taken[0].parent_id) if taken else (None, None)
        return _row(suggestion, suggestion.quantity, line_id, parent_id)

    def bought(self, suggestion: Suggestion, shares: Shares) -> Iterator[PlanNeed]:
        """Something to be bought: a row for each order line, and one for the rest of the lot."""
        left = suggestion.quantity
        own = sum((peg.quantity for peg in suggestion.pegs if peg.key is not None), Decimal())
        for share in _taken(shares[suggestion.item], own):
            quantity = min(share.left, left).quantize(Decimal("0.001"))
            left -= quantity
            if quantity:
                yield _row(suggestion, quantity, share.line_id, share.parent_id)
        if left:
            yield _row(suggestion, left, None, None)


def work_out(plan: Plan, *, on: date) -> Worked:
    """What must be made and bought for the plan's order on the day `on`, as unsaved rows of the plan.

    Raises Refused, naming the item, for what cannot be planned.
    """
    return _Work(plan, on).result()


def _taken(shares: list[_Share], quantity: Decimal) -> Iterator[_Share]:
    """Use up the shares, the first first, until the quantity is covered."""
    for share in shares:
        used = min(share.left, quantity)
        if used > 0:
            share.left -= used
            quantity -= used
            yield _Share(share.line_id, share.parent_id, used)


def _row(suggestion: Suggestion, quantity: Decimal, line_id: int | None, parent_id: int | None) -> PlanNeed:
    return PlanNeed(
        source=MAKE if suggestion.make else BUY,
        item=Item(pk=suggestion.item),
        quantity=quantity,
        release_on=suggestion.release_on,
        due_on=suggestion.due_on,
        order_line_id=line_id,
        parent_item_id=parent_id,
    )
