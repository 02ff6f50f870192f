"""Printing a document: its form with the copies before it is printed, and the PDF."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as page
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from flow import html, prints
from flow.events import By
from flow.faces import Asking, document_for, face, screen_for
from flow.prints import Form, Wanted

# So many pages of a form are shown before it is printed.
SHOWN = 4


@require_safe
@face
def first(request: Asking, app: str, slug: str, identity: str) -> HttpResponse:
    """To the first form of a document."""
    found = document_for(request, screen_for(app, slug), identity)
    return redirect(f"{html.href(found)}print/{prints.forms_of(found)[0].slug}/")


@require_safe
@face
def preview(request: Asking, app: str, slug: str, identity: str, form: str) -> HttpResponse:
    """A form as it will be printed, the copy `copy` of it; which copies are printed is chosen beside it."""
    found, chosen = _form(request, app, slug, identity, form)
    place = _places(chosen, request.GET.getlist("copy"))[0]
    wanted = Wanted(found, chosen, [place])
    pages = prints.preview(wanted, by=by_of(request), viewer=request.viewer, root=root(request))
    context = {
        "document": found,
        "kind": found._meta.verbose_name,
        "form": chosen,
        "forms": prints.forms_of(found),
        "copies": list(zip(prints.ORDINALS, chosen.copies, strict=False)),
        "copy": chosen.copies[place] if place >= 0 else None,
        "pages": [b64encode(one).decode() for one in pages[:SHOWN]],
        "more": len(pages) - SHOWN,
        "path": html.href(found),
        "list_path": html.list_href(type(found)),
        "title": found._meta.verbose_name_plural,
        "badge": html.badge(found),
        "menu": found.label(),
    }
    answer = page(request, "desk/print.html", context)
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@face
def issue(request: Asking, app: str, slug: str, identity: str, form: str) -> HttpResponse:
    """The PDF of the chosen copies; who printed it is recorded."""
    found, chosen = _form(request, app, slug, identity, form)
    named = request.POST.getlist("copy")
    if chosen.copies and not named:
        messages.error(request, _("Choose at least one copy."))
        return redirect(f"{html.href(found)}print/{chosen.slug}/")
    wanted = Wanted(found, chosen, _places(chosen, named))
    made = prints.issue([wanted], by=by_of(request), viewer=request.viewer, root=root(request))
    return pdf_answer(made, file_name(wanted), save=request.POST.get("how") == "save")


def _form(request: Asking, app: str, slug: str, identity: str, name: str) -> tuple[Any, Form]:
    found = document_for(request, screen_for(app, slug), identity)
    form = prints.form_of(found, name)
    if form is None:
        raise Http404(_("This document has no such form."))
    return found, form


def _places(form: Form, named: Iterable[str]) -> list[int]:
    try:
        return form.chosen(named)
    except ValueError as wrong:
        raise Http404(_("This form has no such copy.")) from wrong


def by_of(request: Asking) -> By:
    """Who prints, and when."""
    return By(request.viewer.person, request.at)


def root(request: Any) -> str:
    """The address of the house, as a telephone that reads the QR code can reach it."""
    return settings.PUBLIC_URL or str(request.build_absolute_uri("/"))


def file_name(wanted: Wanted) -> str:
    """What a PDF is called when it is saved."""
    return f"{wanted.document}-{wanted.form.title}.pdf".replace("/", "-")


def pdf_answer(made: bytes, name: str, *, save: bool) -> HttpResponse:
    """A PDF that we made: to be saved, or shown by the browser; nothing in it runs or is fetched."""
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = str(content_disposition_header(save, name))
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'"
    answer["Cache-Control"] = "private, no-store"
    return answer
