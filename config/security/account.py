"""A person's own pages: another password, the second factor, the codes for the paper."""

from __future__ import annotations

from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as page
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from config.security import sessions
from config.security.entrance import CodeForm, closed_sentence
from org import factors, logins, passwords, queries, throttle
from org.models import Person

QR_SCALE = 5


class NewPassword(PasswordChangeForm):
    """The old password and a new one that differs from it; wrong old ones are counted like log-ins."""

    address: str | None = None

    def clean_old_password(self) -> str:
        """Raises ValidationError; while the door is closed nothing is looked at."""
        name = self.user.get_username()
        until = throttle.knock(name, self.address, now=timezone.now())
        if until is not None:
            raise ValidationError(closed_sentence(until))
        said: str = super().clean_old_password()
        throttle.forgive(name, self.address)
        return said

    def clean_new_password1(self) -> str:
        """Raises ValidationError for the password one has already."""
        said: str = self.cleaned_data["new_password1"]
        if self.user.check_password(said):
            raise ValidationError(_("This is the password you have already."))
        return said


class PasswordPage(PasswordChangeView):
    """Sets another password; the sessions elsewhere end, this one goes on."""

    template_name = "account/password.html"
    form_class = NewPassword
    success_url = reverse_lazy("desk:home")

    def get_form(self, form_class: Any = None) -> Any:
        """The form, which knows where it is sent from."""
        form: Any = super().get_form(form_class)
        form.address = logins.address_of(self.request)
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With what is owed, for the sentence above the form."""
        owed = sessions.PASSWORD in self.request.session.get(sessions.OWES, [])
        return {**super().get_context_data(**kwargs), "owed": owed, "days": settings.SECURITY.password_days}

    def form_valid(self, form: Any) -> HttpResponse:
        """Save it; it is the person's own now."""
        person = form.save()
        passwords.chosen_by_self(person)
        update_session_auth_hash(self.request, person)
        sessions.settled(self.request, sessions.PASSWORD)
        messages.success(self.request, _("Your password is changed; other sessions of yours are over."))
        return redirect(str(self.success_url))


class ConfirmForm(forms.Form):
    """The password once more, before the second factor is taken away or its paper renewed."""

    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def factor(request: HttpRequest) -> HttpResponse:
    """The second factor of the person: set it up, renew the paper, take it away."""
    person: Person = request.user  # type: ignore[assignment]
    if factors.has_factor(person):
        return _standing(request, person)
    if request.method == "POST" and "code" in request.POST:
        return _confirm(request, person)
    return _setting_up(request, person, CodeForm())


def _setting_up(request: HttpRequest, person: Person, form: CodeForm) -> HttpResponse:
    secret = factors.pending(person) or factors.begin(person)
    address = factors.address(person, secret, _("Order cycle"))
    # Without quiet zone and colours of its own: the style sheet gives it white ground.
    picture = segno.make(address, error="m").svg_data_uri(scale=QR_SCALE)
    owed = sessions.FACTOR in request.session.get(sessions.OWES, [])
    said = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    context = {"form": form, "picture": picture, "secret": said, "owed": owed}
    return page(request, "account/factor.html", context)


def _confirm(request: HttpRequest, person: Person) -> HttpResponse:
    form, now = CodeForm(request.POST), timezone.now()
    codes = factors.confirm(person, form.cleaned_data["code"], now=now) if form.is_valid() else None
    if codes is None:
        form.add_error(
            None, _("The code is not right. Look at the clock of the telephone and type the next one.")
        )
        return _setting_up(request, person, form)
    sessions.settled(request, sessions.FACTOR)
    return page(request, "account/codes.html", {"codes": codes})


def _standing(request: HttpRequest, person: Person) -> HttpResponse:
    """What stands, and what can be done about it with the password."""
    form = ConfirmForm(request.POST or None)
    asked = request.POST.get("do", "")
    if form.is_valid() and asked in ("renew", "remove") and _is_right(request, person, form):
        if asked == "renew":
            return page(request, "account/codes.html", {"codes": factors.paper_codes(person)})
        if not demanded(person):
            factors.remove(person)
            messages.success(request, _("The second factor is taken away."))
            return redirect("account:factor")
        form.add_error(
            None, _("Your post asks for a second factor; it can be set up anew by an administrator.")
        )
    context = {"form": form, "left": factors.codes_left(person), "demanded": demanded(person)}
    return page(request, "account/factor_stands.html", context)


def _is_right(request: HttpRequest, person: Person, form: ConfirmForm) -> bool:
    """Whether the password is right; tries are counted as at the door."""
    name, address = person.get_username(), logins.address_of(request)
    until = throttle.knock(name, address, now=timezone.now())
    if until is not None:
        form.add_error(None, closed_sentence(until))
        return False
    if not person.check_password(form.cleaned_data["password"]):
        form.add_error(None, _("The password is not right."))
        return False
    throttle.forgive(name, address)
    return True


def demanded(person: Person) -> bool:
    """Whether a post of this person asks for a second factor."""
    held = queries.posts(person, on=timezone.localdate())
    return bool({post.role for post in held} & set(settings.MFA_ROLES))
