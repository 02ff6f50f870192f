"""The pages of the tour: shown whole, put away, brought back."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render as page
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from desk import tours
from flow.faces import Asking, face


@require_http_methods(["GET", "HEAD", "POST"])
@face
def tour(request: Asking) -> HttpResponse:
    """The tour of the person's posts; a POST puts it away, or `again` brings it back to the workbench."""
    if request.method == "POST":
        (tours.bring_back if "again" in request.POST else tours.put_away)(request.viewer)
        return HttpResponseRedirect(reverse("desk:home"))
    context = {"stops": tours.stops_of(request.viewer), "menu": "tour", "posts": request.viewer.posts}
    return page(request, "desk/tour.html", context)
