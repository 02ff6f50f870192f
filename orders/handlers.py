"""What the front office does with its own papers when an order ends early, and whom it tells (N-06, N-07,
N-12…N-15)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from flow import events
from flow.events import By
from flow.models import Event
from integration.notices import Word, tell_many
from orders.actions import change_notice, change_talks, contract, quotation
from orders.models import Contract, Order, OrderChange, Quotation
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


@events.on("orders.order.cancel")
def changes_end(event: Event, order: Order, by: By) -> None:
    """Nobody carries out a change of an order that is gone."""
    running = (*OrderChange.OPEN, *OrderChange.CARRIED_OUT, OrderChange.State.ARCHIVED)
    for one in order.changes.filter(state__in=running):
        change_talks.cancel.follow(one, by=by, cause=event)


@events.on("orders.order.stock_in")
def changes_are_done(event: Event, order: Order, by: By) -> None:
    """What is made need not be planned again; a change that waited only for that is done."""
    for one in order.changes.filter(state=OrderChange.State.FORWARDED):
        change_notice.finished(one, by, event)


@events.on("orders.change.classify")
def production_is_warned(event: Event, found: OrderChange, by: By) -> None:
    """A small change whose paper is still missing: production is warned, the lines stand still (E-17)."""
    if found.level == OrderChange.Level.L1 and not event.data["confirmed"]:
        _tell_of(found, _planners(found, by), _("Change to come, not confirmed in writing yet"), event)


@events.on("orders.change.report")
def leaders_hear(event: Event, found: OrderChange, by: By) -> None:
    """The leader of who took it, and the production manager, at once (N-13; ORD-28, ORD-29, ORD-36)."""
    leader = org.leader_of(by.actor)
    role = Role.TECH_LEADER if found.kind == OrderChange.Kind.TECHNICAL else Role.SALES_LEADER
    above = [leader] if leader and leader.is_active else _holders(found.order, by, role)
    _tell_of(found, [*above, *_planners(found, by)], found.get_level_display(), event)


@events.on("orders.change.send_technical_notice")
def technical_notice_arrives(event: Event, found: OrderChange, by: By) -> None:
    """Production and the leaders of the contract and order department get the notice (N-15, ORD-36)."""
    people = [*_holders(found.order, by, Role.PROD_LEADER), *_holders(found.order, by, Role.ORDER_MGR)]
    _tell_of(found, people, _("Technical change notice"), event)


@events.on("orders.change.hear_review", "orders.change.settle")
def who_took_it_hears(event: Event, found: OrderChange, by: By) -> None:
    """Who took the change takes the result to the customer, as soon as possible (ORD-28, ORD-29)."""
    _tell_of(found, [found.created_by], found.get_state_display(), event)


@events.on("orders.change.refuse")
def manager_settles(event: Event, found: OrderChange, by: By) -> None:
    """The customer does not accept a later day: the general manager settles it (ORD-28)."""
    people = [*_holders(found.order, by, Role.GM), *_holders(found.order, by, Role.DEPUTY_GM)]
    _tell_of(found, people, _("The customer refuses a later delivery"), event)


@events.on("orders.change.issue")
def notice_arrives(event: Event, found: OrderChange, by: By) -> None:
    """The production manager gets the notice, of a project also its manager (N-12, ORD-26, ORD-32)."""
    people = _planners(found, by)
    if found.order.is_project:
        people = [*people, *_holders(found.order, by, Role.PROD_MGR), *_holders(found.order, by, Role.PM)]
    _tell_of(found, people, _("Change notice"), event)


@events.on("orders.change.forward")
def departments_hear(event: Event, found: OrderChange, by: By) -> None:
    """The leader of each department is to acknowledge it (N-12, ORD-27)."""
    rows = found.forwards.select_related("department__leader")
    leaders = [row.department.leader for row in rows if row.department.leader]
    _tell_of(found, leaders, _("Change to acknowledge"), event)


@events.on("orders.change.archive")
def archive_is_asked(event: Event, found: OrderChange, by: By) -> None:
    """Sales confirms that it has the customer's paper (ORD-39)."""
    _tell_of(found, _holders(found.order, by, Role.SALES_CLERK), _("Customer's paper for the archive"), event)


def _planners(found: OrderChange, by: By) -> list[Person]:
    return _holders(found.order, by, Role.PLANNER if found.order.is_project else Role.PROD_MGR)


def _tell_of(found: OrderChange, people: Iterable[Person], title: Any, event: Event) -> None:
    tell_many(
        Word(
            person,
            f"{found}: {title}",
            found.wish[:200],
            found.path,
            event.at,
            f"event:{event.pk}",
            found.case,
            event,
        )
        for person in dict.fromkeys(people)
    )


def _holders(order: Order, by: By, role: str) -> list[Person]:
    return org.holders(role, company=order.company, on=localtime(by.at).date())


def _tell(people: Iterable[Person], title: Any, text: str, event: Event, order: Order) -> None:
    tell_many(
        Word(person, f"{order}: {title}", text, order.path, event.at, f"event:{event.pk}", order.case, event)
        for person in dict.fromkeys(people)
    )
