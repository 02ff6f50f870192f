"""Puts the board on the first page of the admin, whichever theme is around it."""

from __future__ import annotations

from typing import Any

from django import template

from config.backoffice.board import Board, board
from flow import faces
from org.queries import is_administrator

register = template.Library()


@register.simple_tag(takes_context=True)
def the_board(context: Any) -> Board:
    """The board of whoever looks; empty for who does not hold the post."""
    request = context["request"]
    if not is_administrator(request.user):
        return Board()
    faces.know(request)
    return board(request.viewer, request.at)
