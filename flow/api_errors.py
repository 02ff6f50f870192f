"""What the REST face answers when it does not do what was asked: one shape, `{"error", "message", …}`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.settings import api_settings

from flow.models import Event
from flow.refusals import Denied, Invalid, Misused, Refused, Stale
from flow.retry import Busy

RETRY_AFTER_SECONDS = 2
_TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


class TooLarge(drf.APIException):
    """The body is larger than anything the house takes."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an error; None hands an unexpected one on to the house."""
    view = context["view"]
    if isinstance(error, Refused):
        return _refused(error, view)
    if isinstance(error, Denied):
        return _said(HTTPStatus.FORBIDDEN, "denied", str(error), roles=sorted(error.roles))
    if isinstance(error, Invalid):
        return wrong(errors_of(error))
    if isinstance(error, Misused):
        sentence = _("This Idempotency-Key was used before for another request.")
        return _said(HTTPStatus.UNPROCESSABLE_ENTITY, "key_reused", sentence)
    if isinstance(error, Busy):
        return _busy()
    if isinstance(error, Http404):
        return _said(HTTPStatus.NOT_FOUND, "not_found", _missing(error))
    if isinstance(error, PermissionDenied):
        return _said(HTTPStatus.FORBIDDEN, "denied", str(error) or _("This is not allowed."))
    if isinstance(error, SuspiciousOperation):
        large = isinstance(error, _TOO_LARGE)
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if large else HTTPStatus.BAD_REQUEST
        return _said(status, "too_large" if large else "malformed", _("The request cannot be read."))
    if isinstance(error, drf.ValidationError):
        return wrong(_by_field(error.detail))
    if isinstance(error, drf.APIException):
        return _of_framework(error)
    return _of_house(error, context)


def wrong(errors: dict[str, Any]) -> Response:
    """422: what is wrong with which field, and with which cell of which line."""
    sentence = _("Something in the input is wrong.")
    return _said(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", sentence, errors=errors)


def errors_of(error: Invalid) -> dict[str, Any]:
    """The errors as JSON takes them."""
    found: dict[str, Any] = {name: [str(s) for s in said] for name, said in error.errors.items()}
    lines = {str(row): {n: [str(s) for s in said] for n, said in c.items()} for row, c in error.lines.items()}
    if "lines" in found:
        lines[NON_FIELD_ERRORS] = found.pop("lines")
    return found | ({"lines": lines} if lines else {})


def _refused(error: Refused, view: Any) -> Response:
    """409, or 412 where the sender named a version; with the document as it stands and who moved it last."""
    stale = isinstance(error, Stale)
    named = stale and "If-Match" in view.request.headers
    reasons = [str(reason) for reason in error.reasons]
    return _said(
        HTTPStatus.PRECONDITION_FAILED if named else HTTPStatus.CONFLICT,
        "stale" if stale else "refused",
        " ".join(reasons),
        reasons=reasons,
        **_standing(getattr(view, "subject", None)),
    )


def _standing(document: Any) -> dict[str, Any]:
    """State and version of the document now, and who moved it last, and when."""
    if document is None:
        return {"state": None, "version": None, "by": None, "at": None}
    now = type(document)._default_manager.filter(pk=document.pk).values_list("state", "version").first()
    state, version = now or (None, None)
    rows = Event.objects.filter(subject_type=document.label(), subject_id=document.pk, version__isnull=False)
    last = rows.select_related("actor").order_by("-pk").first()
    return {
        "state": state,
        "version": version,
        "by": str(last.actor) if last else None,
        "at": last.at.isoformat() if last else None,
    }


def _busy() -> Response:
    sentence = _("Somebody is working on the same order just now. Nothing was changed; please try again.")
    response = _said(HTTPStatus.SERVICE_UNAVAILABLE, "busy", sentence)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


_CODES = {400: "malformed", 401: "not_authenticated", 403: "denied", 404: "not_found"}


def _of_framework(error: drf.APIException) -> Response:
    code = _CODES.get(error.status_code) or str(error.default_code)
    response = _said(error.status_code, code, str(error.detail))
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    return response


def _of_house(error: Exception, context: dict[str, Any]) -> Response | None:
    """Leave it to the house, which knows a database that is away or a full disk; its words in our shape."""
    handle: Any = api_settings.EXCEPTION_HANDLER
    found = handle(error, context)
    if found is None or found.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
        return None
    said = found.data["errors"][0]["detail"]
    response = _said(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", str(said))
    response["Retry-After"] = found.get("Retry-After", str(RETRY_AFTER_SECONDS))
    return response


def _by_field(detail: Any) -> dict[str, Any]:
    if isinstance(detail, dict):
        lists = {name: said if isinstance(said, list) else [said] for name, said in detail.items()}
        return {name: [str(sentence) for sentence in said] for name, said in lists.items()}
    return {NON_FIELD_ERRORS: [str(said) for said in detail]}


def _missing(error: Http404) -> str:
    said = str(error)
    return said if said and "tried" not in said else _("There is nothing here, or you may not see it.")


def _said(status: int, code: str, sentence: str, **more: Any) -> Response:
    return Response({"error": code, "message": sentence, **more}, status=int(status))
