"""Rows of the clocks: runs of timed rules, their steps, the companies' settings, and periodic duties."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from flow.models import Case, Document, Event
from org.models import Company
from org.roles import Role


class TimedRule(models.Model):
    """时限规则: the name of a declared rule, so that settings can hang on it (SYS-06, SYS-07).

    Rules are declared in code; rows follow the declarations after each migration. The row "*" stands for
    all rules. `since` is when the house first knew the rule.
    """

    EVERY: ClassVar[str] = "*"

    slug = models.CharField(_("timed rule"), max_length=60, primary_key=True)
    code = models.CharField(_("rule number"), max_length=10)
    since = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("timed rule")
        verbose_name_plural = _("timed rules")
        ordering = ("code", "slug")

    def __str__(self) -> str:
        return f"{self.code} {self.slug}" if self.code else str(_("All rules"))


class RuleSetting(models.Model):
    """What a company (or, without one, the group) sets for a timed rule; each change is a new row (SYS-06).

    The latest row of a rule and company counts; empty fields leave what the rule ships with. The rule "*"
    carries only a clock: the company option "working time" of E-40. `amount`, `opens` and `warn_amount`
    are in the units the rule ships with.
    """

    append_only: ClassVar[bool] = True

    class Clock(models.TextChoices):
        ELAPSED = "elapsed", _("Elapsed time")
        WORKING = "working", _("Working time")

    rule = models.ForeignKey(TimedRule, models.PROTECT, related_name="settings", verbose_name=_("timed rule"))
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("company")
    )
    amount = models.PositiveIntegerField(_("limit"), null=True, blank=True)
    opens = models.PositiveIntegerField(_("opens before"), null=True, blank=True)
    clock = models.CharField(_("clock"), max_length=10, choices=Clock, blank=True)
    warn_amount = models.PositiveIntegerField(_("warning lead"), null=True, blank=True)
    chain = models.JSONField(_("escalation"), null=True, blank=True)
    active = models.BooleanField(_("active"), null=True, blank=True)
    note = models.CharField(_("reason"), max_length=200, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("set by")
    )
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("setting of a timed rule")
        verbose_name_plural = _("settings of timed rules")
        indexes = (models.Index(fields=["rule", "company", "id"], name="deadlines_setting_latest"),)
        constraints = (
            models.CheckConstraint(
                name="deadlines_setting_all_clock_only",
                condition=~Q(rule="*")
                | Q(
                    amount__isnull=True,
                    opens__isnull=True,
                    warn_amount__isnull=True,
                    chain__isnull=True,
                    active__isnull=True,
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule_id} ({self.company or _('Group')})"


class Deadline(models.Model):
    """时限: one run of one timed rule: started by an event, stopped by another, or escalated past (table A).

    `subject_type` and `subject_id` name the document, `line_id` a child row of it, `slot` one of several
    runs beside each other, `period` the turn of a duty. `terms` are those in force at the start, `ladder` its
    steps with their moments, `step` how many were taken, `next_at` when the next one falls due (None: no
    more). `breached` is never taken back. `parked_until` and `fault` set aside a row that fails.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        PAUSED = "paused", _("paused")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        SUPERSEDED = "superseded", _("superseded")

    RUNNING: ClassVar[tuple[str, ...]] = (State.OPEN, State.PAUSED)

    rule = models.CharField(_("timed rule"), max_length=60)
    code = models.CharField(_("rule number"), max_length=10)
    terms = models.JSONField(_("terms"))
    setting = models.ForeignKey(RuleSetting, models.PROTECT, null=True, related_name="+")
    counts = models.BooleanField(_("counts for the figures"), default=True)

    case = models.ForeignKey(Case, models.PROTECT, related_name="deadlines", verbose_name=_("case"))
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    line_id = models.BigIntegerField(null=True)
    path = models.CharField(_("page of the document"), max_length=120, blank=True)
    line_label = models.CharField(_("line"), max_length=120, blank=True)
    slot = models.CharField(_("part"), max_length=60, blank=True)
    period = models.CharField(_("period"), max_length=10, blank=True)

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("owner")
    )
    # "|role|role|": the roles whose holders own it when no person is named.
    owner_roles = models.CharField(max_length=200, blank=True)

    started_by = models.ForeignKey(Event, models.PROTECT, related_name="+")
    stopped_by = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(_("started at"))
    opens_at = models.DateTimeField(_("window opens at"))
    due_at = models.DateTimeField(_("due at"))
    done_at = models.DateTimeField(_("ended at"), null=True)
    paused_at = models.DateTimeField(_("paused at"), null=True)

    ladder = models.JSONField(default=list)
    step = models.PositiveSmallIntegerField(_("steps taken"), default=0)
    next_at = models.DateTimeField(_("next step at"), null=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.OPEN)
    breached = models.BooleanField(_("breached"), default=False)
    late_by = models.DurationField(_("late by"), null=True)
    provisional = models.BooleanField(_("provisional"), default=False)
    compressed = models.BooleanField(_("born late"), default=False)
    moved = models.BooleanField(_("moved off a holiday"), default=False)
    # Which calendar the moment was computed with; empty where it does not depend on one.
    calendar = models.CharField(max_length=40, blank=True)
    # What the computation began from: {"start_at", "date"}; for computing again when a calendar arrives.
    base = models.JSONField(default=dict)
    computed = models.JSONField(_("how it was computed"), default=list)
    parked_until = models.DateTimeField(null=True)
    fault = models.TextField(_("fault"), blank=True)

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        indexes = (
            # What the sweep asks at every tick; rows at rest are not in it.
            models.Index(
                fields=["next_at", "id"],
                name="deadlines_to_escalate",
                condition=Q(state="open", next_at__isnull=False),
            ),
            models.Index(fields=["subject_type", "subject_id"], name="deadlines_subject"),
            models.Index(fields=["case", "state"], name="deadlines_case"),
            models.Index(fields=["company", "due_at"], name="deadlines_open", condition=Q(state="open")),
            models.Index(fields=["owner", "due_at"], name="deadlines_owner", condition=Q(state="open")),
            # Lists by what is left: of all documents of a type, of whole cases.
            models.Index(
                fields=["subject_type", "due_at", "id"], name="deadlines_nearest", condition=Q(state="open")
            ),
            models.Index(fields=["due_at", "id"], name="deadlines_nearest_case", condition=Q(state="open")),
            # How clocks were kept since a day.
            models.Index(fields=["company", "done_at"], name="deadlines_kept", condition=Q(state="done")),
            # How the last weeks went, asked by the boards.
            models.Index(fields=["done_at"], name="deadlines_done", condition=Q(state="done")),
            models.Index(
                fields=["company", "calendar"],
                name="deadlines_calendar",
                condition=Q(state="open") & ~Q(calendar=""),
            ),
        )
        constraints = (
            models.UniqueConstraint(
                F("rule"),
                F("subject_type"),
                F("subject_id"),
                Coalesce("line_id", 0),
                F("slot"),
                F("period"),
                condition=Q(state__in=("open", "paused")),
                name="deadlines_one_run_at_a_time",
            ),
            models.CheckConstraint(
                name="deadlines_running_has_no_end",
                condition=Q(state__in=("open", "paused"), done_at__isnull=True)
                | Q(
                    state__in=("done", "cancelled", "superseded"), done_at__isnull=False, next_at__isnull=True
                ),
            ),
            models.CheckConstraint(
                name="deadlines_late_is_breached", condition=Q(late_by__isnull=True) | Q(breached=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.subject_type} {self.subject_id}"

    @property
    def roles(self) -> tuple[str, ...]:
        """The codes of the roles that own it."""
        return tuple(role for role in self.owner_roles.split("|") if role)

    def late(self, at: datetime) -> timedelta:
        """How late it is at `at`, or was when it ended; zero when in time."""
        if self.late_by is not None:
            return self.late_by
        return max((self.done_at or at) - self.due_at, timedelta())


class Escalation(models.Model):
    """时限步骤: one step of a run that was taken; each is recorded once, in the commit that claims it (P2).

    `at` is when it fell due, `noticed_at` when the sweep took it, both in time of the house; `recorded_at`
    is real time; `late` says that it was not taken at once.
    `told` are the ids of the people it went to, `vacant` the roles that nobody held.
    """

    append_only: ClassVar[bool] = True

    class Kind(models.TextChoices):
        WARN = "warn", _("warned")
        DUE = "due", _("overdue")
        ESCALATE = "escalate", _("escalated")

    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="escalations")
    step = models.PositiveSmallIntegerField(_("step"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    at = models.DateTimeField(_("at"))
    late = models.BooleanField(_("caught up late"), default=False)
    roles = models.JSONField(_("roles"), default=list)
    told = models.JSONField(_("told"), default=list)
    vacant = models.JSONField(_("vacant posts"), default=list)
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    noticed_at = models.DateTimeField(null=True, editable=False)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        constraints = (
            models.UniqueConstraint(fields=["deadline", "step"], name="deadlines_escalation_once"),
        )

    def __str__(self) -> str:
        return f"{self.deadline_id}/{self.step} {self.kind}"


class Duty(Document):
    """定期工作: one turn of a periodic duty (PRD-34/35/44/53/71, PUR-05/26, QUA-06, DLV-07)."""

    slug: ClassVar[str] = "duty"
    prefix: ClassVar[str] = "DQ"

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        WITHDRAWN = "withdrawn", _("withdrawn")

    rule = models.CharField(_("timed rule"), max_length=60)
    code = models.CharField(_("rule number"), max_length=10)
    title = models.CharField(_("duty"), max_length=200)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    period = models.CharField(_("period"), max_length=10)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    note = models.TextField(_("record"), blank=True)
    state = FSMField(_("state"), choices=State, default=State.OPEN, protected=True)

    class Meta:
        verbose_name = _("periodic duty")
        verbose_name_plural = _("periodic duties")
        indexes = (models.Index(fields=["rule", "company", "starts_at"], name="deadlines_duty_turn"),)
        constraints = (
            models.UniqueConstraint(
                fields=["rule", "company", "role", "period"], name="deadlines_duty_once_a_period"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} {self.period}"

    @transition(state, source=State.OPEN, target=State.DONE)
    def fulfil(self) -> None:
        """The duty of this period was done."""

    @transition(state, source=State.OPEN, target=State.WITHDRAWN)
    def withdraw(self) -> None:
        """The duty of this period falls away."""
