"""Meets whoever comes back from the company's log-in: finds the person who is here already, makes nobody."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from requests import RequestException

from config.security import entrance, sso
from org.models import LogIn, Person

logger = logging.getLogger(__name__)
FAILED = gettext_lazy("The company's log-in did not let you through. Try again, or use name and password.")
# No answer, or one without what an answer must say.
RUBBISH = (RequestException, KeyError, ValueError, TypeError)


def person_of(claims: Mapping[str, str]) -> Person | None:
    """The one active person whom the claims mean; None for nobody, and where they could mean two."""
    for name, lookup in sso.matches().items():
        if value := claims.get(name):
            found = list(Person.objects.filter(is_active=True, **lookup(value))[:2])
            if len(found) == 1:
                return found[0]
            if found:
                return None
    return None


class Adapter(DefaultSocialAccountAdapter):
    """Stops allauth where it would log in, sign up or connect, and takes the house's own way in."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let the person in, or ask for the second factor. Always raises ImmediateHttpResponse."""
        account = sociallogin.account
        if sociallogin.is_existing:
            person = Person.objects.filter(pk=sociallogin.user.pk, is_active=True).first()
        else:
            provider = sso.OIDC if account.provider == sso.OIDC_ID else account.provider
            person = person_of(sso.claims_of(provider, account.extra_data))
        if person is None:
            said = _(
                "Nobody here has this account, or the account is closed. Ask the administrator to enter it."
            )
            raise ImmediateHttpResponse(_back(request, said))
        if not sociallogin.is_existing:
            # From now on it is this account that counts, whoever has the name or the address one day.
            account.user = person
            account.save()
        onward = sociallogin.get_redirect_url(request) or resolve_url(settings.LOGIN_REDIRECT_URL)
        strong = settings.SSO_IS_STRONG
        raise ImmediateHttpResponse(
            entrance.admitted(request, person, onward=onward, came_by=LogIn.Kind.SSO, strong=strong)
        )

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody signs up."""
        return False

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        """Back to the log-in page, with a sentence. Always raises ImmediateHttpResponse."""
        raise ImmediateHttpResponse(_back(request, str(FAILED)))


def provider_away(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Middleware: a provider that is away, or answers rubbish, is a sentence on the log-in page."""

    def answered(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not request.path.startswith("/sso/") or not isinstance(error, RUBBISH):
            return None
        logger.warning("The company's log-in failed: %r", error)
        return _back(request, str(FAILED))

    answered.process_exception = process_exception  # type: ignore[attr-defined]
    return answered


def _back(request: HttpRequest, said: str) -> HttpResponseRedirect:
    messages.error(request, said)
    return HttpResponseRedirect(resolve_url("login"))
