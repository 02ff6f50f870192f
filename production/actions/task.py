"""The tasks of a plan: the departments accept or object, do, and report; the issuer confirms."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from flow import actions, papers
from flow.events import By
from flow.forms import ReasonForm
from flow.policy import Viewer
from flow.refusals import Invalid, Refused
from org.calendars import worktime
from org.roles import Role
from production.forms import CoordinateForm, ObjectionForm, ReportForm, RulingForm
from production.models import Plan, PlanLine, Task, TaskKind

SHOP = frozenset({Role.PROD_LEADER, Role.WS_LEADER, Role.WORKSHOP_DIRECTOR})
# Who leads the department that does a task of the kind, where nobody is named as its leader.
LEADERS: dict[str, frozenset[str]] = {
    TaskKind.DESIGN: frozenset({Role.TECH_LEADER}),
    TaskKind.DRAWING: frozenset({Role.TECH_LEADER}),
    TaskKind.COOPERATE: frozenset({Role.PROD_MGR, Role.PROD_LEADER}),
    TaskKind.PURCHASE: frozenset({Role.PURCH_LEADER}),
    TaskKind.PRODUCE: SHOP,
    TaskKind.ASSEMBLE: SHOP,
    TaskKind.INSPECT: frozenset({Role.QC_LEADER}),
    TaskKind.PACK: frozenset({Role.PACK_LEADER}),
    TaskKind.OTHER: frozenset(),
}
# Any of these may be the named leader of a department.
DEPARTMENT_LEADERS = (
    *SHOP, Role.TECH_LEADER, Role.PURCH_LEADER, Role.QC_LEADER, Role.PACK_LEADER, Role.PROD_MGR, Role.PROD_VP,
    Role.SALES_LEADER, Role.ORDER_MGR, Role.PLAN_SUPERVISOR, Role.LOGISTICS_LEADER, Role.SHIP_LEADER,
    Role.SERVICE_LEADER, Role.BU_LEADER, Role.COMPANY_LEADER, Role.MARKETING,
)  # fmt: skip
ISSUERS = (Role.PROD_MGR, Role.PLANNER)


def receives(task: Task, viewer: Viewer) -> bool:
    """Whether the person leads the department that is to do the task: by name, or by post."""
    here = [p for p in viewer.posts if p.company_id in (None, task.company_id)]
    if task.department.leader_id == viewer.person.pk:
        return bool(here)
    return any(p.role in LEADERS[task.kind] and p.department_id in (None, task.department_id) for p in here)


def issued(task: Task, viewer: Viewer) -> bool:
    """Whether the person issued the task, or holds the issuer's post in the company of the order."""
    if not viewer.posts:
        return False
    role = Role.PLANNER if task.plan.order.is_project else Role.PROD_MGR
    return task.issued_by_id == viewer.person.pk or viewer.holds(frozenset({role}), {task.case.company_id})


@actions.creation(Task, _("Issue task"), parent="plan", numbers=True, rules="PRD-09 PRD-13")
def create(by: By, *, plan: Plan, line: PlanLine) -> Task:
    """Hand a line of the issued plan over to its department; the clock of its answer starts (TM-07)."""
    return actions.draft(
        Task,
        by=by,
        case=plan.case,
        company=line.department.company,
        plan=plan,
        position=line.position,
        kind=line.kind,
        department=line.department,
        issued_by=by.actor,
        start_on=line.start_on,
        finish_on=line.finish_on,
        text=line.text,
    )


@actions.action(Task, _("Accept task"), may=DEPARTMENT_LEADERS, entitled=receives, rules="PRD-13")
def accept(task: Task, by: By) -> None:
    """The department will do it by the date."""
    task.accept()


@actions.action(
    Task, _("Object to the date"), ObjectionForm, may=DEPARTMENT_LEADERS, entitled=receives, rules="PRD-13"
)
def object(task: Task, by: By, *, proposed_on: date, reason: str) -> dict[str, Any]:
    """The department cannot do it by the date; to be said within one working day (PRD-13)."""
    if by.at > worktime(task.company).add_workdays(task.created_at, 1):
        raise Refused(_("An objection is raised within one working day; that is over: accept the task."))
    if proposed_on <= task.finish_on:
        raise Invalid({"proposed_on": _("The proposed date must be later than the planned one.")})
    task.object()
    task.proposed_on, task.objection = proposed_on, reason
    return {"proposed_on": proposed_on, "reason": reason}


@actions.action(Task, _("Coordinate"), CoordinateForm, may=ISSUERS, entitled=issued, rules="PRD-14")
def coordinate(task: Task, by: By, *, opinion: str, finish_on: date | None = None) -> dict[str, Any]:
    """The issuer settles the objection with the department: another date, or help to keep this one."""
    task.coordinate()
    return _decide(task, finish_on or task.finish_on, opinion)


@actions.action(Task, _("Rule on the objection"), RulingForm, may=(Role.GM,), rules="PRD-14 PRD-15 E-10")
def rule(task: Task, by: By, *, finish_on: date, opinion: str) -> dict[str, Any]:
    """The general manager of the company that objects has the last word (E-10)."""
    task.rule()
    return _decide(task, finish_on, opinion)


@actions.action(Task, _("Start task"), may=DEPARTMENT_LEADERS, entitled=receives, rules="PRD-22")
def start(task: Task, by: By) -> None:
    """The department begins."""
    task.start()


@actions.action(
    Task,
    _("Report done"),
    ReportForm,
    may=DEPARTMENT_LEADERS,
    entitled=receives,
    rules="PRD-18 PRD-19 PRD-20 PRD-21",
)
def report_done(task: Task, by: By, *, result: str = "", record: Any = None) -> dict[str, Any]:
    """The department says that it is done, with its record if there is one."""
    if record:
        papers.attach(task, "record", record, by=by)
    task.result = result
    task.report_done()
    return {"result": result}


@actions.action(
    Task,
    _("Confirm done"),
    may=ISSUERS,
    entitled=issued,
    not_by=("report_done",),
    rules="PRD-18 PRD-19 PRD-20 PRD-21",
)
def confirm_done(task: Task, by: By) -> None:
    """The issuer, not the one who reported, finds that it is done as the handbook defines it."""
    task.confirm_done()


@actions.action(Task, _("Not done yet"), ReasonForm, may=ISSUERS, entitled=issued, rules="PRD-18")
def refuse_done(task: Task, by: By, *, reason: str) -> dict[str, Any]:
    """The issuer finds that it is not done: it goes back to the department."""
    task.refuse_done()
    return {"reason": reason}


@actions.consequence(Task, _("Cancelled"))
def cancel(task: Task, by: By) -> None:
    """The order ended, or another version of the plan took over."""
    task.cancel()


def _decide(task: Task, finish_on: date, opinion: str) -> dict[str, Any]:
    if finish_on < task.start_on:
        raise Invalid({"finish_on": _("The task ends before it starts.")})
    old, task.finish_on, task.decision = task.finish_on, finish_on, opinion
    return {"old_finish_on": old, "finish_on": finish_on, "opinion": opinion}
