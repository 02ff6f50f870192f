"""The tour on the workbench."""

from __future__ import annotations

from typing import Any

from django import template

from desk import tours

register = template.Library()


@register.simple_tag(takes_context=True)
def tour(context: dict[str, Any]) -> list[tours.Stop]:
    """The stops of the person's tour; empty once it was put away."""
    viewer = context["request"].viewer
    return tours.stops_of(viewer) if tours.is_due(viewer) else []
