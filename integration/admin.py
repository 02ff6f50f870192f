"""What administrators see and set of the outside: tokens, subscriptions, and what could not be sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from flow import clock
from flow.policy import Viewer
from integration import outbox, tokens, wire
from integration.models import Outbox, ServiceToken, Subscription
from org.models import Person
from org.roles import Role


class AdministratorsOnly(ModelAdmin):
    """Open to people who hold the post of administrator today, whatever other flags they carry (P21)."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the section is shown."""
        return _is_administrator(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the rows may be seen."""
        return _is_administrator(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether a row may be made."""
        return _is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a row may be changed."""
        return _is_administrator(request)

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


@admin.register(ServiceToken)
class ServiceTokenAdmin(AdministratorsOnly):
    """Tokens of programs: made here or by `manage.py token`, revoked, never changed."""

    list_display = ("prefix", "person", "purpose", "made_at", "last_used_at", "revoked_at")
    list_select_related = ("person",)
    fields = ("person", "purpose")
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A token is revoked, not changed."""
        return False

    def save_model(self, request: HttpRequest, obj: ServiceToken, form: Any, change: bool) -> None:
        """Make the token and show its secret, this once."""
        token, secret = tokens.issue(obj.person, purpose=obj.purpose)
        obj.pk = token.pk
        shown = _("The token is {secret}. It is not shown again.").format(secret=secret)
        self.message_user(request, shown, messages.WARNING)

    @admin.action(description=_("Revoke the chosen tokens"), permissions=["add"])
    def revoke(self, request: HttpRequest, rows: QuerySet[ServiceToken]) -> None:
        """From now on the chosen tokens open nothing."""
        for token in rows:
            tokens.revoke(token, now=timezone.now())


@admin.register(Outbox)
class OutboxAdmin(AdministratorsOnly):
    """What was, will be and could not be sent; what was given up may be tried again."""

    list_display = ("made_at", "kind", "recipient", "key", "state", "tries", "next_at", "fault")
    list_filter = ("state", "kind")
    search_fields = ("key", "recipient")
    actions = ("try_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only events and notices put something in."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The rows are read only."""
        return False

    @admin.action(description=_("Try again what was given up"), permissions=["view"])
    def try_again(self, request: HttpRequest, rows: QuerySet[Outbox]) -> None:
        """Have the chosen rows tried again from the beginning."""
        count = outbox.try_again(rows, now=timezone.now())
        self.message_user(request, _("{count} entries are tried again.").format(count=count))


def _is_administrator(request: HttpRequest) -> bool:
    person = request.user
    return isinstance(person, Person) and Role.ADMIN in Viewer.of(person, clock.now()).roles
