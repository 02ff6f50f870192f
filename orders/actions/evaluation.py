"""The verbs of the evaluation (ORD-58, ORD-59)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from flow import actions
from flow.events import By
from flow.models import Event
from flow.refusals import Refused
from orders.actions.closing import complete
from orders.forms.commerce import AnswerForm, FinishForm
from orders.models import Evaluation, EvaluationAnswer, Order
from org import queries as org
from org.roles import Role

DEPARTMENTS = (
    Role.SALES_LEADER,
    Role.SALES_CLERK,
    Role.SALESPERSON,
    Role.ORDER_DESK,
    Role.ORDER_MGR,
    Role.MARKETING,
    Role.PM,
    Role.PLANNER,
    Role.MAT_CONTROLLER,
    Role.PROD_MGR,
    Role.PROD_LEADER,
    Role.TECH_LEADER,
    Role.PURCH_LEADER,
    Role.QC_LEADER,
    Role.LOGISTICS_LEADER,
    Role.SHIP_LEADER,
    Role.SERVICE_LEADER,
    Role.FINANCE,
)


@actions.creation(Evaluation, _("Open evaluation"), parent="order", rules="ORG-07 ORD-58")
def open_evaluation(by: By, *, order: Order, on_time: bool) -> Evaluation:
    """Every completed order is evaluated."""
    return actions.draft(
        Evaluation, by=by, case=order.case, company=order.company, order=order, on_time=on_time
    )


@complete.then
def evaluation_is_opened(order: Order, by: By, event: Event) -> None:
    """Ask the departments what they think of the order."""
    on_time = date.fromisoformat(str(event.data["accepted_on"])) <= order.delivery_on
    open_evaluation.follow(by=by, cause=event, order=order, on_time=on_time)


@actions.action(Evaluation, _("Answer"), AnswerForm, may=DEPARTMENTS, rules="ORD-58 ORD-59")
def answer(
    evaluation: Evaluation, by: By, *, score: int, problems: str = "", proposal: str = ""
) -> dict[str, Any]:
    """Give the opinion of the actor's department. Raises Refused when it has answered already."""
    department = _department_of(by)
    if evaluation.answers.filter(department=department).exists():
        sentence = _("The department “{department}” has answered already.")
        raise Refused(sentence.format(department=department))
    EvaluationAnswer.objects.create(
        evaluation=evaluation,
        department=department,
        person=by.actor,
        score=score,
        problems=problems,
        proposal=proposal,
        at=by.at,
    )
    evaluation.answer()
    return {"department": department, "score": score}


@actions.action(
    Evaluation, _("Finish evaluation"), FinishForm, may=(Role.EVALUATOR,), numbers=True, rules="ORD-58"
)
def finish(evaluation: Evaluation, by: By, *, summary: str) -> None:
    """Sum up what the departments said; the order may be archived now."""
    evaluation.summary = summary
    evaluation.finish()


def _department_of(by: By) -> str:
    """For which department somebody speaks: the one they work in, else their post."""
    if by.actor.department:
        return by.actor.department.name
    held = {post.role for post in org.posts(by.actor, on=localtime(by.at).date())}
    return str(next(Role(role).label for role in DEPARTMENTS if role in held))
