"""What the faces share: who asks and when, which document is meant, its files, how a refusal is answered."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render as page
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from flow import clock, listing, policy
from flow.actions import Action
from flow.models import Attachment, Document
from flow.policy import Viewer
from flow.refusals import Denied
from flow.retry import Busy
from flow.screens import Screen
from org.models import Company, Membership
from org.roles import Role

View = Callable[..., HttpResponseBase]
RETRY_AFTER = "5"
NAMED = 4
logger = logging.getLogger(__name__)


class Asking(HttpRequest):
    """A request of somebody logged in, with the moment and the posts read once."""

    at: datetime
    viewer: Viewer


def face(view: View) -> View:
    """Let only people in; answer what the kernel says against an act in words (P12, P17)."""

    @login_required
    @wraps(view)
    def answered(request: Asking, *args: Any, **kwargs: Any) -> HttpResponseBase:
        know(request)
        try:
            return view(request, *args, **kwargs)
        except Denied as denied:
            return denial(request, denied)
        except Busy:
            answer = page(request, "busy.html", status=503)
            answer["Retry-After"] = RETRY_AFTER
            return answer

    return answered


def know(request: Any) -> None:
    """Note on the request the moment and who asks; read once, also by the shell of the page."""
    if not hasattr(request, "viewer"):
        request.at = clock.now()
        request.viewer = Viewer.of(request.user, request.at)


def screen_for(app: str, slug: str) -> Screen:
    """The screen of a document type by its two names in the address. Raises Http404."""
    screen = Screen.registry.get(f"{app}.{slug}")
    if screen is None:
        raise Http404(_("There is no such kind of document."))
    return screen


def document_for(request: Asking, screen: Screen, identity: str) -> Any:
    """The document by public id or number. Raises Http404: who may not see it, does not learn of it."""
    found = listing.find(screen.model, identity, request.viewer)
    if found is None:
        raise Http404(_("There is no such document, or you may not see it."))
    return found


def file_for(public_id: UUID, viewer: Viewer) -> Attachment:
    """A file whose document may be seen, if its kind is open to the person. Raises Http404."""
    file = Attachment.objects.filter(public_id=public_id).first()
    model = Document.registry.get(file.subject_type) if file else None
    rows = policy.visible_to(model, viewer).select_related("case") if model else None
    document = rows.filter(pk=file.subject_id).first() if rows is not None and file else None
    if (
        file is None
        or document is None
        or not policy.may_read(type(document), file.kind, viewer.on(document))
    ):
        raise Http404(_("There is no such file, or you may not see it."))
    return file


def file_answer(public_id: UUID, viewer: Viewer) -> FileResponse:
    """A file, to be saved and never shown in a page, if its document may be seen (P20). Raises Http404."""
    file = file_for(public_id, viewer)
    try:
        content = default_storage.open(file.stored)
    except FileNotFoundError as lost:
        logger.error("The file %s of attachment %s is missing.", file.stored, file.public_id)
        raise Http404(_("The file is missing in the store.")) from lost
    answer = FileResponse(content, as_attachment=True, filename=file.name, content_type=file.mime)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


def denial(request: Asking, denied: Denied, company: Company | None = None) -> HttpResponse:
    """The page that says who may do it, with names."""
    helpers = holders(denied.roles, request.at, company)
    return page(request, "403.html", {"exception": str(denied), "helpers": helpers}, status=403)


def holders(roles: list[str], at: datetime, company: Company | None = None) -> list[tuple[str, str]]:
    """Up to ten people who hold one of the roles now, in the company or the group: (name, post)."""
    rows = Membership.objects.filter(
        Membership.in_force(localtime(at).date()), role__in=roles, person__is_active=True
    )
    if company is not None:
        rows = rows.filter(Q(company=company) | Q(company__parent__isnull=True))
    rows = rows.select_related("person").order_by("role", "person_id")[:10]
    return [(str(row.person), str(Role(row.role).label)) for row in rows]


def role_names(action: Action, document: Document) -> str:
    """The posts that may do the action to this document, in words; of many the first few."""
    names = [str(Role(role).label) for role in sorted(action.roles_for(document))]
    said = "、".join(names[:NAMED])
    return said if len(names) <= NAMED else _("{names} and others").format(names=said)
