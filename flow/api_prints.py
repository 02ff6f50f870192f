"""Printed forms in the REST face: which forms a document has, and each of them as PDF."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from flow import listing, prints
from flow.api import Face
from flow.faces import screen_for
from flow.openapi import described
from flow.prints import Wanted
from flow.refusals import Invalid
from flow.schema import Schema

_PATH = ("app", "slug", "id")


class Pdf(BaseRenderer):
    """Lets a program ask for a PDF; what is said against it is JSON all the same."""

    media_type = "application/pdf"
    format = "pdf"
    charset = None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        """Never reached: the PDF itself is no data, and errors are rendered as JSON."""
        raise NotImplementedError


class _Printing(Face):
    """A view of the forms of one document."""

    asks: ClassVar[tuple[str, ...]] = ()

    def _document(self, app: str, slug: str, id: str) -> Any:
        found = listing.find(screen_for(app, slug).model, id, self.viewer)
        if found is None:
            raise Http404(_("There is no such document, or you may not see it."))
        return found

    def _asked(self, request: Request) -> None:
        """Raise Invalid for a query parameter that this address does not know."""
        if unknown := request.query_params.keys() - set(self.asks):
            raise Invalid({name: _("The list has no such filter.") for name in sorted(unknown)})


class Forms(_Printing):
    """The forms of a document."""

    def get(self, request: Request, app: str, slug: str, id: str) -> Response:
        """Each form with its copies and its address."""
        document = self._document(app, slug, id)
        self._asked(request)
        found = [one for one in prints.forms_of(document) if prints.allowed(one, document, self.viewer)]
        return Response({"results": [_plain(one, document) for one in found], "next": None})

    @staticmethod
    def described(method: str) -> Schema:
        """The operation in the schema."""
        return described("prints_list", path=_PATH, takes=None, gives=_FORMS, status="200")


class Print(_Printing):
    """A form of a document as PDF."""

    renderer_classes = (JSONRenderer, Pdf)
    asks = ("copies",)

    def get(self, request: Request, app: str, slug: str, id: str, form: str) -> HttpResponseBase:
        """The PDF of the copies named in `copies` (their slugs, with commas between; without it all of them).

        That it was printed, by whom and in which copies, is recorded (SYS-14).
        """
        document = self._document(app, slug, id)
        self._asked(request)
        wanted = prints.form_of(document, form)
        if wanted is None:
            raise Http404(_("This document has no such form."))
        named = [word for word in request.query_params.get("copies", "").split(",") if word]
        try:
            places = wanted.chosen(named)
        except ValueError as wrong:
            raise Invalid({"copies": _("This form has no such copy.")}) from wrong
        root = settings.PUBLIC_URL or request.build_absolute_uri("/")
        made = prints.issue([Wanted(document, wanted, places)], by=self.by, viewer=self.viewer, root=root)
        answer = HttpResponse(made, content_type="application/pdf")
        answer["Cache-Control"] = "private, no-store"
        return answer

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """An error is JSON, whatever was asked for."""
        if isinstance(response, Response):
            request.accepted_renderer = JSONRenderer()
            request.accepted_media_type = JSONRenderer.media_type
        return super().finalize_response(request, response, *args, **kwargs)

    @staticmethod
    def described(method: str) -> Schema:
        """The operation in the schema."""
        made = described("print_read", path=(*_PATH, "form"), takes=None, gives={}, status="200")
        copies = {"name": "copies", "in": "query", "required": False, "schema": {"type": "string"}}
        file = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
        return made | {
            "parameters": [*made["parameters"], copies],
            "responses": made["responses"] | {"200": {"description": "The PDF.", "content": file}},
        }


def _plain(form: prints.Form, document: Any) -> dict[str, Any]:
    app, slug = document.label().split(".")
    return {
        "form": form.slug,
        "title": str(form.title),
        "code": form.code,
        "copies": [{"name": one.slug, "recipient": str(one.recipient)} for one in form.copies],
        "url": reverse(
            "api-print", kwargs={"app": app, "slug": slug, "id": document.public_id, "form": form.slug}
        ),
    }


_TEXT = {"type": "string"}
_COPY = {"type": "object", "properties": {"name": _TEXT, "recipient": _TEXT}}
_FORM = {
    "type": "object",
    "properties": {
        "form": _TEXT, "title": _TEXT, "code": _TEXT, "url": _TEXT,
        "copies": {"type": "array", "items": _COPY},
    },
}  # fmt: skip
_FORMS: Schema = {"type": "object", "properties": {"results": {"type": "array", "items": _FORM}, "next": {}}}
