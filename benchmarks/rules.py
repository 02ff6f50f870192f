"""Clocks of the measurements: the confirmation of a clocked order closes one deadline and opens two."""

from __future__ import annotations

from benchmarks.bulk import CLOCKED
from deadlines.rules import hours, rule, upon, within
from orders.models import Order
from org.roles import Role


def _clocked(order: Order) -> bool:
    return order.remark == CLOCKED


rule(
    "bench_confirm",
    "TM-00",
    "A clocked order is confirmed within four hours.",
    start=upon("orders.order.receive", _clocked),
    stop=upon("orders.order.confirm_requirements", _clocked),
    due=within(hours=4),
    warn=hours(1),
    owner=lambda order: order.created_by,
    escalation=[Role.SALES_LEADER, Role.GM],
)
for _name, _hours in (("first", 4), ("second", 8)):
    rule(
        f"bench_{_name}",
        "TM-00",
        "A confirmed order goes on within some hours.",
        start=upon("orders.order.confirm_requirements", _clocked),
        stop=upon("orders.order.submit_review", _clocked),
        due=within(hours=_hours),
        warn=hours(1),
        owner=Role.SALES_CLERK,
        escalation=[Role.SALES_LEADER, Role.GM],
    )
