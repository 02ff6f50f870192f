"""How clocks are shown: on every document's page and API answer, and the list of periodic duties."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import get_script_prefix
from django.utils.translation import gettext_lazy as _

from deadlines import boards, queries
from deadlines.boards import Clock
from deadlines.models import Deadline, Duty
from deadlines.notices import shown
from flow import panels
from flow.models import Document
from flow.screens import Screen

# Documents whose page tells of the whole case; the clocks know them by name only, they stand higher.
WHOLE_CASE = frozenset({"orders.order"})

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
    """Which clocks run or ran here: rule, owner, start, due, what is left, how computed, who was told."""
    found = clocks_of(asked)
    if not found:
        return None
    head = (
        _("Rule"),
        _("Document"),
        _("Owner"),
        _("State"),
        _("Started"),
        _("Due"),
        _("Left"),
        _("How computed"),
        _("Told"),
    )
    return panels.Panel(_("Clocks"), head, [_row(clock) for clock in found])


@panels.extra("deadlines", "*")
def clock_extra(asked: panels.Asked) -> list[dict[str, Any]]:
    """The same in the API."""
    return [boards.as_json(clock) for clock in clocks_of(asked)]


def span_in_words(left: timedelta) -> str:
    """A time left or late, to the minute."""
    minutes = int(abs(left).total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        said = str(_("{days} d {hours} h")).format(days=days, hours=hours)
    elif hours:
        said = str(_("{hours} h {minutes} min")).format(hours=hours, minutes=minutes)
    else:
        said = str(_("{minutes} min")).format(minutes=minutes)
    return str(_("{time} late") if left < timedelta() else _("{time} left")).format(time=said)


def _row(clock: Clock) -> tuple[Any, ...]:
    row = clock.row
    model = Document.registry.get(row.subject_type)
    kind = str(model._meta.verbose_name) if model else row.subject_type
    ended = row.state in (Deadline.State.CANCELLED, Deadline.State.SUPERSEDED)
    return (
        clock.sentence,
        (kind, f"{get_script_prefix()}{row.path}/"),
        clock.owner,
        " · ".join((clock.state_label, *clock.flags)),
        shown(row.opened_at),
        shown(row.due_at),
        "" if ended else span_in_words(clock.left),
        " ".join(clock.computed),
        "; ".join(boards.told_line(step, names) for step, names in clock.told),
    )
