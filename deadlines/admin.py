"""Administrators set the limits of timed rules, never the clocks that run (SYS-06, SYS-07)."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from deadlines import queries, trail, wording
from deadlines.models import Deadline, RuleSetting, TimedRule
from deadlines.notices import role_names, sentence_of, shown
from deadlines.registrar import changed
from deadlines.rules import rule_of
from deadlines.terms import CLOCK_UNITS
from flow import clock
from integration.admin import AdministratorsOnly
from org.adminbase import TabularInline, TextInput

NOTHING = wording.NOTHING


class SettingForm(forms.ModelForm):
    """A new setting: what is left empty stays as the rule ships it."""

    chain = forms.CharField(
        label=_("Escalation"),
        required=False,
        widget=TextInput,
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
        """The levels as lists of role codes; posts may be given by code or by name."""
        text = self.cleaned_data["chain"].strip()
        if not text:
            return None
        levels, unknown = wording.parsed_chain(text)
        if unknown:
            said = _("There is no such post: {names}.").format(names=", ".join(sorted(unknown)))
            raise ValidationError(said)
        return levels


class SettingInline(TabularInline):
    """A new setting of a rule; what was set before stands in the table above and in the history."""

    model = RuleSetting
    form = SettingForm
    extra = 1
    max_num = 1
    verbose_name = _("new setting")
    verbose_name_plural = _("New setting (empty fields stay as shipped)")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleSetting]:
        """None of the old ones: they cannot be changed."""
        return super().get_queryset(request).none()

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The form with what the rule ships as a hint in each field; what it has no use for is closed."""
        formset = super().get_formset(request, obj, **kwargs)
        fields, rule = formset.form.base_fields, rule_of(obj.slug) if obj else None
        # The one field that the class declares itself is shared by all its forms.
        fields["chain"] = deepcopy(fields["chain"])
        shipped = ("", str(_("as shipped")))
        fields["company"].empty_label = str(_("Group"))
        fields["clock"].choices = [shipped, *RuleSetting.Clock.choices]
        fields["active"].widget.choices = [("unknown", shipped[1]), ("true", _("yes")), ("false", _("no"))]
        if obj is not None and rule is None:
            for name in ("amount", "opens", "warn_amount", "chain", "active"):
                fields[name].disabled = True
        if rule is not None:
            fields["amount"].widget.attrs["placeholder"] = rule.terms.amount or ""
            fields["opens"].widget.attrs["placeholder"] = rule.terms.opens or ""
            fields["opens"].disabled = rule.terms.opens is None
            fields["clock"].disabled = rule.terms.unit not in CLOCK_UNITS
            fields["warn_amount"].widget.attrs["placeholder"] = (
                rule.terms.warn.amount if rule.terms.warn else ""
            )
            fields["chain"].widget.attrs["placeholder"] = ", ".join(
                " + ".join(wording.posts([role]) for role in level) for level in rule.terms.chain
            )
        return formset

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

    list_display = ("code", "sentence", "limit", "warning", "owners", "levels", "active", "last_set")
    list_display_links = ("code", "sentence")
    search_fields = ("slug", "code")
    search_help_text = _("Rule number, or words of the rule.")
    inlines = (SettingInline,)
    fields = ("code", "sentence", "owners", "counts", "in_force", "earlier")
    readonly_fields = fields
    list_per_page = 200

    class Media:
        css = {"all": ("desk/css/admin.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[TimedRule]:
        """The rules with all settings, in one more query."""
        return super().get_queryset(request).prefetch_related("settings__company", "settings__set_by")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[TimedRule], search_term: str
    ) -> tuple[QuerySet[TimedRule], bool]:
        """By number or by words of the sentence."""
        word = search_term.strip().lower()
        meant = [
            slug for slug in queryset.values_list("slug", flat=True) if word in sentence_of(slug).lower()
        ]
        found, twice = super().get_search_results(request, queryset, search_term)
        return (found | queryset.filter(slug__in=meant)) if word else found, twice

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
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
        """What it ships with, and beside it what the group set instead."""
        return self._beside(obj, "amount")

    @admin.display(description=_("Warning lead"))
    def warning(self, obj: TimedRule) -> str:
        """How long before the owner is warned."""
        return self._beside(obj, "warn_amount")

    @admin.display(description=_("Escalation"))
    def levels(self, obj: TimedRule) -> str:
        """The levels above the owner."""
        return self._beside(obj, "chain")

    @admin.display(description=_("Owner"))
    def owners(self, obj: TimedRule) -> str:
        """The roles that own it, where it names them."""
        rule = rule_of(obj.slug)
        if rule is None:
            return NOTHING
        return role_names(rule.roles) or str(_("whom the document names"))

    @admin.display(description=_("Counts for the figures"), boolean=True)
    def counts(self, obj: TimedRule) -> bool | None:
        """Whether it counts for the figures."""
        rule = rule_of(obj.slug)
        return rule.counts if rule else None

    @admin.display(description=_("Active"), boolean=True)
    def active(self, obj: TimedRule) -> bool | None:
        """Whether it is switched on for the group."""
        rule = rule_of(obj.slug)
        own = latest(obj).get(None)
        return None if rule is None else (changed(rule.terms, own) if own else rule.terms).active

    @admin.display(description=_("Last set"))
    def last_set(self, obj: TimedRule) -> str:
        """For whom, when and by whom it was set last."""
        rows = list(obj.settings.all())
        last = max(rows, key=lambda row: row.pk) if rows else None
        return f"{last.company or _('Group')} · {shown(last.set_at)} · {last.set_by}" if last else NOTHING

    @admin.display(description=_("In force"))
    def in_force(self, obj: TimedRule) -> SafeString | str:
        """What is shipped, and beside it what group and companies set instead."""
        rule = rule_of(obj.slug)
        if rule is None:
            return NOTHING
        shipped = wording.said(rule.terms)
        rows = [(str(_("As shipped")), *shipped.values(), NOTHING, "")]
        for own in latest(obj).values():
            words = wording.said(changed(rule.terms, own))
            cells = [new if new == shipped[name] else marked(new) for name, new in words.items()]
            rows.append((str(own.company or _("Group")), *cells, signed(own), own.note))
        heads = (_("For"), _("Limit"), _("Clock"), _("Warning lead"), _("Escalation"), _("Active"))
        return table((*heads, _("Set"), _("Reason")), rows)

    @admin.display(description=_("Earlier settings"))
    def earlier(self, obj: TimedRule) -> SafeString | str:
        """What was changed when by whom, the newest first."""
        rule, rows = rule_of(obj.slug), []
        before: dict[int | None, RuleSetting] = {}
        for own in sorted(obj.settings.all(), key=lambda row: row.pk):
            told = wording.differences(rule, before.get(own.company_id), own) if rule else []
            said = "；".join(f"{field_label(name)} {old} → {new}" for name, old, new in told)
            rows.append((signed(own), str(own.company or _("Group")), said or clock_word(own), own.note))
            before[own.company_id] = own
        heads = (_("Set"), _("For"), _("What changed"), _("Reason"))
        return table(heads, rows[::-1]) if rows else str(_("Nothing was ever set: the rule runs as shipped."))

    def _beside(self, obj: TimedRule, name: str) -> str:
        rule, own = rule_of(obj.slug), latest(obj).get(None)
        if rule is None:
            return NOTHING
        shipped = wording.said(rule.terms)[name]
        ours = wording.said(changed(rule.terms, own))[name] if own else shipped
        return shipped if ours == shipped else f"{shipped} → {ours}"


def latest(rule: TimedRule) -> dict[int | None, RuleSetting]:
    """The setting that counts for the group (None) and for each company that has one."""
    rows = sorted(rule.settings.all(), key=lambda row: (row.company_id or 0, row.pk))
    return {row.company_id: row for row in rows}


def signed(own: RuleSetting) -> str:
    """When and by whom."""
    return f"{shown(own.set_at)} {own.set_by}"


def clock_word(own: RuleSetting) -> str:
    """The clock that the row for all rules sets."""
    return str(own.get_clock_display()) if own.clock else NOTHING


def field_label(name: str) -> str:
    """A field of a setting in words."""
    return str(RuleSetting._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def marked(text: str) -> SafeString:
    """Words that differ from what is shipped."""
    return format_html("<strong>{}</strong>", text)


def table(heads: tuple[Any, ...], rows: list[tuple[Any, ...]]) -> SafeString:
    """A small table of a page."""
    head = format_html_join("", "<th>{}</th>", ((name,) for name in heads))
    cell = '<td data-label="{}"><span>{}</span></td>'
    lines = ((format_html_join("", cell, zip(heads, row, strict=True)),) for row in rows)
    body = format_html_join("", "<tr>{}</tr>", lines)
    return format_html(
        '<table class="bo-table bo-cards"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>', head, body
    )


@admin.register(Deadline)
class DeadlineAdmin(AdministratorsOnly):
    """The clocks as they run, read only; those that cannot be escalated may be tried again at once."""

    list_display = ("code", "says", "page", "state", "owned", "due_at", "breached", "next_at", "fault")
    list_filter = ("state", "breached", "code", "company")
    list_select_related = ("owner",)
    search_fields = ("rule", "code", "path")
    ordering = ("-pk",)
    actions = ("try_again",)
    fields = (
        "code", "says", "page", "line_label", "state", "owned", "opened_at", "due_at", "done_at", "step",
        "next_at", "breached", "late_by", "how", "fault",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only events start a clock."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only events and the sweep move one."""
        return False

    @admin.display(description=_("Rule"), ordering="rule")
    def says(self, obj: Deadline) -> str:
        """What the rule says."""
        return sentence_of(obj.rule)

    @admin.display(description=_("Document"))
    def page(self, obj: Deadline) -> SafeString | str:
        """The document it runs on."""
        return format_html('<a href="/{}/">{}</a>', obj.path, _("Open the document")) if obj.path else NOTHING

    @admin.display(description=_("Owner"))
    def owned(self, obj: Deadline) -> str:
        """The person, or the roles whose holders own it."""
        return str(obj.owner) if obj.owner else role_names(obj.roles)

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
