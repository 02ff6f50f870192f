"""A task of a plan in the hands of the department that is to do it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from flow.models import Document
from org.models import Department
from production.models.plan import Plan, TaskKind


class Task(Document):
    """计划任务: what a department is to do by when; it accepts or objects (PRD-12…15, PRD-18…21).

    Its company is that of the receiving department, its case that of the order.
    """

    slug = "task"
    prefix = "RW"

    class State(models.TextChoices):
        ISSUED = "issued", _("Issued")
        OBJECTED = "objected", _("Objected")
        COORDINATED = "coordinated", _("Coordinated")
        RULED = "ruled", _("Ruled")
        ACCEPTED = "accepted", _("Accepted")
        IN_PROGRESS = "in_progress", _("In progress")
        REPORTED_DONE = "reported_done", _("Reported done")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    state = FSMField(_("state"), choices=State, default=State.ISSUED, protected=True, db_index=True)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="tasks", verbose_name=_("plan"))
    position = models.PositiveIntegerField(_("line"))
    kind = models.CharField(_("kind"), max_length=20, choices=TaskKind)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name=_("department"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("issued by")
    )
    start_on = models.DateField(_("start"))
    finish_on = models.DateField(_("finish"))
    text = models.CharField(_("task"), max_length=500, blank=True)
    proposed_on = models.DateField(_("proposed finish"), null=True, blank=True)
    objection = models.TextField(_("objection"), blank=True)
    decision = models.TextField(_("decision on the objection"), blank=True)
    result = models.TextField(_("result"), blank=True)

    class Meta:
        verbose_name = _("plan task")
        verbose_name_plural = _("plan tasks")
        constraints = (
            models.UniqueConstraint(fields=["plan", "position"], name="production_task_line_once"),
            models.CheckConstraint(name="production_task_dates", condition=Q(finish_on__gte=F("start_on"))),
        )

    @transition(state, source=[State.ISSUED, State.COORDINATED, State.RULED], target=State.ACCEPTED)
    def accept(self) -> None: ...

    @transition(state, source=State.ISSUED, target=State.OBJECTED)
    def object(self) -> None: ...

    @transition(state, source=State.OBJECTED, target=State.COORDINATED)
    def coordinate(self) -> None: ...

    @transition(state, source=[State.OBJECTED, State.COORDINATED], target=State.RULED)
    def rule(self) -> None: ...

    @transition(state, source=State.ACCEPTED, target=State.IN_PROGRESS)
    def start(self) -> None: ...

    @transition(state, source=State.IN_PROGRESS, target=State.REPORTED_DONE)
    def report_done(self) -> None: ...

    @transition(state, source=State.REPORTED_DONE, target=State.DONE)
    def confirm_done(self) -> None: ...

    @transition(state, source=State.REPORTED_DONE, target=State.IN_PROGRESS)
    def refuse_done(self) -> None: ...

    @transition(
        state,
        source=[
            State.ISSUED, State.OBJECTED, State.COORDINATED, State.RULED, State.ACCEPTED, State.IN_PROGRESS,
            State.REPORTED_DONE,
        ],
        target=State.CANCELLED,
    )  # fmt: skip
    def cancel(self) -> None: ...
