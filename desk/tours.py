"""The first tour of each post: what is mine, where I begin, what the clock says, how I find the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from desk import team
from desk.models import Preference
from flow.policy import Viewer
from org.roles import Role

KEPT = "tour"
# A person of several posts is shown the first of each, no more than this in all.
MOST = 3
NEW = "new"


@dataclass(frozen=True)
class Stop:
    """A stop of a tour: its words, the page it leads to, and what is lit up on the workbench."""

    title: Any
    text: Any
    href: str
    spot: str = ""


@dataclass(frozen=True)
class Place:
    """A stop of a post: its words and the documents it is about; `new` leads to their empty form."""

    title: Any
    text: Any
    label: str
    way: str = ""

    def stop(self) -> Stop:
        """The stop with its address; the navigation shows where it is found later."""
        app, slug = self.label.split(".")
        listed = reverse("desk:list", args=[app, slug])
        href = reverse("desk:create", args=[app, slug]) if self.way == NEW else listed
        return Stop(self.title, self.text, href, f'.side a[href="{listed}"]')


ORDERS = Place(
    _("Where each order stands"),
    _("Stage, nearest clock and, where it is late, the department that holds it up."),
    "orders.order",
)
RECEIVE = Place(
    _("Receive an order"),
    _("Customer, channel, lines and date: it has its number at once. Then the requirements are confirmed."),
    "orders.order",
    NEW,
)
REVIEW = Place(
    _("Your seat in the review"),
    _("Say whether it is feasible by the date; two taps suffice. You have one working day for it."),
    "review.round",
)
TASKS = Place(
    _("Tasks of your department"),
    _("Accept a task or object to its date within one working day; report it when it is done."),
    "production.task",
)
PLANS = Place(
    _("From the instruction to the plan"),
    _("Assemblies are planned within 24 hours after the instruction, other products within 4 hours."),
    "production.plan",
)
WORK_ORDERS = Place(
    _("Work orders"),
    _("What is released, has its material, is being made or waits for inspection."),
    "production.work_order",
)
REQUISITIONS = Place(
    _("What is to be bought"),
    _("The plan drafts what an order needs; what is asked for by hand is approved first."),
    "procurement.requisition",
)
SHIPMENTS = Place(
    _("Shipping notices"),
    _("The notice is issued one day before the dispatch; the customer is told on the day of the receipt."),
    "delivery.shipment",
)
PACKAGING = Place(
    _("Packaging"),
    _("Only what has passed is packed; nothing is left out of the box."),
    "production.packaging",
)
DECISIONS = Place(
    _("What only you decide"),
    _("Non-regular orders after their review, orders that cannot be made in time, cancelled contracts."),
    "review.round",
)
PLACES: dict[str, tuple[Place, ...]] = {
    Role.SALES_CLERK: (
        RECEIVE,
        Place(
            _("Four hours to the instruction"),
            _("Once the order takes effect you have four hours to issue the production instruction."),
            "production.instruction",
        ),
    ),
    Role.SALESPERSON: (
        RECEIVE,
        Place(
            _("Receipts and invoices"),
            _("Bring back the receipt the customer signed, then ask finance for the invoice."),
            "delivery.shipment",
        ),
    ),
    Role.SALES_LEADER: (
        Place(
            _("Prices that differ"),
            _("A price that is not the list's waits for you before the customer sees it."),
            "orders.quotation",
        ),
        ORDERS,
    ),
    Role.ORDER_DESK: (
        Place(
            _("Chair the review"),
            _("See that every seat answers, state the result, send back what is not complete."),
            "review.round",
        ),
        SHIPMENTS,
    ),
    Role.ORDER_MGR: (REVIEW, ORDERS),
    Role.MARKETING: (
        RECEIVE,
        Place(
            _("Project contracts"),
            _("You chair the review of projects, make their contracts and instruct production."),
            "orders.contract",
        ),
    ),
    Role.PM: (RECEIVE, ORDERS),
    Role.PLANNER: (PLANS, TASKS),
    Role.PLAN_SUPERVISOR: (REQUISITIONS, PLANS),
    Role.MAT_CONTROLLER: (REQUISITIONS, WORK_ORDERS),
    Role.PROD_MGR: (PLANS, REVIEW),
    Role.PROD_LEADER: (TASKS, WORK_ORDERS),
    Role.PROD_VP: (PLANS, ORDERS),
    Role.WS_LEADER: (TASKS, WORK_ORDERS),
    Role.WORKSHOP_DIRECTOR: (TASKS, WORK_ORDERS),
    Role.TEAM_LEADER: (
        Place(
            _("Start, assemble, send to inspection"),
            _("A work order that has its material is yours to start; the card is signed before inspection."),
            "production.work_order",
        ),
    ),
    Role.PROCESS_ENG: (WORK_ORDERS,),
    Role.ASSEMBLER: (
        Place(
            _("Sign your operation"),
            _("Sign what you did on the process card, with what is still owed."),
            "production.work_order",
        ),
    ),
    Role.PICKER: (
        Place(
            _("Check and take over"),
            _("The keeper puts the material ready; you count it and confirm the issue."),
            "warehouse.pick_list",
        ),
    ),
    Role.SHEET_METAL: (WORK_ORDERS,),
    Role.TECH_LEADER: (REVIEW, TASKS),
    Role.ENGINEER: (ORDERS, WORK_ORDERS),
    Role.PURCH_LEADER: (
        Place(
            _("Approve purchase orders"),
            _("Supplier, quantities, prices and dates, before anything is sent."),
            "procurement.purchase_order",
        ),
        TASKS,
    ),
    Role.BUYER: (
        REQUISITIONS,
        Place(
            _("Order and chase"),
            _("Five working days before a line arrives, ask the supplier when it really leaves."),
            "procurement.purchase_order",
        ),
    ),
    Role.LOGISTICS_LEADER: (
        Place(_("What goes into the store"), _("Slips that wait to be posted."), "warehouse.stock_in"),
        SHIPMENTS,
    ),
    Role.QC_LEADER: (
        REVIEW,
        Place(
            _("Inspections"),
            _("What waits, what failed, and what the inspectors found."),
            "quality.inspection",
        ),
    ),
    Role.INSPECTOR: (
        Place(
            _("Eight hours for what came"),
            _("Bought goods are judged within eight hours; nobody judges what he received or made."),
            "quality.inspection",
        ),
    ),
    Role.STOREKEEPER: (
        Place(
            _("Receive goods"),
            _("Count what came against the delivery note, hand it to quality, put away what passed."),
            "procurement.receipt",
        ),
        Place(
            _("Put material ready"), _("Each released work order has its pick list."), "warehouse.pick_list"
        ),
    ),
    Role.FG_KEEPER: (
        Place(_("Stock in"), _("Packed products that have passed go into your store."), "warehouse.stock_in"),
        SHIPMENTS,
    ),
    Role.SHIP_LEADER: (SHIPMENTS,),
    Role.SHIPPER: (
        Place(
            _("Dispatch"),
            _("Goods that are put ready leave with you; bring back the carrier's receipt."),
            "delivery.shipment",
        ),
    ),
    Role.PACK_LEADER: (PACKAGING, TASKS),
    Role.PACKER: (PACKAGING,),
    Role.GUARD: (
        Place(
            _("What leaves the house"),
            _("Which goods leave today, and by which vehicle."),
            "delivery.shipment",
        ),
    ),
    Role.FREIGHT_AUDITOR: (
        Place(_("Freight"), _("Which carrier brought what, and what arrived damaged."), "delivery.shipment"),
    ),
    Role.SERVICE_LEADER: (
        Place(
            _("Two hours to the first call"),
            _("A demand handed over to you is answered within two hours; then an engineer takes it up."),
            "aftersales.ticket",
        ),
    ),
    Role.SERVICE_ENG: (
        Place(_("Service on site"), _("Take up a ticket, say what was found and done."), "aftersales.ticket"),
    ),
    Role.GM: (DECISIONS, ORDERS),
    Role.DEPUTY_GM: (DECISIONS, ORDERS),
    Role.GROUP_GM: (ORDERS,),
    Role.BU_LEADER: (REQUISITIONS, ORDERS),
    Role.COMPANY_LEADER: (ORDERS,),
    Role.SENIOR_MGMT: (
        Place(
            _("Important orders"),
            _("Without your approval the contract of an important order is not signed."),
            "orders.order",
        ),
    ),
    Role.FINANCE: (
        Place(
            _("Payments"),
            _("The prepayment you book lets an order take effect; the clock of sales starts then."),
            "orders.payment",
        ),
        Place(_("Invoices"), _("Sales asks, you issue and send."), "aftersales.invoice"),
    ),
    Role.EVALUATOR: (
        Place(
            _("Evaluations"),
            _("The departments answer, you sum up, the order is archived."),
            "orders.evaluation",
        ),
    ),
    Role.ADMIN: (ORDERS,),
}


def stops_of(viewer: Viewer) -> list[Stop]:
    """The tour of a person: the workbench, the places of the posts held, the clock, how to find the rest."""
    work = Stop(
        _("Your work"),
        _("What is yours to do, the least time left first. Do the row at hand; the next one follows."),
        reverse("desk:home"),
        "#tasks",
    )
    clock = Stop(
        _("What the clock says"),
        _("Green is in time, yellow is near, red is late. Each clock shows how it was computed."),
        reverse("desk:rules"),
        "#tasks .clock",
    )
    return [work, *(place.stop() for place in places_of(viewer.roles)), clock, _last(viewer)]


def _last(viewer: Viewer) -> Stop:
    """What belongs to everybody, or to those who look after others."""
    if Role.ADMIN in viewer.roles and viewer.person.is_staff:
        title = _("People, calendar, clocks")
        text = _("In the administration you keep posts, working days, price lists and the limits of clocks.")
        return Stop(title, text, reverse("admin:index"), '.side a[href^="/admin/"]')
    if team.leads(viewer.person):
        text = _("The clocks of those you lead, the worst first.")
        return Stop(_("Your people"), text, reverse("desk:team"), ".tabs")
    text = _("A part of a number, a customer or an item is enough. Ctrl+K opens it on every page.")
    return Stop(_("Find anything"), text, reverse("desk:find"), ".find")


def places_of(roles: Iterable[str]) -> list[Place]:
    """The places of these posts: all of a single post, the first ones of several."""
    held = [PLACES[role] for role in Role.values if role in set(roles)]
    if len(held) == 1:
        return list(held[0])
    firsts = [place for places in held for place in places[:1]] + [p for places in held for p in places[1:]]
    return list(dict.fromkeys(firsts))[:MOST]


def is_due(viewer: Viewer) -> bool:
    """Whether the person has not put the tour away yet; nobody is shown one who holds no post. One query."""
    return bool(viewer.posts) and not Preference.of(viewer.person, KEPT, default=False)


def put_away(viewer: Viewer) -> None:
    """The tour is not shown on the workbench any more."""
    Preference.keep(viewer.person, KEPT, True)


def bring_back(viewer: Viewer) -> None:
    """Show it on the workbench again."""
    Preference.keep(viewer.person, KEPT, False)
