"""Reads what a REST request says: its body, the version it saw, the key that keeps it from acting twice."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from flow import json_input
from flow.api_errors import TooLarge
from flow.idempotency import Key
from flow.refusals import Invalid
from flow.uploads import LIMIT

# A file in base64 is a third larger; beside it there is room for a thousand lines.
BODY_LIMIT = LIMIT * 4 // 3 + 2 * 1024 * 1024
NO_VERSION = -1


class Json(BaseParser):
    """Reads a JSON body; nothing in it can do more than be refused."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value of the body. Raises ParseError or TooLarge."""
        encoding = (parser_context or {}).get("encoding") or "utf-8"
        body = stream.read(BODY_LIMIT + 1)
        if len(body) > BODY_LIMIT:
            raise TooLarge(_("The request is too large."))
        try:
            return json.loads(body.decode(encoding), parse_constant=_no_constant)
        except (ValueError, RecursionError, LookupError) as wrong:
            raise ParseError(_("The body is not JSON.")) from wrong


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


@dataclass(frozen=True)
class Body:
    """What was sent: fields, files and lines; `canonical` is the same for the same content."""

    fields: Mapping[str, Any]
    files: Mapping[str, Any] = field(default_factory=dict)
    lines: Any = None
    canonical: str = ""


def body_of(request: Request) -> Body:
    """The body of a request, as a JSON object or as a form with files and `lines` as JSON text."""
    data = request.data
    if isinstance(data, QueryDict):
        return _form(request)
    if not isinstance(data, dict):
        raise ParseError(_("The body must be a JSON object."))
    fields = {name: value for name, value in data.items() if name != "lines"}
    return Body(fields, {}, data.get("lines"), _canonical(data))


def check_query(request: Request) -> None:
    """Raise Invalid for query parameters that hold what is not text."""
    lists = {name: request.query_params.getlist(name) for name in request.query_params}
    found = {name: json_input.unspeakable([name, *words]) for name, words in lists.items()}
    if wrong := {json_input.harmless(name): said for name, said in found.items() if said}:
        raise Invalid(wrong)


def version_of(request: Request, current: int) -> int | None:
    """The version the sender saw, from `If-Match`; None when it named none or any."""
    said = request.headers.get("If-Match")
    if said is None or said.strip() == "*":
        return None
    tags = re.findall(r'(?:W/)?"([^"]*)"', said)
    if str(current) in tags:
        return current
    named = [int(tag) for tag in tags if re.fullmatch(r"[0-9]{1,9}", tag)]
    return named[0] if named else NO_VERSION


def prefers_minimal(request: Request) -> bool:
    """Whether the sender does without the whole document in the answer (RFC 7240)."""
    said = re.split(r"[,;]", request.headers.get("Prefer", ""))
    return "return=minimal" in {word.strip().lower() for word in said}


def key_of(request: Request, body: Body) -> Key | None:
    """The `Idempotency-Key` with the fingerprint of this request. Raises Invalid for one we cannot keep."""
    said = request.headers.get("Idempotency-Key")
    if said is None:
        return None
    if not re.fullmatch(r"[\x21-\x7e]{1,200}", said):
        raise Invalid({"Idempotency-Key": _("The key has 1 to 200 visible ASCII characters.")})
    text = f"{request.method}\n{request.path}\n{body.canonical}"
    return Key(said, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def _form(request: Request) -> Body:
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    said = fields.pop("lines", None)
    try:
        lines = json.loads(said[-1], parse_constant=_no_constant) if said else None
    except (ValueError, RecursionError) as wrong:
        raise ParseError(_("“lines” is not JSON.")) from wrong
    files = request.FILES
    sent = {
        "fields": sorted((name, values) for name, values in fields.lists()),
        "files": sorted((name, file.name, _digest(file)) for name, file in files.items()),
        "lines": lines,
    }
    return Body(fields, files, lines, _canonical(sent))


def _digest(file: Any) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _canonical(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), cls=DjangoJSONEncoder)
