"""The password log-in: whichever face asks, a try is counted here before the password is looked at."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from org import logins, throttle
from org.models import Person


class PasswordBackend(ModelBackend):
    """Knows people by name and password; a name or an address with too many tries is closed for a while."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Person | None:
        """The person, or None. Raises PermissionDenied while closed; `request.closed_until` says how long."""
        if not username or password is None:
            return None
        address = logins.address_of(request)
        closed_until = throttle.knock(username, address, now=timezone.now())
        if closed_until is not None:
            if request is not None:
                request.closed_until = closed_until  # type: ignore[attr-defined]
            raise PermissionDenied
        person = super().authenticate(request, username=username, password=password, **kwargs)
        if person is not None:
            throttle.forgive(username, address)
        return person
