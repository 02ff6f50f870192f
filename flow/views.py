"""The generic pages of every document, as its screen declares them: list, page, search, files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import CharField, Q, Value
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.shortcuts import render as page
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from flow import clock, html, listing, panels, papers, picking, policy, render, timeline, todo
from flow.actions import creation_of
from flow.events import By
from flow.faces import Asking, document_for, face, file_answer, role_names, screen_for
from flow.models import Document
from flow.refusals import Denied, Invalid
from flow.screens import Screen
from org.roles import Role

AHEAD = ("1", "4", "24")


@require_safe
@face
def home(request: Asking) -> HttpResponse:
    """My clocks and notices (from those who know them), and the documents that wait for me."""
    found = [todo.waiting(s.model, request.viewer, s.related) for s in html.screens()]
    context = {
        "panels": panels.homes_of(request.viewer, request.at),
        "waiting": [w for w in found if w],
        "menu": "home",
        "posts": request.viewer.posts,
    }
    return page(request, "flow/home.html", context)


# ---- list ----


@require_safe
@face
def documents(request: Asking, app: str, slug: str) -> HttpResponseBase:
    """The list of a document type; its rows alone for `HX-Request`; all of it as CSV with `format=csv`."""
    screen = screen_for(app, slug)
    known = {*listing.OWN, listing.CASE, *screen.filters}
    asked = {name: str(value) for name, value in request.GET.items() if name in known}
    names = render.readable_names(screen.model, screen.columns, request.viewer)
    if request.GET.get("format") == "csv":
        return _csv(request, screen, asked, names)
    wrong: dict[str, list[Any]] = {}
    try:
        found = listing.page(screen, request.viewer, asked)
    except Invalid as invalid:
        found, wrong = listing.Page([], None), invalid.errors
    context = {
        "columns": html.sorted_columns(screen, names, request.viewer, asked.get("ordering", "")),
        "rows": [html.cells(row, names, request.viewer) for row in found.rows],
        "next": _with(request, cursor=found.next) if found.next else "",
    }
    if request.headers.get("HX-Request"):
        return page(request, "flow/rows.html", context, status=400 if wrong else 200)
    context |= _around(request, screen, asked, wrong)
    return page(request, "flow/list.html", context, status=400 if wrong else 200)


def _around(
    request: Asking, screen: Screen, asked: dict[str, str], wrong: dict[str, list[Any]]
) -> dict[str, Any]:
    """What stands around the rows of a list: search, filters, export and the way to a new document."""
    creation = creation_of(screen.model)
    controls = html.controls(screen, request.viewer, asked, wrong)
    named = {control.name for control in controls}
    return {
        "title": screen.model._meta.verbose_name_plural,
        "kind": screen.model._meta.verbose_name,
        "controls": controls,
        "wrong": [s for name, said in wrong.items() if name not in named for s in said],
        "query": asked.get("q", ""),
        "ordering": asked.get("ordering", ""),
        "narrowed": any(value for name, value in asked.items() if name == "q" or name in named),
        "paged": bool(asked.get("cursor")),
        "path": html.list_href(screen.model),
        "export": _with(request, format="csv", cursor=""),
        "creation": creation if creation and request.viewer.companies(creation.may) != set() else None,
        "menu": screen.model.label(),
    }


def _with(request: HttpRequest, **changed: str) -> str:
    query = request.GET.copy()
    for name, value in changed.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"


class _Echo:
    """A file that hands back what is written into it."""

    def write(self, text: str) -> str:
        return text


def _csv(request: Asking, screen: Screen, asked: dict[str, str], names: list[str]) -> HttpResponseBase:
    """All rows of the list, sent while they are read; begins with the mark by which Excel knows UTF-8."""
    try:
        rows = listing.every(screen, request.viewer, asked)
    except Invalid as invalid:
        raise Http404(" ".join(str(s) for said in invalid.errors.values() for s in said)) from invalid
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff"
        yield writer.writerow([html.guarded(render.heading(screen.model, name)) for name in names])
        for row in rows:
            texts = [render.text(row, name, request.viewer.on(row), bare=True) for name in names]
            yield writer.writerow(["" if t == render.NOTHING else html.guarded(t) for t in texts])

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    name = f"{screen.model.slug}-{localtime(request.at):%Y%m%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


# ---- page ----


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
        "relatives": timeline.relatives(found, viewer),
        "files": render.files(found, viewer),
        "contacts": papers.contacts(found).select_related("by"),
        "comments": papers.comments(found).select_related("by"),
        "entries": timeline.entries(found, viewer, whole_case=whole),
        "whole": whole,
        "once": uuid4().hex,
        "menu": screen.model.label(),
        **_possible(found, viewer),
    }
    return page(request, "flow/document.html", context)


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


@require_POST
@face
def move_clock(request: Asking) -> HttpResponse:
    """Move the training clock ahead; only where it is switched on, and by an administrator."""
    if not settings.TRAINING_CLOCK:
        raise Http404
    if Role.ADMIN not in request.viewer.roles:
        raise Denied(_("The training clock is moved by an administrator."), [Role.ADMIN])
    hours = request.POST.get("hours", "")
    if hours not in AHEAD:
        return HttpResponseBadRequest(_("The clock moves by one of the steps offered."))
    clock.advance(timedelta(hours=int(hours)))
    back = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(back if ours else "/")


# ---- find ----


@require_safe
@face
def find(request: Asking) -> HttpResponse:
    """Jump to the document with this number, or list those whose number contains the words."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    exact = _found(request, Q(number__iexact=query)) if query else []
    if len(exact) == 1:
        label, public_id = exact[0][0], exact[0][1]
        return HttpResponseRedirect(f"/{label.replace('.', '/', 1)}/{public_id}/")
    found = exact or (_found(request, Q(number__icontains=query)) if query else [])
    rows = [
        (Document.registry[label]._meta.verbose_name, number, f"/{label.replace('.', '/', 1)}/{public_id}/")
        for label, public_id, number in found
    ]
    return page(request, "flow/find.html", {"query": query, "query_number": query, "rows": rows})


def _found(request: Asking, condition: Q) -> list[tuple[str, UUID, str]]:
    """Up to 50 visible documents of all types that fit, in one query."""
    parts = [
        policy.visible_to(screen.model, request.viewer)
        .filter(condition)
        .order_by()
        .values_list(Value(screen.model.label(), output_field=CharField()), "public_id", "number")
        for screen in html.screens()
    ]
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return list(rows[:50])


@require_safe
@face
def pick(request: Asking, verb: str, part: str, name: str) -> JsonResponse:
    """Entries for a reference field of an action that one may do: those that contain what was typed."""
    try:
        found = picking.entries(
            verb, part, name, request.GET.get("q", ""), viewer=request.viewer, at=request.at
        )
    except Denied as denied:
        raise Http404 from denied
    if found is None:
        raise Http404
    return JsonResponse({"results": found})
