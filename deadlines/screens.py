"""How clocks are shown: on every document's page and API answer, and the list of periodic duties."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import get_script_prefix
from django.utils.translation import gettext_lazy as _

from deadlines import boards, queries
from deadlines.boards import Clock
from deadlines.models import Deadline, Duty
from deadlines.notices import sentence_of, shown
from flow import panels
from flow.models import Document
from flow.screens import Screen

# Documents whose page tells of the whole case; the clocks know them by name only, they stand higher.
WHOLE_CASE = frozenset({"orders.order"})

# The look of a clock's badge, by its state in D4.
TONES = {
    "scheduled": "off",
    "running": "ok",
    "warned": "near",
    "overdue": "late",
    "escalated": "late",
    "paused": "hold",
    "stopped_in_time": "met",
    "stopped_late": "missed",
    "superseded": "off",
    "cancelled": "off",
}

Screen(
    Duty,
    columns=("title", "period", "role", "company", "starts_at", "ends_at", "state"),
    filters=("state", "role", "rule"),
    search=("title", "code", "period"),
    facts=("code", "note"),
    related=("company",),
)


def clocks_of(asked: panels.Asked) -> list[Clock]:
    """The clocks of a document; of an order, those of its whole case. Three queries."""
    document = asked.document
    whole = document.label() in WHOLE_CASE
    rows = queries.of_document(document)
    if whole:
        seen = queries.readable_types(asked.viewer)
        rows = queries.of_case(document.case_id).filter(subject_type__in=seen)
    return boards.clocks(rows, at=asked.at)


@panels.panel("*")
def clock_panel(asked: panels.Asked) -> panels.Panel | None:
    """Which clocks run here, the nearest first, and which have ended."""
    found = clocks_of(asked)
    if not found:
        return None
    running = [clock for clock in found if clock.row.state in Deadline.RUNNING]
    running.sort(key=lambda clock: (clock.row.state == Deadline.State.PAUSED, clock.row.due_at))
    ended = [clock for clock in reversed(found) if clock.row.state not in Deadline.RUNNING]
    return panels.Panel(
        _("Clocks"),
        items=[_row(clock) for clock in running],
        earlier=[_row(clock) for clock in ended],
        aside=True,
    )


@panels.extra("deadlines", "*")
def clock_extra(asked: panels.Asked) -> list[dict[str, Any]]:
    """The same in the API."""
    return [boards.as_json(clock) for clock in clocks_of(asked)]


def span_in_words(left: timedelta) -> str:
    """A time left or late, to the minute."""
    late = left < timedelta()
    return str(_("{time} late") if late else _("{time} left")).format(time=length_in_words(left))


def length_in_words(length: timedelta) -> str:
    """A length of time, to the minute."""
    minutes = int(abs(length).total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return str(_("{days} d {hours} h")).format(days=days, hours=hours)
    if hours:
        return str(_("{hours} h {minutes} min")).format(hours=hours, minutes=minutes)
    return str(_("{minutes} min")).format(minutes=minutes)


def row_of(clock: Clock, *, title: Any, subject: Any) -> panels.Row:
    """A clock as an entry of a list: the time left, rule, owner, start, due, how computed, who was told."""
    row = clock.row
    facts = (
        row.code,
        clock.owner,
        _("started {moment}").format(moment=shown(row.opened_at)),
        _("due {moment}").format(moment=shown(row.due_at)),
        *clock.flags,
    )
    told = [boards.told_line(step, names) for step, names in clock.told]
    return panels.Row(
        title,
        f"{get_script_prefix()}{row.path}/",
        subject,
        TONES[clock.state],
        _badge(clock),
        facts,
        fold=_("How computed"),
        folded=(*clock.computed, *told),
    )


def _row(clock: Clock) -> panels.Row:
    model = Document.registry.get(clock.row.subject_type)
    kind = model._meta.verbose_name if model else clock.row.subject_type
    said = sentence_of(clock.row.rule)
    return row_of(clock, title=" · ".join(filter(None, (said, clock.row.line_label))), subject=kind)


def _badge(clock: Clock) -> str:
    """The time left or late in words; where none runs, the state."""
    if clock.state in ("running", "warned", "overdue"):
        return span_in_words(clock.left)
    if clock.state in ("escalated", "stopped_late"):
        return f"{span_in_words(clock.left)} · {clock.state_label}"
    return clock.state_label
