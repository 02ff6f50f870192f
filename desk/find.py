"""Finding: a document by its number, an entry for a reference field."""

from __future__ import annotations

from uuid import UUID

from django.db.models import CharField, Q, Value
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render as page
from django.views.decorators.http import require_safe

from flow import html, picking, policy
from flow.faces import Asking, face
from flow.models import Document
from flow.refusals import Denied


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
    return page(request, "desk/find.html", {"query": query, "query_number": query, "rows": rows})


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
