"""What delivery and the departments after it read more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from delivery.models import Shipment, ShipmentLine
from flow.guards import ask
from flow.invariants import invariant
from orders.models import Order, Progress, Stage

State = Shipment.State
NOT_NOTIFIED = (State.DRAFT, State.CANCELLED)
ON_THE_WAY = (State.DISPATCHED, State.CARRIER_RECEIPTED, State.CUSTOMER_TOLD)
GONE = (*ON_THE_WAY, State.CUSTOMER_RECEIPTED, State.CLOSED)


def planned(order: Order, *, but: Shipment | None = None) -> dict[int, Decimal]:
    """Quantity by order line on all shipments that are not cancelled, drafts too (leaving one out)."""
    rows = ShipmentLine.objects.filter(shipment__order=order).exclude(shipment__state=State.CANCELLED)
    if but is not None:
        rows = rows.exclude(shipment=but)
    return dict(rows.order_by().values_list("order_line").annotate(sum=Sum("quantity")))


@ask("orders.order.cancel")
def on_the_way(order: Order) -> Iterator[object]:
    """What has left the house is not undone by cancelling (O-35)."""
    for shipment in order.shipments.filter(state__in=GONE).order_by("pk"):
        yield _("The shipment {shipment} has left the house: take the goods back first.").format(
            shipment=shipment
        )


@ask("orders.order.complete")
def not_receipted(order: Order) -> Iterator[object]:
    """An order is completed with every receipt of the customer brought back (DLV-15)."""
    for shipment in order.shipments.filter(state__in=ON_THE_WAY).order_by("pk"):
        yield _("The customer's receipt of the shipment {shipment} is missing.").format(shipment=shipment)


@invariant("an order is credited with what its shipments say")
def credited() -> Iterator[str]:
    """Compare notified, dispatched and delivered of every order line with the shipments."""
    said: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for state, line, quantity in ShipmentLine.objects.values_list(
        "shipment__state", "order_line", "quantity"
    ):
        for stage in _stages(state):
            said[line, stage] += quantity
    shipped = {line for line, _stage in said}
    rows = Progress.objects.filter(line__in=shipped, stage__in=_STAGES).order_by()
    told = {
        (line, stage): total
        for line, stage, total in rows.values_list("line", "stage").annotate(total=Sum("quantity"))
    }
    for key in sorted(said.keys() | told.keys()):
        if said[key] != told.get(key, 0):
            yield f"order line {key[0]}: {key[1]} {told.get(key, 0)}, its shipments say {said[key]}"


_STAGES = (Stage.NOTIFIED, Stage.DISPATCHED, Stage.DELIVERED)


def _stages(state: str) -> Iterable[str]:
    """The stages that a shipment in this state has credited."""
    if state in NOT_NOTIFIED:
        return ()
    return _STAGES[: 1 + (state in GONE) + (state in (State.CUSTOMER_RECEIPTED, State.CLOSED))]
