"""The REST face: every document with its verbs, the events, the files; made from the registries alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from flow import actions, api_errors, api_input, binding, clock, feed, listing, picking, policy, render
from flow.actions import Action, Creation, Discard
from flow.api_input import Body
from flow.binding import Bound
from flow.events import By
from flow.faces import file_answer
from flow.idempotency import Key
from flow.models import Document, IdempotencyKey
from flow.openapi import FaceSchema
from flow.panels import Asked, extras_of
from flow.policy import Viewer
from flow.refusals import Denied, Invalid, Misused
from flow.schema import input_schema
from flow.screens import screen_of

REPLAYED = {"Idempotency-Replayed": "true"}
MINIMAL = {"Preference-Applied": "return=minimal"}


class Face(APIView):
    """A view of somebody who said who they are, with the moment and the posts read once.

    `model` and `step` are given by the route; `subject` is the document a refusal speaks of; `asks` are
    the query parameters of a view that belongs to no document type.
    """

    parser_classes = (api_input.Json, MultiPartParser)
    schema = FaceSchema()
    metadata_class = None
    model: type[Document] = Document  # type: ignore[type-abstract]
    step: Action | None = None
    subject: Any = None
    asks: ClassVar[tuple[str, ...]] = ()
    at: datetime
    viewer: Viewer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check who asks and that they speak in text, then read their posts and the clock."""
        super().initial(request, *args, **kwargs)
        api_input.check_query(request)
        self.at = clock.now()
        self.viewer = Viewer.of(request.user, self.at)  # type: ignore[arg-type]

    def get_exception_handler(self) -> Any:
        """Errors have one shape here."""
        return api_errors.answer

    @property
    def by(self) -> By:
        """Who acts, and when."""
        return By(self.viewer.person, self.at)

    def found(self, identity: str) -> Any:
        """The document by public id or number. Raises Http404 when it is not there to be seen."""
        document = listing.find(self.model, identity, self.viewer, bare=True)
        if document is None:
            raise Http404(_("There is no such document, or you may not see it."))
        self.subject = document
        return document

    def shown(self, document: Any, *, status: int = 200, replayed: bool = False) -> Response:
        """The document as it stands, its version as `ETag`; after a step the head alone, if so preferred."""
        headers = REPLAYED if replayed else {}
        if self.request.method == "POST" and api_input.prefers_minimal(self.request):
            again, headers = document, headers | MINIMAL
            body = render.head(document)
        else:
            again = listing.again(document, self.viewer)
            body = whole(again, self.viewer, self.at) if again else render.head(document)
        etag = {"ETag": f'"{(again or document).version}"'}
        return Response(body, status=status, headers=etag | headers)

    def done_before(self, key: Key | None, status: int) -> Response | None:
        """The answer to a request that had its effect already; None for the first. Raises Misused."""
        if key is None:
            return None
        row = IdempotencyKey.objects.filter(actor=self.viewer.person, key=key.value).first()
        if row is None:
            return None
        if row.fingerprint != key.fingerprint:
            raise Misused(key.value)
        if isinstance(self.step, Discard):
            return Response(status=204, headers=REPLAYED)
        document = listing.single(listing.seen(self.model, self.viewer).filter(pk=row.subject_id))
        if document is None:
            raise Http404
        return self.shown(document, status=status, replayed=True)


class Listing(Face):
    """The list of a document type."""

    def get(self, request: Request) -> Response:
        """A page of the list: the filters, search and orders that the screen declares."""
        screen = screen_of(self.model)
        page = listing.page(screen, self.viewer, request.query_params)
        rows = [render.row(document, screen, self.viewer) for document in page.rows]
        return Response({"results": rows, "next": following(request, page.next)})


class Collection(Listing):
    """The list of a document type, and the creation of a new one."""

    def post(self, request: Request) -> Response:
        """Create a document; 201 with the whole of it."""
        creation = self.step
        assert isinstance(creation, Creation)
        body = api_input.body_of(request)
        key = api_input.key_of(request, body)
        if before := self.done_before(key, 201):
            return before
        if self.viewer.companies(creation.may) == set():
            raise Denied(policy.sentence(creation), creation.may)
        bound = bound_to(self, creation, None, body)
        if not bound.ok:
            return self.done_before(key, 201) or api_errors.wrong(bound.errors)
        self.subject = bound.data.get(creation.parent)
        try:
            made = creation(by=self.by, key=key, **bound.data)
        except Invalid as invalid:
            bound.add(invalid)
            return api_errors.wrong(bound.errors)
        return self.shown(made, status=201, replayed=getattr(made, "replayed", False))


class Single(Face):
    """One document."""

    def get(self, request: Request, id: str) -> Response:
        """The document with its lines, what one may do to it, its clocks and what happened."""
        return self.shown(self.found(id))


class Step(Face):
    """A verb of one document."""

    def post(self, request: Request, id: str) -> Response:
        """Do it; 200 with the document after it."""
        action = self.step
        assert action is not None
        body = api_input.body_of(request)
        key = api_input.key_of(request, body)
        if before := self.done_before(key, 200):
            return before
        document = self.found(id)
        version = api_input.version_of(request, document.version)
        bound = bound_to(self, action, document, body)
        if not bound.ok:
            return self.done_before(key, 200) or self._unfit(action, document, bound)
        try:
            done = action(document, by=self.by, version=version, key=key, **bound.data)
        except Invalid as invalid:
            bound.add(invalid)
            return api_errors.wrong(bound.errors)
        if isinstance(action, Discard):
            return Response(status=204, headers=REPLAYED if getattr(done, "replayed", False) else None)
        return self.shown(done, replayed=getattr(done, "replayed", False))

    def _unfit(self, action: Action, document: Any, bound: Bound) -> Response:
        """Wrong input; but who may not do it, or not now, hears that first."""
        policy.check(action, document, self.viewer)
        if reasons := action.reasons(document):
            raise actions.Refused(*reasons)
        return api_errors.wrong(bound.errors)


class Events(Face):
    """What happened, over all documents that the person may see."""

    asks = (*feed.FILTERS, "cursor", "page_size")

    def get(self, request: Request) -> Response:
        """A page of events, the newest first."""
        page = feed.page(self.viewer, request.query_params)
        return Response(
            {"results": feed.listed(page.rows, self.viewer), "next": following(request, page.next)}
        )


class Files(Face):
    """The files of documents."""

    def get(self, request: Request, id: UUID) -> HttpResponseBase:
        """The file, to be saved and never shown in a page, if its document may be seen (P20)."""
        return file_answer(id, self.viewer)


class Choices(Face):
    """What may stand in the fields that name another row."""

    asks = ("verb", "field", "q")

    def get(self, request: Request) -> Response:
        """Up to 20 entries for the `field` of a `verb` (of its lines: `lines.item`) that contain `q`."""
        asked = {name: request.query_params.get(name, "") for name in self.asks}
        if unknown := request.query_params.keys() - set(self.asks):
            raise Invalid({name: _("The list has no such filter.") for name in sorted(unknown)})
        part, dot, name = asked["field"].rpartition(".")
        found = picking.entries(
            asked["verb"], part if dot else "form", name, asked["q"], viewer=self.viewer, at=self.at
        )
        if found is None:
            raise Http404(_("No step has such a field that names an entry."))
        return Response({"results": found, "next": None})


class Nothing(Face):
    """Whatever is not there."""

    schema = None  # type: ignore[assignment]

    http_method_names: list[str] = []

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """404 in the shape of this face, for every method."""
        raise Http404


class Routes:
    """Addresses that apps above add to the REST face, from their `api.py`."""

    added: ClassVar[list[tuple[str, type[Face], str]]] = []

    @classmethod
    def add(cls, path: str, name: str) -> Callable[[type[Face]], type[Face]]:
        """Serve the decorated view at `/api/v1/<path>`."""

        def register(view: type[Face]) -> type[Face]:
            cls.added.append((path, view, name))
            return view

        return register


def bound_to(face: Face, action: Action, document: Any, body: Body) -> Bound:
    """The body of a request in the forms of an action."""
    return binding.bind(
        action,
        viewer=face.viewer,
        document=document,
        at=face.at,
        fields=body.fields,
        files=body.files,
        lines=body.lines,
        strict=True,
    )


def whole(document: Any, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """A document as the REST face shows it: with its actions, events, and what apps above add."""
    shown = render.document(document, viewer, at)
    for file in shown["attachments"]:
        file["url"] = reverse("api-attachment", kwargs={"id": file["id"]})
    return (
        shown
        | {"actions": [_offer(offer, document) for offer in actions.offers(document, viewer)]}
        | {"events": feed.of(document, viewer)}
        | render.plain(extras_of(Asked(document, viewer, at)), viewer)
    )


def following(request: Request, cursor: str | None) -> str | None:
    """The address of the next page, relative to the host."""
    if cursor is None:
        return None
    asked = request.query_params.copy()
    asked["cursor"] = cursor
    return f"{request.path}?{asked.urlencode()}"


def _offer(offer: actions.Offer, document: Any) -> dict[str, Any]:
    action = offer.action
    label = action.model.label()
    return {
        "name": action.name,
        "label": str(action.label),
        "method": "POST",
        "url": reverse(f"api-{label}-{action.name}", kwargs={"id": document.public_id}),
        "reasons": [str(reason) for reason in offer.reasons],
        "schema": input_schema(action),
    }
