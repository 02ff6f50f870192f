"""What the warehouse does when quality, production or the order moves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalog import stock
from flow import events
from flow.events import By
from flow.models import Event
from integration.notices import tell_posts
from orders.models import Order
from org.roles import Role
from production.models import WorkOrder
from quality.models import Inspection
from warehouse.actions import pick_list, stock_in
from warehouse.models import PickList


@events.on("quality.inspection.pass")
def draft_stock_in(event: Event, inspection: Inspection, by: By) -> None:
    """What passed may go into stock: the slip is ready at once (WHS-07, WHS-10)."""
    stock_in.create.follow(by=by, cause=event, inspection=inspection)


@events.on("production.work_order.release")
def draft_pick_list(event: Event, work_order: WorkOrder, by: By) -> None:
    """A released work order is to be given its material (WHS-11)."""
    pick_list.create.follow(by=by, cause=event, work_order=work_order)


@events.on("production.work_order.cancel")
def cancel_pick_lists(event: Event, work_order: WorkOrder, by: By) -> None:
    """What is not made needs no material; what was drawn for it already is to be taken back (WHS-18)."""
    waiting = (PickList.State.CREATED, PickList.State.PREPARED)
    for document in work_order.pick_lists.exclude(state=PickList.State.CANCELLED).order_by("pk"):
        if document.state in waiting:
            pick_list.cancel.follow(document, by=by, cause=event)
        else:
            sentence = _("{document}: the work order was cancelled, take its material back.")
            tell_posts([Role.STOREKEEPER], sentence, document=document, by=by, event=event)


@events.on("orders.order.cancel", "orders.order.complete")
def free_stock(event: Event, order: Order, by: By) -> None:
    """What is still kept for an order that has ended is for others now."""
    stock.release(subject=stock.Subject.of(order), by=by)
