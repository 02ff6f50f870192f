"""The log-in page and the page of the second factor; every way in ends in `enter`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from config.demo.doors import Entrance
from config.security import sso
from org import factors, logins, sessions, throttle
from org.models import LogIn, Person

# Between the password and the code: whose password was right, when, and where the way leads.
WAITING = "waits_for_code"
PATIENCE = timedelta(minutes=5)
BACKEND = "config.security.backend.PasswordBackend"


def closed_sentence(until: Any) -> str:
    """Until when the door is closed, in words."""
    return _("Too many tries. Log-in for this name or from this address is closed until {moment}.").format(
        moment=f"{localtime(until):%Y-%m-%d %H:%M:%S}"
    )


class NameAndPassword(AuthenticationForm):
    """Name and password; a closed door says until when."""

    def get_invalid_login_error(self) -> ValidationError:
        """Why nobody was let in, without telling whether the name exists."""
        until = getattr(self.request, "closed_until", None)
        if until is not None:
            return ValidationError(closed_sentence(until), code="closed")
        return ValidationError(
            _(
                "Name or password is not right, or the account is closed."
                " Check both, or ask the administrator."
            ),
            code="invalid_login",
        )


class LogInPage(Entrance):
    """The log-in; whoever has a second factor is asked for its code next."""

    authentication_form = NameAndPassword

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Let in, or ask for the code."""
        return admitted(self.request, form.get_user(), onward=self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the doors of the company's own log-in."""
        onward = self.get_redirect_url()
        return {**super().get_context_data(**kwargs), "sso": sso.doors(onward)}


def admitted(
    request: HttpRequest, person: Any, *, onward: str, came_by: str = LogIn.Kind.IN, strong: bool = False
) -> HttpResponse:
    """Somebody proved who they are: let them in, or ask for the code of their second factor first.

    `strong`: the company's log-in asked for a second factor already.
    """
    if not strong and factors.has_factor(person):
        request.session[WAITING] = [person.pk, timezone.now().isoformat(), onward, str(came_by)]
        return HttpResponseRedirect(reverse("login-code"))
    enter(request, person, came_by=came_by)
    return HttpResponseRedirect(onward)


def enter(request: HttpRequest, person: Person, *, came_by: str = LogIn.Kind.IN) -> None:
    """Begin the session; where the profile says so, end the others and tell of the last log-in."""
    profile = settings.SECURITY
    said = last_time(person) if profile.last_log_in_shown else ""
    if profile.single_session:
        sessions.end(person, at=timezone.now())
    request.came_by = came_by  # type: ignore[attr-defined]
    login(request, person, backend=BACKEND)
    if said:
        messages.info(request, said)


def last_time(person: Person) -> str:
    """When and from where this person came in last, and how many tries were refused since."""
    rows = LogIn.objects.filter(person=person).order_by("-pk")
    last = rows.filter(kind__in=(LogIn.Kind.IN, LogIn.Kind.SSO)).first()
    if last is None:
        return _("This is your first log-in.")
    refused = rows.filter(
        pk__gt=last.pk, kind__in=(LogIn.Kind.REFUSED, LogIn.Kind.CODE, LogIn.Kind.HELD)
    ).count()
    return _("Your last log-in: {moment} from {address}; refused tries since: {n}.").format(
        moment=f"{localtime(last.at):%Y-%m-%d %H:%M}", address=last.address or "—", n=refused
    )


class CodeForm(forms.Form):
    """The code of the telephone, or one of the paper."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


class CodePage(FormView):
    """Asks for the code between the password and the session."""

    template_name = "registration/code.html"
    form_class = CodeForm
    person: Person

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Only for somebody whose password was right a moment ago."""
        pk, since, self.onward, self.came_by = request.session.get(WAITING, (0, "", "", ""))
        fresh = bool(since) and timezone.now() - datetime.fromisoformat(since) < PATIENCE
        person = Person.objects.filter(pk=pk, is_active=True).first() if fresh else None
        if person is None:
            request.session.pop(WAITING, None)
            return HttpResponseRedirect(reverse("login"))
        self.person = person
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        """Let in whoever knows the code; tries are counted as those of the password are."""
        now, address = timezone.now(), logins.address_of(self.request)
        name = factors.code_name(self.person)
        until = throttle.knock(name, address, now=now)
        if until is not None:
            form.add_error(None, closed_sentence(until))
            return self.form_invalid(form)
        if not factors.accepts(self.person, form.cleaned_data["code"], now=now):
            logins.code_refused(self.request, self.person)
            form.add_error(None, _("The code is not right or was used before. Wait for the next one."))
            return self.form_invalid(form)
        throttle.forgive(name, address)
        del self.request.session[WAITING]
        enter(self.request, self.person, came_by=self.came_by)
        return HttpResponseRedirect(self.onward)
