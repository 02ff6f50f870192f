"""Who sits in a review, and what an order's last round says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from flow.guards import ask
from orders.models import Order, OrderChange
from org.models import Company
from org.roles import Role
from review.models import Round

FIRST, SECOND = 1, 2


@dataclass(frozen=True)
class Plan:
    """A seat as the route asks for it."""

    role: Role
    wave: int = FIRST
    is_chair: bool = False


_PROJECT = (
    Plan(Role.MARKETING, is_chair=True),
    Plan(Role.TECH_LEADER),
    Plan(Role.PURCH_LEADER),
    Plan(Role.PLANNER, SECOND),
)
# The seats of each route in their order (REV-06, REV-11…REV-15, REV-18, REV-19…REV-23).
ROUTES: dict[str, tuple[Plan, ...]] = {
    Round.Route.T5_REGULAR: (Plan(Role.ORDER_DESK, is_chair=True), Plan(Role.PROD_MGR)),
    Round.Route.T7_REGULAR: (
        Plan(Role.SALES_CLERK, is_chair=True),
        Plan(Role.PROD_MGR),
        Plan(Role.MAT_CONTROLLER),
    ),
    Round.Route.T5_NON_REGULAR: (
        Plan(Role.ORDER_MGR, is_chair=True),
        Plan(Role.TECH_LEADER),
        Plan(Role.QC_LEADER),
        Plan(Role.PURCH_LEADER),
        Plan(Role.PROD_MGR, SECOND),
    ),
    Round.Route.T7_NON_REGULAR: (
        Plan(Role.SALES_CLERK, is_chair=True),
        Plan(Role.TECH_LEADER),
        Plan(Role.PROD_MGR),
        Plan(Role.MAT_CONTROLLER),
    ),
    Round.Route.PROJECT: _PROJECT,
    Round.Route.PROJECT_NON_REGULAR: _PROJECT,
    # A change of the date alone asks production and material control (REV-24).
    Round.Route.DATE: (Plan(Role.PROD_MGR, is_chair=True), Plan(Role.MAT_CONTROLLER)),
    Round.Route.PROJECT_DATE: (Plan(Role.PLANNER, is_chair=True), Plan(Role.MAT_CONTROLLER)),
}
NON_REGULAR = {
    Round.Route.T5_REGULAR: Round.Route.T5_NON_REGULAR,
    Round.Route.T7_REGULAR: Round.Route.T7_NON_REGULAR,
    Round.Route.PROJECT: Round.Route.PROJECT_NON_REGULAR,
}


def route_of(order: Order) -> str:
    """The route an order goes by: projects have their own, else company policy and class (E-61, E-64)."""
    regular = order.order_class == Order.OrderClass.REGULAR
    if order.is_project:
        return Round.Route.PROJECT if regular else Round.Route.PROJECT_NON_REGULAR
    if order.company.profile == Company.Profile.T7:
        return Round.Route.T7_REGULAR if regular else Round.Route.T7_NON_REGULAR
    return Round.Route.T5_REGULAR if regular else Round.Route.T5_NON_REGULAR


def route_of_change(change: OrderChange) -> str:
    """Only the seats of the date, or all those of a non-regular order, whatever the order's class was
    (REV-24, REV-25)."""
    if change.state == OrderChange.State.DATE_REVIEW:
        return Round.Route.PROJECT_DATE if change.order.is_project else Round.Route.DATE
    found = route_of(change.order)
    return str(NON_REGULAR.get(Round.Route(found), Round.Route(found)))


def last_round(order: Order) -> Round | None:
    """The newest round of the order itself; those of its changes decide nothing about it."""
    return order.rounds.filter(change=None).order_by("-round_no").first()


@ask("review.round.return_for_rework")
def not_the_last(round_: Round) -> Iterator[object]:
    """Only the round that is about the order as it stands sends it back (REV-04)."""
    if last_round(round_.order) != round_:
        yield _("A newer round reviews this order: it decides there.")


@ask("orders.order.start_postpone")
def not_infeasible(order: Order) -> Iterator[object]:
    """While the review runs, postponement is only negotiated once it found the date infeasible (REV-08)."""
    if order.state != Order.State.IN_REVIEW:
        return
    found = last_round(order)
    if found is None or found.state != Round.State.INFEASIBLE:
        yield _(
            "The review has not found the delivery date infeasible: a later date is talked about "
            "only when it has."
        )
