"""Writes the log of log-ins as the sessions and the tokens of the house report them."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from org.models import LogIn, Person

Kind = LogIn.Kind
# So much of a name that nobody has is kept.
LETTERS = 2
# Who keeps knocking with a dead token, or at a closed door, leaves one row in so many of the latest.
RECENT = 20


def listen() -> None:
    """Hear of every log-in and log-out from now on."""
    user_logged_in.connect(_came, dispatch_uid="org.logins.in")
    user_logged_out.connect(_left, dispatch_uid="org.logins.out")
    user_login_failed.connect(_refused, dispatch_uid="org.logins.refused")


def token_refused(request: HttpRequest, secret: str) -> None:
    """Note a token that opened nothing, once in a while for the same token from the same address."""
    _note_now_and_then(Kind.TOKEN, request, None, secret[:8])


def code_refused(request: HttpRequest, person: Person) -> None:
    """Note a wrong code of the second factor."""
    _note(Kind.CODE, request, person)


def address_of(request: HttpRequest | None) -> str | None:
    """The network address a request came from; behind a proxy the one the proxy names last."""
    if request is None:
        return None
    text = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        text = request.META.get("HTTP_X_FORWARDED_FOR", text).rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def _came(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    _note(getattr(request, "came_by", Kind.IN), request, user)


def _left(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    if isinstance(user, Person):
        _note(Kind.OUT, request, user)


def _refused(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    typed = str(credentials.get("username") or "")[:150].replace("\x00", "")
    person = Person.objects.filter(username=typed).first()
    name = typed if person else f"{typed[:LETTERS]}…" if typed else ""
    if getattr(request, "closed_until", None):
        _note_now_and_then(Kind.HELD, request, person, name)
        return
    LogIn.objects.create(
        kind=Kind.REFUSED, person=person, name=name, address=address_of(request), agent=_agent(request)
    )


def _note(kind: str, request: HttpRequest | None, person: Person) -> None:
    LogIn.objects.create(
        kind=kind,
        person=person,
        name=person.get_username(),
        address=address_of(request),
        agent=_agent(request),
    )


def _note_now_and_then(kind: str, request: HttpRequest | None, person: Person | None, name: str) -> None:
    """Note what repeats itself many times a minute, unless it stands among the latest rows."""
    address = address_of(request)
    latest = LogIn.objects.order_by("-pk").values("kind", "name", "address")[:RECENT]
    if {"kind": kind, "name": name, "address": address} not in list(latest):
        LogIn.objects.create(kind=kind, person=person, name=name, address=address, agent=_agent(request))


def _agent(request: HttpRequest | None) -> str:
    return request.headers.get("User-Agent", "")[:300].replace("\x00", "") if request else ""
