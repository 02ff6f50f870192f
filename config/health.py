"""How the house is: its health page, the banner for silent workers, the answer when the database is away."""

import errno
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, TypeVar

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.defaults import server_error
from drf_standardized_errors.handler import exception_handler
from drf_standardized_errors.types import ExceptionHandlerContext
from rest_framework.response import Response

from config import heartbeat
from flow import maintenance

Answer = TypeVar("Answer", bound=HttpResponse)
RETRY_AFTER_SECONDS = 5
STALLED_AFTER = timedelta(minutes=2)
# Workers that never worked are silent since this web process began.
STARTED_AT = timezone.now()
AWAY = _("The database does not answer just now. Please check what was saved and try again in a moment.")
FULL = _("There is no room left on the house’s disk, so nothing was saved. Please tell the administrator.")
FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DISK_FULL_STATE, DISK_FULL_SQLITE = "53100", "SQLITE_FULL"
# Classes of SQLSTATE that pass by themselves: connection, operator, resources, locks, rollback.
PASSING_STATES = ("08", "57", "53", "55", "40")
PASSING_SQLITE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_FULL")


def healthz(request: HttpRequest) -> JsonResponse:
    """Answers 200 while the database answers, else 503; a dead broker only degrades the house."""
    try:
        now = timezone.now()
        beats = {name: round(age.total_seconds(), 1) for name, age in heartbeat.ages(now=now).items()}
        copy = maintenance.silent()
    except (OperationalError, InterfaceError):
        return unavailable(JsonResponse({"database": "down", "broker": broker_state()}, status=503))
    working = beats.get(heartbeat.WORKER, float("inf")) <= STALLED_AFTER.total_seconds()
    answer = {
        "database": "ok",
        "database_vendor": connection.vendor,
        "broker": broker_state(),
        "workers": "ok" if working else "stalled",
        "heartbeat_age_seconds": beats,
    }
    if copy:
        answer["restored_copy"] = "unconfirmed"
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


def broker_state() -> str:
    """Asks the broker, for one second at most; a house without it works on, more slowly."""
    address = settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://", 1)
    try:
        with redis.Redis.from_url(address, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except redis.RedisError:
        return "degraded"
    return "ok"


def background(request: HttpRequest) -> dict[str, Any]:
    """Gives every page `stalled_minutes`: how long the workers have been silent, None while they work; and
    `restored_copy`: whether this is a copy that nobody has confirmed yet."""

    def minutes() -> int | None:
        now = timezone.now()
        silence = heartbeat.ages(now=now).get(heartbeat.WORKER, now - STARTED_AT)
        return int(silence.total_seconds() // 60) if silence >= STALLED_AFTER else None

    return {"stalled_minutes": minutes, "restored_copy": maintenance.silent}


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yields the error and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def full(error: BaseException | None) -> bool:
    """Tells whether an error comes from a disk without room, of the database or of the files."""
    for cause in causes(error):
        if isinstance(cause, OSError) and cause.errno in FULL_DISK:
            return True
        name, state = getattr(cause, "sqlite_errorname", None), getattr(cause, "pgcode", None)
        if name == DISK_FULL_SQLITE or state == DISK_FULL_STATE:
            return True
    return False


def why(error: BaseException | None) -> Any:
    """The sentence for an error that passes."""
    return FULL if full(error) else AWAY


def passes(error: BaseException | None) -> bool:
    """Tells whether an error is a database that is away or busy, or a full disk, which a later try may find
    well again."""
    if full(error):
        return True
    for cause in causes(error):
        if isinstance(cause, OperationalError | InterfaceError):
            inner = cause.__cause__
            name = getattr(inner, "sqlite_errorname", None)
            if name is not None:
                return name.startswith(PASSING_SQLITE)
            state = getattr(inner, "pgcode", None)
            return state is None or state.startswith(PASSING_STATES)
    return False


def unavailable(response: Answer) -> Answer:
    """Marks a response as "not now, try again"."""
    response.status_code = 503
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def trouble(request: HttpRequest) -> HttpResponse:
    """Answers an unexpected error: 503 with a time to retry while the database is away or busy or a disk is
    full, else 500."""
    error = sys.exc_info()[1]
    if not passes(error):
        return server_error(request)
    return unavailable(
        HttpResponse(format_html('<!doctype html><meta charset="utf-8"><p>{}</p>', why(error)))
    )


def api_trouble(error: Exception, context: ExceptionHandlerContext) -> Response | None:
    """Answers an error of the REST face, with the same 503 as `trouble`."""
    if not passes(error):
        return exception_handler(error, context)
    detail = str(why(error))
    body = {"type": "server_error", "errors": [{"code": "unavailable", "detail": detail, "attr": None}]}
    return unavailable(Response(body))
