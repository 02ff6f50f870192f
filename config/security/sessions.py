"""How long a session lasts, and what a person owes before anything else is opened to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from org import factors, passwords, queries
from org.models import Person

BEGAN, SEEN, OWES = "began", "seen", "owes"
PASSWORD, FACTOR = "password", "factor"
PAGES = {PASSWORD: "account:password", FACTOR: "account:factor"}
# The session is written at most this often, so that reading pages costs no writes.
NOTED_EVERY = timedelta(minutes=1)
# What open pages ask by themselves is nobody's doing.
BY_ITSELF = ("/counts/", "/healthz")
Answering = Callable[[HttpRequest], HttpResponse]


def listen() -> None:
    """Mark every session at its log-in from now on."""
    user_logged_in.connect(_begin, dispatch_uid="config.security.sessions")


def bounded(get_response: Answering) -> Answering:
    """Middleware: end sessions that lasted or idled too long, or that were ended; ask for what is owed."""

    def answered(request: HttpRequest) -> HttpResponse:
        if auth.SESSION_KEY in request.session:
            reason = _over(request)
            if reason:
                auth.logout(request)
                if "text/html" in request.headers.get("Accept", ""):
                    messages.info(request, reason)
            elif owed := _owed(request):
                return owed
        return get_response(request)

    return answered


def mark(request: HttpRequest, *, now: datetime) -> None:
    """The session of this request begins now."""
    request.session[BEGAN] = request.session[SEEN] = now.isoformat()


def _begin(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    now = timezone.now()
    # A clock of the machine that was set back must not keep anybody out.
    mark(request, now=max(now, user.sessions_from or now))
    request.session[OWES] = owed_by(user, now=now)


def owed_by(person: Person, *, now: datetime) -> list[str]:
    """What this person must do before anything else: another password, a second factor."""
    if settings.DEMO_MODE:
        return []
    owed = [PASSWORD] if passwords.must_change(person, now=now) else []
    if settings.MFA_ROLES and not factors.has_factor(person):
        held = queries.posts(person, on=timezone.localdate(now))
        owed += [FACTOR] if {post.role for post in held} & set(settings.MFA_ROLES) else []
    return owed


def settled(request: HttpRequest, what: str) -> None:
    """The person has done what was owed."""
    request.session[OWES] = [one for one in request.session.get(OWES, []) if one != what]


def _over(request: HttpRequest) -> str:
    """Why the session is over, or nothing; notes now and then that the person is there."""
    now, session = timezone.now(), request.session
    if BEGAN not in session:
        mark(request, now=now)
        return ""
    began, seen = (datetime.fromisoformat(session[name]) for name in (BEGAN, SEEN))
    if now - seen >= settings.SECURITY.idle:
        minutes = int(settings.SECURITY.idle.total_seconds() // 60)
        return _("You were logged out because nothing was done for {n} minutes.").format(n=minutes)
    if now - began >= settings.SECURITY.session:
        hours = int(settings.SECURITY.session.total_seconds() // 3600)
        return _("You were logged out because a session lasts {n} hours at most.").format(n=hours)
    since = getattr(request.user, "sessions_from", None)
    if since is not None and began < since:
        return _(
            "You were logged out because your posts or your account changed, or you logged in elsewhere."
        )
    if now - seen >= NOTED_EVERY and not request.path.startswith(BY_ITSELF):
        session[SEEN] = now.isoformat()
    return ""


def _owed(request: HttpRequest) -> HttpResponse | None:
    """The answer to somebody who owes something; None where all is settled, and on the ways to settle it."""
    owes = request.session.get(OWES)
    if not owes:
        return None
    page = reverse(PAGES[owes[0]])
    if request.path.startswith((page, reverse("logout"), "/i18n/", "/healthz", settings.STATIC_URL)):
        return None
    if request.path.startswith("/api/"):
        detail = _("Log in with a browser first: your password or your second factor has to be set.")
        error = {"code": "owed", "detail": detail, "attr": None}
        return JsonResponse({"type": "client_error", "errors": [error]}, status=403)
    return HttpResponseRedirect(page)
