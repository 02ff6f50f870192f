"""What the front office does with its own papers when an order ends early, and whom it tells (N-06, N-07)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from flow import events
from flow.events import By
from flow.models import Event
from integration.notices import Word, tell_many
from orders.actions import contract, quotation
from orders.models import Contract, Order, Quotation
from org import queries as org
from org.models import Person
from org.roles import Role


@events.on("orders.order.cancel", "orders.order.mark_lost")
def papers_end(event: Event, order: Order, by: By) -> None:
    """Open quotations lapse and the contract is terminated."""
    for offer in order.quotations.filter(state__in=[Quotation.State.DRAFT, Quotation.State.SENT]):
        quotation.lapse.follow(offer, by=by, cause=event)
    for paper in order.contracts.exclude(state=Contract.State.TERMINATED):
        contract.terminate.follow(paper, by=by, cause=event)


@events.on("orders.order.start_postpone")
def drafts_end(event: Event, order: Order, by: By) -> None:
    """The order goes back to its review and may change: offers that were only drafted are thrown away."""
    for offer in order.quotations.filter(state=Quotation.State.DRAFT):
        quotation.discard.follow(offer, by=by, cause=event)


@events.on("orders.order.receive", "orders.order.edit")
def senior_management_hears(event: Event, order: Order, by: By) -> None:
    """An important order waits for senior management, again after every change of it (ORG-18)."""
    if order.is_important:
        people = _holders(order, by, Role.SENIOR_MGMT)
        _tell(people, _("Important order to be approved"), str(order.customer), event, order)


@events.on("orders.order.request_decline")
def managers_hear(event: Event, order: Order, by: By) -> None:
    """The general manager decides; senior management hears of an important order (REV-09, E-47)."""
    roles = [Role.GM, Role.DEPUTY_GM, *([Role.SENIOR_MGMT] if order.is_important else [])]
    people = [person for role in roles for person in _holders(order, by, role)]
    _tell(people, _("An order is to be declined"), str(order.customer), event, order)


@events.on("orders.order.approve_decline", "orders.order.refuse_decline")
def clerk_hears(event: Event, order: Order, by: By) -> None:
    """Who received the order tells the customer, or goes on as directed (REV-09)."""
    decided = _("Decided: {state}").format(state=order.get_state_display())
    _tell([order.created_by], decided, event.data["opinion"], event, order)


def _holders(order: Order, by: By, role: str) -> list[Person]:
    return org.holders(role, company=order.company, on=localtime(by.at).date())


def _tell(people: Iterable[Person], title: Any, text: str, event: Event, order: Order) -> None:
    tell_many(
        Word(person, f"{order}: {title}", text, order.path, event.at, f"event:{event.pk}", order.case, event)
        for person in dict.fromkeys(people)
    )
