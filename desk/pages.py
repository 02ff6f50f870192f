"""The page of one document, remarks on it, its files."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as page
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk import relatives, todo
from flow import html, panels, papers, policy, render, timeline
from flow.events import By
from flow.faces import Asking, document_for, face, file_answer, role_names, screen_for
from flow.models import Document


@require_safe
@face
def document(request: Asking, app: str, slug: str, identity: str) -> HttpResponse:
    """One document: head, facts, lines, what one may do and why not, panels, papers and its time-line."""
    screen = screen_for(app, slug)
    found = document_for(request, screen, identity)
    whole = timeline.leads_case(found)
    viewer = request.viewer
    context = {
        "document": found,
        "kind": screen.model._meta.verbose_name,
        "title": screen.model._meta.verbose_name_plural,
        "path": html.href(found),
        "list_path": html.list_href(screen.model),
        "badge": html.badge(found),
        "facts": html.facts(screen, found, viewer),
        "tables": html.line_tables(found, screen.lines, viewer),
        "panels": list(panels.panels_of(panels.Asked(found, viewer, request.at))),
        "relatives": relatives.relatives(found, viewer),
        "files": render.files(found, viewer),
        "contacts": papers.contacts(found).select_related("by"),
        "comments": papers.comments(found).select_related("by"),
        "entries": timeline.entries(found, viewer, whole_case=whole),
        "whole": whole,
        "once": uuid4().hex,
        "menu": screen.model.label(),
        **_possible(found, viewer),
    }
    return page(request, "desk/document.html", context)


def _possible(found: Document, viewer: policy.Viewer) -> dict[str, Any]:
    """The buttons open to this person, those with something against them, and whose turn it is otherwise."""
    buttons = todo.buttons(found, viewer)
    others = [(action.label, role_names(action, found)) for action in todo.others(found, buttons)]
    return {
        "opened": [button for button in buttons if not button.reasons],
        "barred": [button for button in buttons if button.reasons and button.rank < todo.WAY_OUT],
        "ways_barred": [button for button in buttons if button.reasons and button.rank == todo.WAY_OUT],
        "others": others,
    }


@require_POST
@face
def comment(request: Asking, app: str, slug: str, identity: str) -> HttpResponse:
    """Keep a remark on a document that one may see."""
    found = document_for(request, screen_for(app, slug), identity)
    form = CommentForm(request.POST)
    if form.is_valid():
        papers.comment(found, text=form.cleaned_data["text"], by=By(request.user, request.at))  # type: ignore[arg-type]
    else:
        messages.error(request, _("The remark was not kept: write between 1 and 2000 characters."))
    return redirect(f"{html.href(found)}#comments")


class CommentForm(forms.Form):
    """A remark of a colleague."""

    text = forms.CharField(max_length=2000)


@require_safe
@face
def download(request: Asking, public_id: UUID) -> FileResponse:
    """A file, to be saved."""
    return file_answer(public_id, request.viewer)
