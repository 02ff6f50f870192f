"""The way from the page of a document to its printed form."""

from __future__ import annotations

from typing import Any

from django import template

from flow import html, prints

register = template.Library()


@register.inclusion_tag("desk/prints_links.html", takes_context=True)
def print_links(context: dict[str, Any], document: Any) -> dict[str, Any]:
    """A link to the first form that the person may print; nothing where there is none."""
    viewer = context["request"].viewer
    forms = [form for form in prints.forms_of(document) if prints.allowed(form, document, viewer)]
    return {"forms": forms[:1], "path": html.href(document)}
