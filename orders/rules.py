"""The clocks of a change of a signed order (TM-02…TM-04, and the duties of ORD-28, ORD-37, ORD-39)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from deadlines.rules import hours, minutes, rule, upon, within
from flow.models import Event
from orders.models import OrderChange
from org.roles import Role

_CANCEL = "orders.change.withdraw"


def _commercial(change: OrderChange) -> bool:
    return change.kind == OrderChange.Kind.COMMERCIAL


def _technical(change: OrderChange) -> bool:
    return change.kind == OrderChange.Kind.TECHNICAL


def _answered(change: OrderChange, event: Event) -> bool:
    """Levels 2 and 3 are reported with it; level 1 without the paper has warned and stands still (E-17)."""
    return change.level != OrderChange.Level.L1 or not event.data["confirmed"]


def _seller(change: OrderChange) -> Role:
    return Role.MARKETING if change.order.is_project else Role.SALES_CLERK


def _planner(change: OrderChange) -> Role:
    return Role.PLANNER if change.order.is_project else Role.PROD_MGR


def _to_customer(change: OrderChange, event: Event) -> bool:
    return event.state_to == OrderChange.State.CUSTOMER_CONTACT


rule(
    "change_response_30min",
    "TM-02",
    _("A change is classified within 30 minutes; a small one is issued, any other reported, in that time."),
    start=upon("orders.change.create", _commercial),
    stop=(upon("orders.change.classify", _answered), "orders.change.issue"),
    cancel=_CANCEL,
    due=within(minutes=30),
    warn=minutes(10),
    owner=_seller,
    escalation=[Role.SALES_LEADER, Role.ORDER_MGR],
)

rule(
    "change_forward_30min",
    "TM-03",
    _("A change notice is forwarded to all departments involved within 30 minutes."),
    start="orders.change.issue",
    stop="orders.change.forward",
    due=within(minutes=30),
    warn=minutes(10),
    owner=_planner,
    escalation=[Role.GM],
)

rule(
    "technical_change_30min",
    "TM-04",
    _("A technical change is classified, and archived or sent out as a notice, within 30 minutes."),
    start=upon("orders.change.create", _technical),
    stop=("orders.change.archive", "orders.change.send_technical_notice"),
    cancel=_CANCEL,
    due=within(minutes=30),
    warn=minutes(10),
    owner=Role.ENGINEER,
    escalation=[Role.TECH_LEADER, Role.ORDER_MGR],
)

rule(
    "change_contact_4h",
    "ORD-28",
    _("What the review found is talked over with the customer within 4 hours."),
    start=upon("orders.change.hear_review", _to_customer),
    stop=("orders.change.agree", "orders.change.refuse"),
    cancel=_CANCEL,
    due=within(hours=4),
    warn=hours(1),
    owner=_seller,
    escalation=[Role.SALES_LEADER],
    counts=False,
)

rule(
    "technical_change_decision",
    "ORD-37",
    _("A technical change notice is decided on within one working day."),
    start="orders.change.send_technical_notice",
    stop="orders.change.decide",
    cancel=_CANCEL,
    due=within(workdays=1),
    warn=hours(2),
    owner=Role.ORDER_MGR,
    escalation=[Role.SALES_LEADER],
    counts=False,
)

rule(
    "change_archive",
    "ORD-39",
    _("The customer's paper reaches the archive within one working day."),
    start="orders.change.archive",
    stop="orders.change.confirm_archive",
    due=within(workdays=1),
    warn=hours(2),
    owner=Role.SALES_CLERK,
    escalation=[Role.SALES_LEADER],
    counts=False,
)
