"""The first page: my clocks and notices, and the documents that wait for me."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render as page
from django.views.decorators.http import require_safe

from desk import todo
from flow import html, panels
from flow.faces import Asking, face


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
    return page(request, "desk/home.html", context)
