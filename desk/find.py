"""Finding: what a few letters may mean, an entry for a reference field."""

from __future__ import annotations

from dataclasses import asdict

from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render as page
from django.views.decorators.http import require_safe

from desk import palette
from flow import picking
from flow.faces import Asking, face
from flow.refusals import Denied


@require_safe
@face
def find(request: Asking) -> HttpResponse:
    """Jump to the document with this number, or list everything that may be meant."""
    query = palette.cleaned(request.GET.get("q", ""))
    exact = palette.exactly(query, request.viewer) if query else []
    if len(exact) == 1:
        return HttpResponseRedirect(exact[0].href)
    found = palette.groups(query, request.viewer, request.at) if query else []
    return page(request, "desk/find.html", {"query": query, "query_number": query, "groups": found})


@require_safe
@face
def suggest(request: Asking) -> JsonResponse:
    """The same for the palette, while somebody types: `{"groups": [{"title", "entries": [...]}]}`."""
    found = palette.groups(request.GET.get("q", ""), request.viewer, request.at)
    answer = JsonResponse({"groups": [asdict(group) for group in found]})
    answer["Cache-Control"] = "private, no-store"
    return answer


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
