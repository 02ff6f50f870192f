"""What a house in earnest must not start with: each fault is one sentence, with what to set."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.checks import Error, register
from django.core.management.base import CommandError
from django.db import connection
from django.utils.translation import gettext_lazy as _

from config.demo.house import PASSWORD, fixture
from config.security import sso
from org.models import Person

Finding = tuple[str, Any]
Look = Callable[[], Iterator[Finding]]
HERE = ("", "localhost", "127.0.0.1", "::1")
KEY_LENGTH, KEY_VARIETY = 40, 8
PLACEHOLDERS = ("django-insecure", "change", "secret", "example", "building", "password", "test")
_looks: list[Look] = []


def look(function: Look) -> Look:
    """Ask the decorated `look() -> (id, sentence), …` before a house in earnest starts."""
    _looks.append(function)
    return function


def listen() -> None:
    """Answer `manage.py check --deploy`."""
    register(deployed, "security", deploy=True)


def deployed(app_configs: Any = None, **kwargs: Any) -> list[Any]:
    """Every fault as Django's checks want it."""
    return [Error(str(sentence), id=f"house.{name}") for name, sentence in faults()]


def faults() -> list[Finding]:
    """Every fault found, each as (name, sentence)."""
    return [finding for one in _looks for finding in one()]


def refuse_unsafe_start(*, host: str = "127.0.0.1") -> None:
    """Stop a start in earnest that is unsafe, and an open house that is neither demo nor production.

    Raises CommandError with all the sentences.
    """
    if settings.PRODUCTION:
        found: list[Any] = [sentence for _name, sentence in faults()]
    elif not settings.DEMO_MODE and host not in HERE:
        found = [
            _(
                "The house would listen to other machines and is neither a demo nor in earnest: set"
                " PRODUCTION=1 with what it asks for, or HOST=127.0.0.1."
            )
        ]
    else:
        found = []
    if found:
        raise CommandError("\n".join(map(str, [_("The house does not start like this:"), *found])))


@look
def play() -> Iterator[Finding]:
    """Switches that are for trying out."""
    if settings.DEBUG:
        yield "debug", _("DEBUG shows the inside of the house to everybody: set DEBUG=0.")
    if settings.DEMO_MODE or settings.TRAINING_CLOCK:
        yield "demo", _("DEMO_MODE and TRAINING_CLOCK are for trying out: set both to 0.")


@look
def keys() -> Iterator[Finding]:
    """Keys that could be guessed, or would differ from host to host."""
    for name in ("SECRET_KEY", "EVENT_SEAL_KEY"):
        if _is_weak(getattr(settings, name)):
            yield (
                f"weak_{name.lower()}",
                _("{name} is short or a placeholder: set one of 50 random characters.").format(name=name),
            )
    if settings.EVENT_SEAL_KEY == settings.SECRET_KEY:
        yield (
            "same_key",
            _("EVENT_SEAL_KEY must not be the SECRET_KEY, which may have to be changed one day."),
        )
    if _several_hosts() and not os.environ.get("EVENT_SEAL_KEY"):
        yield "seal_key", _("EVENT_SEAL_KEY is not set: each host would seal events with a key of its own.")


@look
def addresses() -> Iterator[Finding]:
    """Under which addresses the house answers."""
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield "hosts", _("ALLOWED_HOSTS must name the hosts of this house, without *.")
    if not settings.PUBLIC_URL.startswith("https://"):
        yield "public_url", _("PUBLIC_URL must say how people reach the house: https://erp.example.com.")
    elif not _is_allowed(urlsplit(settings.PUBLIC_URL).hostname or ""):
        yield "public_host", _("PUBLIC_URL names a host that ALLOWED_HOSTS does not.")
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        if "*" in origin or not origin.startswith("https://"):
            yield "origins", _("CSRF_TRUSTED_ORIGINS must be https addresses without *.")
            return


@look
def transport() -> Iterator[Finding]:
    """What goes over the wire."""
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE and settings.TLS):
        yield "tls", _("TLS is off: log-ins and sessions would go over the wire in clear. Set TLS=1.")
    if settings.NOTICES_BY_MAIL and settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        yield "mail", _("NOTICES_BY_MAIL is on, but no mail server is named: set EMAIL_URL.")
    if not sso.server_url().startswith(("https://", "-")):
        yield "oidc", _("OIDC_URL must begin with https://, or anybody on the way could answer in its place.")


@look
def stores() -> Iterator[Finding]:
    """Database and broker."""
    if connection.vendor == "sqlite" and _several_hosts():
        yield "sqlite", _("SQLite serves one machine only: set DATABASE_URL to a PostgreSQL for several.")
    database = settings.DATABASES["default"]
    host = str(database.get("HOST") or "")
    if connection.vendor == "postgresql" and _is_elsewhere(host) and not database.get("PASSWORD"):
        yield "database_password", _("DATABASE_URL has no password for a database on another machine.")
    broker = urlsplit(settings.CELERY_BROKER_URL)
    if broker.scheme in ("redis", "rediss") and _is_elsewhere(broker.hostname or "") and not broker.password:
        yield "broker_password", _("REDIS_URL has no password for a broker on another machine.")


@look
def hashing() -> Iterator[Finding]:
    """How passwords are kept."""
    if not settings.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher"):
        yield "hasher", _("Passwords must be kept with Argon2: PASSWORD_HASHERS begins with another hasher.")


@look
def open_files() -> Iterator[Finding]:
    """The data folder, which strangers must not enter, and the keys in it, which only the house may read."""
    folder = Path(settings.DATA_DIR)
    doors = [(folder, 0o007, "700"), *((path, 0o077, "600") for path in folder.glob("*_key"))]
    for path, strangers, mode in doors:
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & strangers:
            sentence = _("Others on this machine can read {path}: set its mode to {mode}.")
            yield "open_files", sentence.format(path=path, mode=mode)


@look
def known_people() -> Iterator[Finding]:
    """People of the demo, whose password everybody knows."""
    if Person._meta.db_table not in connection.introspection.table_names():
        return
    people = Person.objects.filter(is_active=True).exclude(password__startswith="!")
    if _demo_password_opens(people):
        yield (
            "demo_people",
            _("People with the password of the demo are in the database: begin with an empty one."),
        )


def _demo_password_opens(people: Any) -> bool:
    """Whether one of the names that the demo gives opens with its password; each hash is tried once."""
    names = {name for row in fixture("people")["departments"] for name in row.get("roles", {})}
    hashes = people.filter(username__in=names).values_list("password", flat=True).distinct()[:20]
    return any(check_password(PASSWORD, one) for one in hashes)


def _is_weak(key: str) -> bool:
    return len(key) < KEY_LENGTH or len(set(key)) < KEY_VARIETY or key.lower().startswith(PLACEHOLDERS)


def _several_hosts() -> bool:
    """Whether processes of other machines take part: they would need a broker that both can reach."""
    return not settings.EMBEDDED_BROKER and _is_elsewhere(urlsplit(settings.CELERY_BROKER_URL).hostname or "")


def _is_elsewhere(host: str) -> bool:
    return host not in HERE and not host.startswith("/")


def _is_allowed(host: str) -> bool:
    return any(
        host == one or (one.startswith(".") and (host.endswith(one) or host == one[1:]))
        for one in settings.ALLOWED_HOSTS
    )
