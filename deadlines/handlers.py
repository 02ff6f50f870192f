"""Where the clocks hang on the house: every event, every tick."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from deadlines import duties, engine, recompute, sweep
from flow import events, tick
from flow.events import By
from flow.models import Event

events.labels |= {
    sweep.ESCALATE: _("A deadline moved one step up"),
    recompute.RECOMPUTE: _("A deadline was computed again with a new calendar"),
}


@events.on("*")
def keep(event: Event, document: Any, by: By) -> None:
    """Start, stop, move and supersede deadlines in the event's own transaction."""
    engine.keep(event, document)


@tick.every_tick("duties")
def open_duties(at: datetime) -> int:
    """Open the periodic duties whose turn has come; close those that other documents fulfilled."""
    return duties.settle(at=at) + duties.open_due(at=at)


@tick.every_tick("calendar")
def recompute_provisional(at: datetime) -> int:
    """Compute again what was computed with an older calendar."""
    return recompute.run(at=at)


@tick.every_tick("deadlines")
def escalate(at: datetime) -> int:
    """Escalate every deadline whose next step is due."""
    return sweep.run(at=at)
