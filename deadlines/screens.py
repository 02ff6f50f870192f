"""How clocks are shown: on every document's page and API answer, and the list of periodic duties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import get_script_prefix
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from deadlines import boards, lists, queries  # noqa: F401
from deadlines.boards import Clock
from deadlines.models import Deadline, Duty
from deadlines.notices import role_names, sentence_of, shown
from deadlines.queries import WHOLE_CASE
from deadlines.terms import LEADER, OWNER
from flow import cases, panels
from flow.models import Document
from flow.screens import Screen
from org import queries as org

# So many ended clocks stay beside a page; the time-line has them all.
ENDED = 8

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

WORDS = {"late": _("Overdue"), "near": _("At risk"), "ok": _("On track"), "hold": _("Paused")}

Screen(
    Duty,
    columns=("title", "period", "role", "company", "starts_at", "ends_at", "state"),
    filters=("state", "role", "rule", "starts_at", "ends_at"),
    below={"title": "code"},
    due="ends_at",
    search=("title", "code", "period"),
    facts=("code", "note"),
    related=("company",),
)


def clocks_of(asked: panels.Asked) -> list[Clock]:
    """The clocks of a document; of an order, those of its whole case and of the cases that serve it. Five
    queries at the first asking."""
    return asked.once("clocks", lambda: _read(asked))


def _read(asked: panels.Asked) -> list[Clock]:
    document = asked.document
    if document.label() in WHOLE_CASE:
        rows = queries.of_cases(cases.family(document.case_id), asked.viewer)
    else:
        rows = queries.of_document(document)
    return boards.clocks(rows, at=asked.at)


@panels.panel("*")
def clock_panel(asked: panels.Asked) -> panels.Panel | None:
    """Which clocks run here, the nearest first, and the last of those that have ended."""
    found = clocks_of(asked)
    if not found:
        return None
    running = [clock for clock in found if clock.row.state in Deadline.RUNNING]
    running.sort(key=lambda clock: (clock.row.state == Deadline.State.PAUSED, clock.row.due_at))
    ended = [clock for clock in reversed(found) if clock.row.state not in Deadline.RUNNING]
    return panels.Panel(
        _("Clocks running here"),
        items=[_row(clock) for clock in running],
        earlier=[_row(clock) for clock in ended[:ENDED]],
        aside=True,
        clocks=True,
        place=10,
    )


def mark_of(asked: panels.Asked, *slugs: str) -> panels.Mark:
    """What the latest run of one of these rules says of a stage: its owner, until when, how it was kept."""
    runs = [clock for clock in clocks_of(asked) if clock.row.rule in slugs]
    if not runs:
        return panels.Mark()
    last = max(runs, key=lambda clock: (clock.row.opened_at, clock.row.pk))
    row = last.row
    return panels.Mark(owner=last.owner, due=row.due_at, late=row.late_by if row.breached else None)


@panels.sentence("*")
def overdue(documents: Sequence[Any], at: datetime) -> dict[int, list[panels.Late]]:
    """Which clocks of these documents are overdue, and whose they are. Three queries."""
    rows, subjects = queries.overdue(documents, at=at, whole=documents[0].label() in WHOLE_CASE)
    named = org.departments(
        {role for row in rows for role in row.roles},
        company_ids={row.company_id for row in rows},
        on=localtime(at).date(),
    )
    found: dict[int, list[panels.Late]] = defaultdict(list)
    for row in rows:
        for pk in subjects(row):
            found[pk].append(_late(row, named, at))
    return found


def _late(row: Deadline, named: dict[tuple[str, int], str], at: datetime) -> panels.Late:
    own = row.owner.department if row.owner else None
    of_role = next((named[key] for role in row.roles if (key := (role, row.company_id)) in named), None)
    department = own or of_role or (role_names(row.roles) if row.roles else str(row.owner))
    return panels.Late(
        department,
        _("{department} is late: {rule} {line} It was due {moment}, {time} ago."),
        at - row.due_at,
        {
            "rule": sentence_of(row.rule),
            "line": f"({row.line_label})" if row.line_label else "",
            "moment": shown(row.due_at),
            "time": length_in_words(at - row.due_at),
        },
        f"{get_script_prefix()}{row.path}/" if row.path else "",
    )


@panels.extra("deadlines", "*")
def clock_extra(asked: panels.Asked) -> list[dict[str, Any]]:
    """The same in the API."""
    return [boards.as_json(clock) for clock in clocks_of(asked)]


def span_in_words(left: timedelta) -> str:
    """A time left or late, to the minute."""
    return str(_("{time} late") if left < timedelta() else _("{time} left")).format(
        time=length_in_words(left)
    )


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
        *([clock.state_label] if clock.state == "escalated" else []),
        *clock.flags,
    )
    return panels.Row(
        title,
        f"{get_script_prefix()}{row.path}/",
        subject,
        TONES[clock.state],
        _badge(clock),
        facts,
        fold=_("How computed"),
        folded=tuple(clock.computed),
        owner=clock.owner,
        word=WORDS.get(TONES[clock.state], ""),
        used=_used(clock),
        ladder=tuple(_ladder(clock)),
    )


def _used(clock: Clock) -> int:
    """The share of its time that a clock has used, in percent; never more than all of it."""
    row = clock.row
    span = (row.due_at - row.opened_at).total_seconds()
    gone = ((row.done_at or row.paused_at or clock.at) - row.opened_at).total_seconds()
    return max(0, min(100, round(100 * gone / span))) if span > 0 else 100


def _ladder(clock: Clock) -> Iterator[panels.Rung]:
    """Who was told, step by step, and who will be if nothing happens."""
    taken = [boards.told_line(step, names) for step, names in clock.told]
    yield from (panels.Rung(said, True) for said in taken)
    if clock.row.state not in Deadline.RUNNING:
        return
    for step in clock.row.ladder[clock.row.step :]:
        moment = shown(datetime.fromisoformat(step["at"]))
        kind = boards.KINDS[step["kind"]]
        yield panels.Rung(f"{moment} {kind}: {addressed(clock.row, step['to'])}", False)


def addressed(row: Deadline, to: Sequence[str]) -> str:
    """To whom a step goes, in words."""
    special = {OWNER: str(row.owner or role_names(row.roles)), LEADER: str(_("the owner's leader"))}
    return "、".join(special.get(role) or role_names([role]) for role in to)


def _row(clock: Clock) -> panels.Row:
    model = Document.registry.get(clock.row.subject_type)
    kind = model._meta.verbose_name if model else clock.row.subject_type
    said = sentence_of(clock.row.rule)
    return row_of(clock, title=" · ".join(filter(None, (said, clock.row.line_label))), subject=kind)


def _badge(clock: Clock) -> str:
    """The time left or late in words; where none runs, the state."""
    if clock.state in ("running", "warned", "scheduled"):
        return span_in_words(clock.left)
    if clock.state in ("overdue", "escalated"):
        return length_in_words(clock.left)
    if clock.state == "stopped_late":
        return f"{clock.state_label} · {length_in_words(clock.left)}"
    return clock.state_label
