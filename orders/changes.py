"""What was changed of an order, on its page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from flow import render
from flow.models import Event
from flow.panels import Asked, Panel, Row, panel
from orders.models import Order, OrderChange

# What changes an order beside the changes of table D3.
CHANGES = ("replan_date", "postpone_agreed", "edit", "requote")
SHOWN = 8


@panel("orders.order")
def changes(asked: Asked) -> Panel | None:
    """What was changed of an order, the newest first: its changes, and what was edited. Two queries."""
    order: Order = asked.document
    papers = [_paper(change) for change in order.changes.order_by("-pk")[:SHOWN]]
    verbs = {f"{Order.label()}.{name}" for name in CHANGES}
    rows = Event.objects.filter(subject_type=Order.label(), subject_id=order.pk, verb__in=verbs)
    found = papers + [_edit(event) for event in rows.select_related("actor").order_by("-pk")[:SHOWN]]
    if not found and not order.change_hold:
        return None
    note = _("on hold") if order.change_hold else ""
    return Panel(_("Changes"), items=found, aside=True, place=20, note=note)


def _paper(change: OrderChange) -> Row:
    """A change on the page of its order."""
    badge = change.get_level_display() if change.level else change.get_kind_display()
    facts = (change.get_state_display(), render.words(change.created_at))
    tone = "bad" if change.holds else ""
    return Row(change.number, f"/{change.path}/", facts=facts, text=change.wish[:200], badge=badge, tone=tone)


def _edit(event: Event) -> Row:
    old, new = event.data.get("old_delivery_on"), event.data.get("delivery_on")
    titles: dict[str, Any] = {
        "edit": _("The order was edited"),
        "requote": _("A new quotation was sent"),
    }
    title: Any = titles.get(event.verb.rsplit(".", 1)[-1], _("The delivery date was moved"))
    if old and new:
        title = _("Delivery moved from {old} to {new}").format(old=old, new=new)
    facts = (render.words(event.at), str(event.actor))
    return Row(title, facts=facts, text=event.data.get("reason") or "")
