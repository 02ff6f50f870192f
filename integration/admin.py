"""What administrators see and set of the outside: tokens, subscriptions, and what could not be sent."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from integration import jobs, outbox, tokens, wire
from integration.models import Job, Outbox, ServiceToken, Subscription
from org.adminbase import MasterAdmin, ReadOnlyAdmin

# So many of the chosen rows are named before somebody decides.
ASKED = 20


class AdministratorsOnly(MasterAdmin):
    """What administrators keep for good: it is ended, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing that was ever in force is deleted."""
        return False


class SubscriptionForm(forms.ModelForm):
    """A subscription: a plain address, a long secret, a list of verbs."""

    url = forms.URLField(label=_("address"), max_length=500, assume_scheme="https")

    class Meta:
        model = Subscription
        fields = ("name", "url", "secret", "verbs", "active")

    def clean_url(self) -> str:
        """Refuse an address that the house would never send to."""
        try:
            wire.parsed(self.cleaned_data["url"])
        except wire.Unsafe as unsafe:
            raise ValidationError(_("This address cannot be used.")) from unsafe
        return self.cleaned_data["url"]

    def clean_secret(self) -> str:
        """A short secret could be guessed from what is sent."""
        if len(self.cleaned_data["secret"]) < 16:
            raise ValidationError(_("The secret needs at least 16 letters."))
        return self.cleaned_data["secret"]

    def clean_verbs(self) -> list[str]:
        """The verbs are a list of texts."""
        verbs = self.cleaned_data["verbs"]
        if not isinstance(verbs, list) or not verbs or not all(isinstance(v, str) for v in verbs):
            raise ValidationError(_("Give a list of event names."))
        return verbs


@admin.register(Subscription)
class SubscriptionAdmin(AdministratorsOnly):
    """Who outside the house is told of events."""

    form = SubscriptionForm
    list_display = ("name", "url", "active", "made_at")
    list_filter = ("active",)


@admin.register(ServiceToken)
class ServiceTokenAdmin(AdministratorsOnly):
    """Tokens of programs: made here or by `manage.py token`, revoked, never changed."""

    list_display = ("begins", "person", "purpose", "made_at", "last_used_at", "in_use")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("person",)
    search_fields = ("prefix", "person__name", "person__username", "purpose")
    autocomplete_fields = ("person",)
    actions = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What is asked for a new one, or what is known of one."""
        if obj is None:
            return ("person", "purpose")
        return ("begins", "person", "purpose", "made_at", "last_used_at", "revoked_at")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A token is revoked, not changed."""
        return False

    def save_model(self, request: HttpRequest, obj: ServiceToken, form: Any, change: bool) -> None:
        """Make the token and show its secret, this once."""
        token, secret = tokens.issue(obj.person, purpose=obj.purpose)
        obj.pk = token.pk
        shown = _("The token is {secret}. It is not shown again.").format(secret=secret)
        self.message_user(request, shown, messages.WARNING)

    @admin.display(description=_("begins with"), ordering="prefix")
    def begins(self, obj: ServiceToken) -> str:
        """The letters by which people tell tokens apart."""
        return f"{obj.prefix}…"

    @admin.display(description=_("in use"), boolean=True)
    def in_use(self, obj: ServiceToken) -> bool:
        """Whether it still opens anything."""
        return obj.revoked_at is None

    @admin.action(description=_("Revoke the chosen tokens"), permissions=["add"])
    def revoke(self, request: HttpRequest, rows: QuerySet[ServiceToken]) -> None:
        """From now on the chosen tokens open nothing."""
        for token in rows:
            tokens.revoke(token, now=timezone.now())
        self.message_user(request, _("{count} tokens are revoked.").format(count=len(rows)))


class DropForm(forms.Form):
    """Why something is not to be sent any more."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


@admin.register(Outbox)
class OutboxAdmin(AdministratorsOnly):
    """What was, will be and could not be sent; what was given up is tried again, or dropped with a reason."""

    list_display = ("made_at", "kind", "recipient", "key", "state", "tries", "next_at", "fault")
    list_filter = ("state", "kind", ("made_at", admin.DateFieldListFilter))
    search_fields = ("key", "recipient", "fault")
    ordering = ("-pk",)
    actions = ("try_again", "drop")
    fields = (
        "kind", "recipient", "key", "state", "tries", "made_at", "next_at", "done_at", "fault", "content",
        "dropped_by", "dropped_at", "drop_reason",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only events and notices put something in."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The rows are read only."""
        return False

    @admin.display(description=_("content"))
    def content(self, obj: Outbox) -> str:
        """What is sent, as it was kept."""
        return json.dumps(obj.payload, ensure_ascii=False, indent=1) if obj.payload else "—"

    @admin.action(description=_("Try again what was given up"), permissions=["view"])
    def try_again(self, request: HttpRequest, rows: QuerySet[Outbox]) -> None:
        """Have the chosen rows tried again from the beginning."""
        count = outbox.try_again(rows, now=timezone.now())
        self.message_user(request, _("{count} entries are tried again.").format(count=count))

    @admin.action(description=_("Drop for good, with a reason"), permissions=["view"])
    def drop(self, request: HttpRequest, rows: QuerySet[Outbox]) -> HttpResponse | None:
        """Ask for the reason, then let go of the chosen rows."""
        form = DropForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "title": _("Drop for good, with a reason"),
                "opts": self.opts,
                "form": form,
                "action": "drop",
                "rows": list(rows[:ASKED]),
                "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
                "across": request.POST.get("select_across", "0"),
            }
            return TemplateResponse(request, "admin/reason.html", context)
        reason = form.cleaned_data["reason"]
        count = outbox.drop(rows, person=request.user, reason=reason, now=timezone.now())  # type: ignore[arg-type]
        self.message_user(request, _("{count} entries are dropped.").format(count=count))
        return None


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """The job log: what ran in the background, for whom, how far, how long; it is stopped on its page."""

    list_display = (
        "made_at",
        "titled",
        "kind_said",
        "person",
        "state",
        "progress",
        "refused",
        "took",
        "message",
    )
    exported = ("made_at", "title", "kind_said", "person", "state", "progress", "refused", "took", "message")
    fields = (*list_display, "started_at", "ended_at", "tries", "left_out")
    list_filter = ("state", ("made_at", admin.DateFieldListFilter))
    list_select_related = ("person",)
    list_display_links = ("made_at",)
    search_fields = ("title", "person__name", "person__username", "message")
    ordering = ("-pk",)

    @admin.display(description=_("title"), ordering="title")
    def titled(self, job: Job) -> str:
        """What it is about, with the way to its page."""
        return format_html('<a href="/{}/">{}</a>', job.path, job.title)

    @admin.display(description=_("kind"), ordering="kind")
    def kind_said(self, job: Job) -> str:
        """What it does, in words."""
        return str(jobs.label_of(job))

    @admin.display(description=_("progress"))
    def progress(self, job: Job) -> str:
        """How far it is."""
        return f"{job.done} / {job.total}" if job.total else str(job.done)

    @admin.display(description=_("duration"))
    def took(self, job: Job) -> str:
        """How long it took, or has taken so far."""
        if job.started_at is None:
            return "—"
        return str(
            timedelta(seconds=int(((job.ended_at or timezone.now()) - job.started_at).total_seconds()))
        )

    @admin.display(description=_("what was left out, and why"))
    def left_out(self, job: Job) -> str:
        """The first rows that could not be done."""
        rows = ((row.get("row", ""), row.get("reason", row)) for row in job.errors if isinstance(row, dict))
        return format_html_join(mark_safe("<br>"), "{}: {}", rows) or "—"
