"""The list of a document type, as its screen declares it, and the same rows as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render as page
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from flow import html, listing, render
from flow.actions import creation_of
from flow.faces import Asking, face, screen_for
from flow.refusals import Invalid
from flow.screens import Screen


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
        return page(request, "desk/rows.html", context, status=400 if wrong else 200)
    context |= _around(request, screen, asked, wrong)
    return page(request, "desk/list.html", context, status=400 if wrong else 200)


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
