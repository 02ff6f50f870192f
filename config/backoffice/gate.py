"""The door of the administrators' own pages: who holds the post, in the frame of the admin."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from org.queries import is_administrator

View = Callable[[HttpRequest], HttpResponseBase]


def administrators_only(view: View) -> View:
    """Let only holders of the post see the page; it is looked at, never written. Raises PermissionDenied."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponseBase:
        if not is_administrator(request.user):
            raise PermissionDenied
        return view(request)

    return admin.site.admin_view(require_safe(answered))


def page(request: HttpRequest, template: str, title: Any, context: dict[str, Any]) -> TemplateResponse:
    """A page in the frame of the admin."""
    request.current_app = admin.site.name
    return TemplateResponse(
        request, template, {**admin.site.each_context(request), "title": title, **context}
    )
