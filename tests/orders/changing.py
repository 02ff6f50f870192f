"""How the tests carry a change of a signed order along."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from deadlines.models import Deadline
from orders import actions as orders
from orders.models import OrderChange
from review import actions as review
from tests.story import DELIVERY, Story, call, scan

LATER = DELIVERY + timedelta(days=20)
SMALL = [{"position": 1, "technical_requirement": "门板颜色改为 RAL7035"}]


def received(story: Story, lines: list[dict[str, Any]] | None = None, **said: Any) -> OrderChange:
    """The clerk takes the customer's word; an engineer takes a technical one."""
    by = story.by("engineer" if said.get("kind") == "technical" else "sales_clerk")
    given = {"kind": "commercial", "party": "王工", "channel": "phone", "wish": "门板换颜色", **said}
    return orders.change.create(by=by, order=story.order, lines=SMALL if lines is None else lines, **given)


def classified(story: Story, change: OrderChange, **answers: bool) -> OrderChange:
    by = story.by("engineer" if change.kind == "technical" else "sales_clerk")
    return again(orders.change.classify(change, by=by, grounds="按客户要求", **answers))


def again(change: OrderChange) -> OrderChange:
    return OrderChange.objects.select_related("company", "case", "order").get(pk=change.pk)


def reviewed(story: Story, change: OrderChange, **said: Any) -> OrderChange:
    """Every open seat of the change's round answers; the general manager decides where he does."""
    while seat := story.round.seats.filter(answered_at=None).exclude(opened_at=None).first():
        given = {"decision": "feasible", **said.get(seat.role, {})}
        review.give_opinion(story.round, by=story.by(seat.role), seat=seat.role, opinion="已核", **given)
    if story.round.manager_decides and story.round.state == "collecting":
        review.decide(story.round, by=story.by("gm"), decision="passed")
    return again(change)


def issued(story: Story, change: OrderChange) -> OrderChange:
    return again(orders.change_notice.issue(change, by=story.by("sales_clerk")))


def forwarded(story: Story, change: OrderChange, *codes: str) -> OrderChange:
    lines = [{"department": story.department(code)} for code in codes or ("SHOP",)]
    return again(orders.change_notice.forward(change, by=story.by("prod_mgr"), lines=lines))


def acknowledged(story: Story, change: OrderChange) -> OrderChange:
    for row in change.forwards.select_related("department__leader"):
        by = story.factory.by(row.department.leader.username, at=story.at)
        change = orders.change_notice.acknowledge(change, by=by, adjustment="已调整")
    return again(change)


def agreed_later(story: Story, change: OrderChange) -> OrderChange:
    """The customer agrees to the day found, and signs what follows from it."""
    change = orders.change_talks.agree(change, by=story.by("sales_clerk"), **call("同意延期"))
    return orders.change_talks.sign_agreement(
        change,
        by=story.by("sales_clerk"),
        signer="王工",
        signed_on=story.at.date(),
        agreement=scan("变更协议.pdf"),
    )


def clock(rule: str) -> Deadline:
    return Deadline.objects.filter(rule=rule).latest("pk")
