"""Deadlines as they are shown: state in the words of D4, what is left, how it was computed, who was told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from deadlines import trail
from deadlines.models import Deadline, Escalation
from deadlines.notices import role_names, sentence_of, shown
from flow.models import Document
from org.models import Person

STATES = {
    "scheduled": _("scheduled"),
    "running": _("running"),
    "warned": _("warned"),
    "overdue": _("overdue"),
    "escalated": _("escalated"),
    "paused": _("paused"),
    "stopped_in_time": _("stopped in time"),
    "stopped_late": _("stopped late"),
    "superseded": _("superseded"),
    "cancelled": _("cancelled"),
}
KINDS = dict(Escalation.Kind.choices)


def state_of(row: Deadline, at: datetime) -> str:
    """The state of D4 at `at`, from the row alone."""
    if row.state == Deadline.State.DONE:
        return "stopped_late" if row.breached else "stopped_in_time"
    if row.state != Deadline.State.OPEN:
        return str(row.state)
    if levels_of(row):
        return "escalated"
    if row.breached or row.due_at <= at:
        return "overdue"
    if row.step:
        return "warned"
    return "scheduled" if at < row.opens_at else "running"


def levels_of(row: Deadline) -> int:
    """How many levels above the owner were told."""
    return sum(step["kind"] == Escalation.Kind.ESCALATE for step in row.ladder[: row.step])


@dataclass(frozen=True)
class Clock:
    """One deadline as a page or an answer shows it."""

    row: Deadline
    at: datetime
    told: list[tuple[Escalation, list[str]]]

    @property
    def state(self) -> str:
        """The state of D4."""
        return state_of(self.row, self.at)

    @property
    def state_label(self) -> str:
        """The state in words; an escalated one says how far up."""
        label = str(STATES[self.state])
        return f"{label} ({levels_of(self.row)})" if self.state == "escalated" else label

    @property
    def sentence(self) -> str:
        """The rule, and the line it is about."""
        parts = (f"{self.row.code} {sentence_of(self.row.rule)}", self.row.line_label)
        return " · ".join(part for part in parts if part)

    @property
    def owner(self) -> str:
        """The person, or the roles whose holders own it."""
        return str(self.row.owner) if self.row.owner else role_names(self.row.roles)

    @property
    def left(self) -> timedelta:
        """The time left at `at`; negative when late. For an ended one: how much was left at its end."""
        return self.row.due_at - (self.row.done_at or self.at)

    @property
    def computed(self) -> list[str]:
        """How the due moment was computed."""
        return trail.sentences(self.row.computed)

    @property
    def flags(self) -> list[str]:
        """What is special about it."""
        named = (
            (self.row.provisional, _("provisional")),
            (self.row.compressed, _("born late")),
            (self.row.moved, _("moved off a holiday")),
            (bool(self.row.fault), _("cannot be escalated")),
        )
        return [str(word) for holds, word in named if holds]


def clocks(rows: Iterable[Deadline], *, at: datetime) -> list[Clock]:
    """The rows with the steps taken and the names of the people told. At most two further queries."""
    found = list(rows)
    taken: dict[int, list[Escalation]] = defaultdict(list)
    climbed = [row.pk for row in found if row.step]
    steps = Escalation.objects.filter(deadline__in=climbed).order_by("deadline", "step")
    for step in steps if climbed else ():
        taken[step.deadline_id].append(step)
    ids = {pk for several in taken.values() for step in several for pk in step.told}
    names = {person.pk: str(person) for person in Person.objects.filter(pk__in=ids)} if ids else {}
    return [
        Clock(row, at, [(step, [names[pk] for pk in step.told if pk in names]) for step in taken[row.pk]])
        for row in found
    ]


def as_json(clock: Clock) -> dict[str, Any]:
    """A deadline in the API."""
    row = clock.row
    model = Document.registry.get(row.subject_type)
    return {
        "id": row.pk,
        "rule": row.rule,
        "code": row.code,
        "sentence": sentence_of(row.rule),
        "state": clock.state,
        "state_label": clock.state_label,
        "escalated": levels_of(row),
        "subject": {
            "type": row.subject_type,
            "label": str(model._meta.verbose_name) if model else row.subject_type,
            "path": row.path,
            "id": row.path.rpartition("/")[2],
        },
        "line": row.line_label or None,
        "line_id": row.line_id,
        "slot": row.slot,
        "period": row.period,
        "owner": clock.owner,
        "owner_roles": list(row.roles),
        "clock": row.terms["clock"],
        "limit": {"amount": row.terms["amount"], "unit": row.terms["unit"]},
        "started_at": row.opened_at,
        "opens_at": row.opens_at,
        "due_at": row.due_at,
        "next_at": row.next_at,
        "done_at": row.done_at,
        "left_seconds": int(clock.left.total_seconds()),
        "breached": row.breached,
        "late_by_seconds": int(row.late_by.total_seconds()) if row.late_by else None,
        "provisional": row.provisional,
        "compressed": row.compressed,
        "moved": row.moved,
        "computed": clock.computed,
        "told": [_step(step, names) for step, names in clock.told],
    }


def told_line(step: Escalation, names: list[str]) -> str:
    """One step taken, in words."""
    said = f"{shown(step.at)} {KINDS[step.kind]}: {'、'.join(names) or '—'}"
    if step.late:
        said += f" ({_('caught up late')})"
    if step.vacant:
        said += " · " + str(_("Nobody holds the post: {roles}.")).format(roles=role_names(step.vacant))
    return said


def _step(step: Escalation, names: list[str]) -> dict[str, Any]:
    return {
        "step": step.step,
        "kind": step.kind,
        "at": step.at,
        "recorded_at": step.recorded_at,
        "late": step.late,
        "told": names,
        "roles": step.roles,
        "vacant": step.vacant,
    }
