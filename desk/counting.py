"""How much waits for a person: the numbers beside the entries of the navigation."""

from __future__ import annotations

from datetime import datetime

from deadlines import queries
from desk import todo
from flow import html
from flow.policy import Viewer

# A number beside an entry says "enough", not how much exactly.
MOST = 99


def waiting(viewer: Viewer, at: datetime) -> dict[str, int]:
    """How many documents of each kind wait for this person, and under `home` how many clocks are overdue.

    One query for each kind of document of which something can wait for the person, and one for the clocks.
    """
    found = {
        screen.model.label(): number for screen in html.screens() if (number := _of(screen.model, viewer))
    }
    late = queries.mine(viewer).filter(due_at__lte=at)
    return {**found, "home": late.order_by()[:MOST].count()}


def _of(model: type, viewer: Viewer) -> int:
    return todo.count(model, viewer, MOST)
