"""The page of one's notices, and reading them."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import get_script_prefix
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST, require_safe

from flow.faces import Asking, face
from integration import notices
from integration.models import Notice

SHOWN = 100


@require_safe
@face
def mine(request: Asking) -> HttpResponse:
    """The latest notices, the unread marked."""
    rows = notices.latest(request.viewer.person, limit=SHOWN)
    return render(request, "integration/notices.html", {"rows": rows, "menu": "notices"})


@require_GET
@face
def open_notice(request: Asking, pk: int) -> HttpResponse:
    """Go to what the notice speaks of; following it is reading it."""
    notice = get_object_or_404(Notice, pk=pk, person=request.viewer.person)
    notices.mark_read(request.viewer.person, at=request.at, ids=[pk])
    path = notice.path.strip("/")
    target = notices.led_to(request.viewer, path) or (f"{get_script_prefix()}{path}/" if path else "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return HttpResponseRedirect(target)
    return redirect("integration:notices")


@require_POST
@face
def read_all(request: Asking) -> HttpResponse:
    """Mark all notices read."""
    notices.mark_read(request.viewer.person, at=request.at)
    return redirect("integration:notices")
