"""The purchase order until it may be sent: bundled from requisitions, submitted, approved."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.models import Supplier
from flow import actions, papers
from flow.events import By
from flow.forms import ReasonForm
from flow.models import Event
from integration.notices import tell_people, tell_posts
from org.models import Company
from org.roles import Role
from procurement.actions import booking
from procurement.actions import requisition as requisitions
from procurement.forms.purchase_order import NewPurchaseOrderForm, PurchaseLineForm, PurchaseOrderForm
from procurement.models import PurchaseOrder
from procurement.queries import late_lines, planners_of

State = PurchaseOrder.State


@actions.creation(
    PurchaseOrder,
    _("Order from supplier"),
    NewPurchaseOrderForm,
    lines=PurchaseLineForm,
    may=(Role.BUYER,),
    cases=booking.cases_of,
    rules="PUR-13 PUR-19 PUR-20 PUR-34 E-67",
)
def create(
    by: By, *, company: Company, supplier: Supplier, lines: list[dict[str, Any]], terms: str = ""
) -> PurchaseOrder:
    """Bundle requisition lines, often of several orders, into one order to a supplier.

    It has a case of its own that serves those of the orders; theirs are locked, so no line is ordered twice.
    Raises Refused with figures where more is wanted than is left, Invalid line by line.
    """
    wanted = booking.read(lines, company=company, supplier=supplier, by=by)
    document = actions.draft(
        PurchaseOrder,
        by=by,
        company=company,
        serves=booking.cases_of(None, {"lines": lines}),
        title=str(supplier),
        supplier=supplier,
        terms=terms,
        amount=booking.amount_of(wanted),
    )
    booking.take_up(document, wanted, by=by)
    return document


@actions.action(
    PurchaseOrder,
    _("Edit purchase order"),
    PurchaseOrderForm,
    lines=PurchaseLineForm,
    may=(Role.BUYER,),
    states=(State.DRAFT, State.REJECTED),
    cases=booking.cases_of,
    rules="PUR-20",
)
def edit(
    document: PurchaseOrder, by: By, *, supplier: Supplier, lines: list[dict[str, Any]], terms: str = ""
) -> dict[str, Any]:
    """Change it before it is approved; what it no longer takes up is to be ordered again."""
    before = booking.requisitions_of(document)
    _release(document, by)
    wanted = booking.read(lines, company=document.company, supplier=supplier, by=by)
    document.supplier, document.terms, document.amount = supplier, terms, booking.amount_of(wanted)
    booking.serve(document, lines)
    booking.take_up(document, wanted, by=by)
    return {"requisitions": [requisition.pk for requisition in before]}


@actions.discard(
    PurchaseOrder,
    _("Discard purchase order"),
    may=(Role.BUYER,),
    states=(State.DRAFT,),
    cases=booking.cases_of,
    rules="SYS-03",
)
def discard(document: PurchaseOrder, by: By) -> dict[str, Any]:
    """Throw a draft away; its requisition lines are to be ordered again."""
    before = booking.requisitions_of(document)
    _release(document, by)
    return {"requisitions": [requisition.pk for requisition in before]}


@create.then
@edit.then
@discard.then
def requisitions_follow(document: PurchaseOrder, by: By, event: Event) -> None:
    """A requisition whose lines are all taken up is wholly ordered; one that got some back is open again."""
    found = booking.requisitions_of(document)
    known = {requisition.pk for requisition in found}
    further = [pk for pk in event.data.get("requisitions", ()) if pk not in known]
    requisitions.follow_orders([*found, *booking.requisitions_by_id(further)], by=by, cause=event)


@actions.action(
    PurchaseOrder, _("Submit purchase order"), may=(Role.BUYER,), numbers=True, rules="PUR-20 PUR-21"
)
def submit(document: PurchaseOrder, by: By) -> None:
    """Ask the purchasing leader for approval."""
    document.submit()


@submit.then
def tell_leader(document: PurchaseOrder, by: By, event: Event) -> None:
    """The leader is told; so are the planners where a line is to arrive too late (PUR-24, N-42)."""
    said = _("{document} waits for your approval.")
    tell_posts([Role.PURCH_LEADER], said, document=document, by=by, event=event)
    if late := late_lines(document):
        posts = planners_of(late) - {Role.PURCH_LEADER}
        said = _("{document}: lines arrive later than they are needed.")
        tell_posts(posts, said, document=document, by=by, event=event)


@actions.action(
    PurchaseOrder,
    _("Approve purchase order"),
    may=(Role.PURCH_LEADER,),
    not_by=("create", "edit", "submit"),
    rules="PUR-21 SYS-11",
)
def approve(document: PurchaseOrder, by: By) -> None:
    """Approve supplier, quantities, prices and dates; not by the buyer who made it."""
    papers.sign(document, "approval", document.content(), by=by)
    document.approve()


@actions.action(
    PurchaseOrder, _("Reject purchase order"), ReasonForm, may=(Role.PURCH_LEADER,), rules="PUR-21"
)
def reject(document: PurchaseOrder, by: By, *, reason: str) -> dict[str, Any]:
    """Send it back to the buyer with the reason."""
    document.reject()
    return {"reason": reason}


@approve.then
@reject.then
def tell_buyer(document: PurchaseOrder, by: By, event: Event) -> None:
    """The buyer hears what the leader decided (N-42)."""
    said = _("{document} is approved: send it to the supplier.")
    if document.state == State.REJECTED:
        said = _("{document} was rejected.")
    reason = event.data.get("reason", "")
    tell_people([document.created_by], said, document=document, by=by, event=event, text=reason)


def _release(document: PurchaseOrder, by: By) -> None:
    """Give back all that the draft takes up, and its lines with it."""
    rows = list(document.lines.select_related("requisition_line__requisition__order"))
    taken = [(line, line.quantity) for line in rows]
    for line in rows:
        line.quantity = line.stocked
    booking.give_back(document, taken, by=by)
    document.lines.all().delete()
