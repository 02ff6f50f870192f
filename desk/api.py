"""Remarks on documents in the REST face."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from desk import comments, transfers  # noqa: F401 - adds its addresses
from flow import api_input, idempotency, listing
from flow.api import REPLAYED, Face, Routes
from flow.api_errors import wrong
from flow.faces import screen_for
from flow.idempotency import Key
from flow.models import Comment, IdempotencyKey
from flow.openapi import described

SHOWN = 200
KIND = "flow.comment"


@Routes.add("<slug:app>/<slug:slug>/<str:id>/comments/", "api-comments")
class Comments(Face):
    """What colleagues said about a document, and saying something."""

    asks: ClassVar[tuple[str, ...]] = ()

    def get(self, request: Request, app: str, slug: str, id: str) -> Response:
        """The latest 200 remarks, the newest first."""
        rows = comments.rows_of(self._document(app, slug, id))
        found = list(rows.select_related("by").order_by("-pk")[:SHOWN])
        people = comments.people_of(found)
        return Response({"results": [comments.plain(row, people) for row in found], "next": None})

    def post(self, request: Request, app: str, slug: str, id: str) -> Response:
        """Say `text`; who is called by “@name” or picked by id in `mentions` is told. 201 with the remark."""
        document = self._document(app, slug, id)
        body = api_input.body_of(request)
        key = api_input.key_of(request, body)
        text, ids, errors = _read(body.fields)
        if errors:
            return wrong(errors)
        try:
            with transaction.atomic():
                claimed = idempotency.claim(self.viewer.person, key) if key else None
                kept = comments.write(document, text=text, by=self.by, mentions=ids)
                if claimed:
                    claimed.subject_type, claimed.subject_id = KIND, kept.pk
                    claimed.save(update_fields=["subject_type", "subject_id"])
        except idempotency.Repeated:
            return self._said_before(key)
        return Response(comments.plain(kept, comments.people_of([kept])), status=201)

    def _document(self, app: str, slug: str, id: str) -> Any:
        self.model = screen_for(app, slug).model
        found = listing.find(self.model, id, self.viewer, bare=True)
        if found is None:
            raise Http404(_("There is no such document, or you may not see it."))
        return found

    def _said_before(self, key: Key | None) -> Response:
        """The answer to a request that had its effect already. Raises Misused for other words."""
        assert key is not None
        row = IdempotencyKey.objects.get(actor=self.viewer.person, key=key.value)
        if row.fingerprint != key.fingerprint or row.subject_type != KIND:
            raise idempotency.Misused(key.value)
        kept = Comment.objects.select_related("by").get(pk=row.subject_id or 0)
        return Response(comments.plain(kept, comments.people_of([kept])), status=201, headers=REPLAYED)

    @staticmethod
    def described(method: str) -> dict[str, Any]:
        """The operation in the schema."""
        return described(
            f"comments_{'write' if method == 'POST' else 'list'}",
            path=("app", "slug", "id"),
            takes=_TAKES if method == "POST" else None,
            gives=_GIVES if method == "POST" else {"type": "object", "properties": {"results": _MANY}},
            status="201" if method == "POST" else "200",
        )


_TAKES: dict[str, Any] = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": comments.LONGEST},
        "mentions": {"type": "array", "maxItems": comments.MOST, "items": {"type": "integer"}},
    },
}
_PERSON = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
_GIVES: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "text": {"type": "string"},
        "by": {"type": "string"},
        "at": {"type": "string", "format": "date-time"},
        "mentions": {"type": "array", "items": _PERSON},
    },
}
_MANY = {"type": "array", "items": _GIVES}


def _read(fields: Any) -> tuple[str, list[int], dict[str, Any]]:
    """The text and the ids of a body, or what is wrong with them."""
    errors = {name: [_("There is no such field.")] for name in fields if name not in ("text", "mentions")}
    said, ids = fields.get("text"), fields.get("mentions", [])
    form = comments.CommentForm({"text": said if isinstance(said, str) else ""})
    if not form.is_valid():
        errors["text"] = [str(sentence) for sentence in form.errors["text"]]
    elif comments.unspeakable([str(said)]):
        errors["text"] = [_("This holds characters that are not text.")]
    numbers = isinstance(ids, list) and all(type(pk) is int and 0 < pk < 2**31 for pk in ids)
    if not numbers or len(ids) > comments.MOST:
        errors["mentions"] = [_("This must be a list of at most {most} ids.").format(most=comments.MOST)]
    return form.cleaned_data.get("text", "") if not errors else "", ids if numbers else [], errors
