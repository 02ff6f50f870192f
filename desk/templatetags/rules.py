"""The rules behind a step, for the templates that show it."""

from __future__ import annotations

from typing import Any

from django import template

from deadlines.rules import Rule
from desk import rules
from flow.actions import Action

register = template.Library()


@register.simple_tag
def why(action: Action, document: Any) -> rules.Meant:
    """Why the step asks what it asks; `document` is None for a new one."""
    return rules.meant(action, document)


@register.filter
def terms(rule: Rule) -> list[str]:
    """How the clock of a timed rule runs, in words."""
    return rules.terms(rule)
