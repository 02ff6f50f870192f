"""A change of a signed order, from the customer's first word to what is agreed (ORD-25…37, D3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from flow import actions, guards, papers
from flow.events import By
from flow.models import Event
from flow.policy import Viewer
from flow.refusals import Invalid
from orders.actions import hold
from orders.forms.change import (
    ChangeForm,
    ChangeLineForm,
    ClassifyForm,
    DecideForm,
)
from orders.forms.order import PASSED
from orders.models import Order, OrderChange, OrderChangeLine, Stage
from org.roles import Role

State, Level, Kind = OrderChange.State, OrderChange.Level, OrderChange.Kind
SELLERS = (Role.SALES_CLERK, Role.SALESPERSON, Role.MARKETING)
DESIGNERS = (Role.ENGINEER, Role.TECH_LEADER)
# The questions of the decision table, which are fields of the change.
LINE_SAYS = ["quantity", "delivery_on", "technical_requirement", "quality_requirement"]
QUESTIONS = (
    "changes_structure", "changes_specification", "changes_model", "changes_maker", "affects_plan",
    "raises_cost",
)  # fmt: skip


def who_changes(change: OrderChange) -> frozenset[str]:
    """Sales carries a commercial change, the technical department a technical one (C2)."""
    return frozenset(DESIGNERS if change.kind == Kind.TECHNICAL else SELLERS)


@actions.creation(
    OrderChange,
    _("Receive change"),
    ChangeForm,
    lines=ChangeLineForm,
    parent="order",
    may=(*SELLERS, *DESIGNERS),
    numbers=True,
    rules="ORD-25 ORD-34 ORD-31",
    awaited=False,
)
def create(
    by: By, *, order: Order, kind: str, lines: list[dict[str, Any]], confirmation: Any = None, **fields: Any
) -> OrderChange:
    """Write down what the customer wants otherwise; the clock of thirty minutes runs (ORD-25, ORD-34).

    Raises Invalid for a line that the order does not have, has shipped, or that would change nothing.
    """
    _check_kind(kind, order, by)
    check_date(fields.get("delivery_on"), by)
    rows = _rows(order, lines, by)
    change = actions.draft(
        OrderChange, by=by, case=order.case, company=order.company, order=order, kind=kind, **fields
    )
    for row in rows:
        row.change = change
    OrderChangeLine.objects.bulk_create(rows)
    if confirmation:
        papers.attach(change, "confirmation", confirmation, by=by)
    papers.log_contact(change, by=by, party=change.party, channel=change.channel, content=change.wish)
    change.said = {"kind": kind}
    return change


@guards.ask("orders.change.create")
def against_changing(order: Order) -> Iterator[Any]:
    """Before the signature an order is edited and reviewed again; after shipping it is a service (D3)."""
    if order.state in Order.UNSIGNED:
        yield _("The order is not signed yet: edit it, and it is reviewed again.")
    elif order.state not in OrderChange.CHANGEABLE:
        yield _("The order is “{state}”: what is wanted now is a service ticket or a new order.").format(
            state=order.get_state_display()
        )


def level_of(kind: str, *, checklist: bool, affects_plan: bool) -> str:
    """The level by the decision table of D3; a technical change of the plan alone counts as B (E-15)."""
    if kind == Kind.TECHNICAL:
        return Level.B if checklist or affects_plan else Level.A
    if checklist:
        return Level.L3
    return Level.L2 if affects_plan else Level.L1


@actions.action(
    OrderChange,
    _("Classify change"),
    ClassifyForm,
    may=(*SELLERS, *DESIGNERS),
    may_on=who_changes,
    rules="ORD-25 ORD-26 ORD-28 ORD-29 ORD-34 ORD-35 ORD-36 E-14 E-15",
)
def classify(change: OrderChange, by: By, *, grounds: str, **answers: bool) -> dict[str, Any]:
    """Answer the questions of the decision table: the level, and with it the way, follows from them."""
    for name in QUESTIONS:
        setattr(change, name, bool(answers.get(name)))
    moved = change.lines.exclude(quantity=None, delivery_on=None).exists() or change.delivery_on is not None
    if moved and not change.affects_plan:
        sentence = _("A quantity or a date changes, so the plan is affected.")
        raise Invalid({"affects_plan": sentence})
    change.grounds = grounds
    change.level = level_of(change.kind, checklist=change.checklist, affects_plan=change.affects_plan)
    change.classify()
    return {"level": change.level, "confirmed": papers.attached(change, "confirmation").exists()}


@classify.then
def stand_still_and_report(change: OrderChange, by: By, event: Event) -> None:
    """The lines it is about stand still; a change that is not small is reported at once (ORD-28, ORD-29)."""
    hold.settle(change.order, by=by, cause=event)
    if change.level in (Level.L2, Level.L3, Level.B):
        report.follow(change, by=by, cause=event)


@actions.consequence(OrderChange, _("Reported to the leader"), rules="ORD-28 ORD-29 ORD-36")
def report(change: OrderChange, by: By) -> None:
    """The department's leader and the production manager know of it."""
    change.report()


@report.then
def review_begins(change: OrderChange, by: By, event: Event) -> None:
    """Level 2: the delivery date alone is reviewed; level 3: everything, as of a non-regular order."""
    if change.level == Level.L2:
        review_date.follow(change, by=by, cause=event)
    elif change.level == Level.L3:
        review_all.follow(change, by=by, cause=event)


@actions.consequence(OrderChange, _("Delivery date in review"), rules="REV-24 ORD-28")
def review_date(change: OrderChange, by: By) -> None:
    """The review opens a round with the seats of the date (REV-24)."""
    change.review_date()


@actions.consequence(OrderChange, _("In review again"), rules="REV-25 ORD-29")
def review_all(change: OrderChange, by: By) -> None:
    """The review opens a round by the rules of non-regular orders (REV-25)."""
    change.review_all()


@actions.consequence(OrderChange, _("Reviewed"), rules="ORD-28 ORD-29")
def hear_review(
    change: OrderChange, by: By, *, decision: str, conditions: str, earliest_on: date | None
) -> None:
    """What the round decided (`passed`, `conditional`, `infeasible`, `rejected`), and its earliest day."""
    if earliest_on and earliest_on > (change.delivery_on or change.order.delivery_on):
        change.delivery_on = earliest_on
    change.conditions = conditions
    if decision == "rejected":
        change.hear_review(State.REJECTED)
    elif decision != "passed" or change.is_later:
        change.hear_review(State.CUSTOMER_CONTACT)
    else:
        change.hear_review(State.AGREED)


@actions.action(OrderChange, _("Send technical change notice"), may=DESIGNERS, rules="ORD-36 ORD-38")
def send_technical_notice(change: OrderChange, by: By) -> None:
    """The notice goes to production and to the contract and order department, with the customer's demand."""
    change.send_technical_notice()


@actions.action(OrderChange, _("Decide technical change"), DecideForm, may=(Role.ORDER_MGR,), rules="ORD-37")
def decide(
    change: OrderChange, by: By, *, review: str, opinion: str, supplement: bool = False
) -> dict[str, Any]:
    """Say whether it is reviewed and whether the price is agreed on anew (ORD-37)."""
    change.supplement_asked, change.decision = supplement, opinion
    if review == "none":
        change.decide()
    return {"review": review, "supplement": supplement, "opinion": opinion}


@decide.then
def review_as_decided(change: OrderChange, by: By, event: Event) -> None:
    """A review that was decided on opens at once."""
    verb = {"date": review_date, "full": review_all}.get(event.data["review"])
    if verb:
        verb.follow(change, by=by, cause=event)


def _check_kind(kind: str, order: Order, by: By) -> None:
    """Who takes the customer's word must be one of those who carry this kind of change (C2)."""
    roles = DESIGNERS if kind == Kind.TECHNICAL else SELLERS
    if not Viewer.of(by.actor, by.at).holds(frozenset(roles), {order.company_id}):
        raise Invalid(
            {"kind": _("Technical changes are taken by the technical department, others by sales.")}
        )


def check_date(day: date | None, by: By) -> None:
    if day and day < localtime(by.at).date():
        raise Invalid({"delivery_on": PASSED})


def _rows(order: Order, lines: list[dict[str, Any]], by: By) -> list[OrderChangeLine]:
    """The rows of the change, with what the order says now beside what it is to say."""
    own = {line.position: line for line in order.lines.select_related("item")}
    wrong: dict[int, dict[str, Any]] = {}
    rows: list[OrderChangeLine] = []
    for number, line in enumerate(lines):
        position = line["position"]
        if errors := _errors(order, own.get(position), line, by, [r.position for r in rows]):
            wrong[number] = errors
            continue
        old = own[position]
        told = {name: value for name, value in line.items() if name != "position" and value not in (None, "")}
        rows.append(
            OrderChangeLine(
                position=position,
                order_line=old,
                old_quantity=old.quantity,
                old_delivery_on=old.delivery_on,
                **told,
            )
        )
    if wrong:
        raise Invalid(lines=wrong)
    return rows


def _errors(order: Order, old: Any, line: dict[str, Any], by: By, taken: list[int]) -> dict[str, Any]:
    if old is None:
        return {"position": _("The order has no such line.")}
    if line["position"] in taken:
        return {"position": _("This line stands here twice.")}
    if order.tally[Stage.DISPATCHED][old.pk] >= old.quantity:
        return {
            "position": _("This line is shipped already: a service ticket or a new order is what is wanted.")
        }
    if line.get("delivery_on") and line["delivery_on"] < localtime(by.at).date():
        return {"delivery_on": PASSED}
    if not any(
        line.get(name) for name in ("quantity", "delivery_on", "technical_requirement", "quality_requirement")
    ):
        return {"position": _("Say what changes in this line.")}
    return {}
