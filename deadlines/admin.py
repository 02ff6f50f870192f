"""Administrators set the limits of timed rules, never the clocks that run (SYS-06, SYS-07)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from deadlines import queries, trail
from deadlines.models import Deadline, RuleSetting, TimedRule
from deadlines.notices import role_names, sentence_of
from deadlines.rules import LEADER, Rule, rule_of
from flow import clock
from integration.admin import AdministratorsOnly
from org.roles import Role


class SettingForm(forms.ModelForm):
    """A new setting: what is left empty stays as the rule ships it."""

    chain = forms.CharField(
        label=_("Escalation"),
        required=False,
        help_text=_("The levels above the owner, with commas between; posts of one level with a plus."),
    )

    class Meta:
        model = RuleSetting
        fields = ("company", "amount", "opens", "clock", "warn_amount", "chain", "active", "note")

    def clean_amount(self) -> int | None:
        """A limit of nothing is no limit: a rule is switched off instead."""
        if self.cleaned_data["amount"] == 0:
            raise ValidationError(_("The limit must be above zero. Switch the rule off instead."))
        return self.cleaned_data["amount"]

    def clean_chain(self) -> list[list[str]] | None:
        """The levels as lists of role codes."""
        text = self.cleaned_data["chain"].strip()
        if not text:
            return None
        levels = [[role.strip() for role in level.split("+")] for level in text.split(",")]
        unknown = {role for level in levels for role in level} - {LEADER, *Role.values}
        if unknown:
            said = _("There is no such post: {names}.").format(names=", ".join(sorted(unknown)))
            raise ValidationError(said)
        return levels


class SettingInline(TabularInline):
    """The settings of a rule, oldest first; a change is a new one."""

    model = RuleSetting
    form = SettingForm
    extra = 0
    readonly_fields = ("set_by", "set_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Settings are added."""
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was in force stays written down."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was in force stays written down."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """All settings are shown."""
        return True


@admin.register(TimedRule)
class TimedRuleAdmin(AdministratorsOnly):
    """Every timed rule with what it ships with, and what the companies set."""

    list_display = ("code", "sentence", "limit", "clock", "warning", "owners", "levels", "counts", "active")
    search_fields = ("slug", "code")
    inlines = (SettingInline,)
    fields = ("code", "sentence", "limit", "clock", "warning", "owners", "levels")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[TimedRule]:
        """The rules with the group's settings, in one more query."""
        return super().get_queryset(request).prefetch_related("settings")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rules are declared by the departments."""
        return False

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Note who set it, and when."""
        for setting in formset.save(commit=False):
            setting.set_by, setting.set_at = request.user, clock.now()
            setting.save()

    @admin.display(description=_("Rule"))
    def sentence(self, obj: TimedRule) -> str:
        """What the rule says."""
        return sentence_of(obj.slug) if obj.code else str(_("All rules in hours and minutes"))

    @admin.display(description=_("Limit"))
    def limit(self, obj: TimedRule) -> str:
        """What it ships with; empty for one that looks at a date alone."""
        rule = rule_of(obj.slug)
        return _amount(rule.terms.amount, rule.terms.unit) if rule and rule.terms.amount else ""

    @admin.display(description=_("Clock"))
    def clock(self, obj: TimedRule) -> str:
        """Elapsed or working time."""
        rule = rule_of(obj.slug)
        return str(RuleSetting.Clock(rule.terms.clock).label) if rule else ""

    @admin.display(description=_("Warning lead"))
    def warning(self, obj: TimedRule) -> str:
        """How long before the owner is warned."""
        rule = rule_of(obj.slug)
        return f"{rule.terms.warn.amount} {rule.terms.warn.unit}" if rule and rule.terms.warn else ""

    @admin.display(description=_("Owner"))
    def owners(self, obj: TimedRule) -> str:
        """The roles that own it, where it names them."""
        rule = rule_of(obj.slug)
        return role_names(rule.roles) if rule else ""

    @admin.display(description=_("Escalation"))
    def levels(self, obj: TimedRule) -> str:
        """The levels above the owner."""
        rule = rule_of(obj.slug)
        return " → ".join(role_names(level) for level in rule.terms.chain) if rule else ""

    @admin.display(description=_("Counts"), boolean=True)
    def counts(self, obj: TimedRule) -> bool | None:
        """Whether it counts for the figures."""
        rule = rule_of(obj.slug)
        return rule.counts if rule else None

    @admin.display(description=_("Active"), boolean=True)
    def active(self, obj: TimedRule) -> bool | None:
        """Whether it is switched on for the group."""
        rule: Rule | None = rule_of(obj.slug)
        if rule is None:
            return None
        said = [s.active for s in obj.settings.all() if s.company_id is None and s.active is not None]
        return said[-1] if said else rule.terms.active


@admin.register(Deadline)
class DeadlineAdmin(AdministratorsOnly):
    """The clocks as they run, read only; those that cannot be escalated may be tried again at once."""

    list_display = ("code", "rule", "path", "state", "due_at", "step", "next_at", "breached", "fault")
    list_filter = ("state", "breached", "rule", "company")
    search_fields = ("rule", "code", "path")
    ordering = ("-pk",)
    actions = ("try_again",)
    fields = (
        "code", "rule", "path", "line_label", "state", "opened_at", "due_at", "done_at", "step", "next_at",
        "breached", "late_by", "how", "fault",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only events start a clock."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only events and the sweep move one."""
        return False

    @admin.display(description=_("How computed"))
    def how(self, obj: Deadline) -> str:
        """The steps of the computation."""
        return " ".join(trail.sentences(obj.computed))

    @admin.action(description=_("Try again what was set aside"), permissions=["view"])
    def try_again(self, request: HttpRequest, rows: QuerySet[Deadline]) -> None:
        """Let the next sweep take the chosen rows again."""
        chosen = queries.parked().filter(pk__in=list(rows.values_list("pk", flat=True)))
        count = chosen.update(parked_until=None)
        self.message_user(request, _("{count} entries are tried again.").format(count=count))


def _amount(amount: int, unit: str) -> str:
    return trail.span(amount, "workday" if unit == "workday_before" else unit)
