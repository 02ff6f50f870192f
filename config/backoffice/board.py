"""The board of the administrators: late and due by department, what was kept, where orders stand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncWeek
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from config import heartbeat
from config.health import STALLED_AFTER
from deadlines import queries
from deadlines.models import Deadline
from desk import late
from flow import policy
from flow.policy import Viewer
from integration.models import Job, Outbox
from orders.models import Order
from org.adminbase import UNFOLD

WEEKS = 12
# Red for what is late, ochre for what is near, green for what was kept, blue for the rest.
LATE, NEAR, OK, PLAIN = "#c8342a", "#d98a0b", "#2f8f63", "#2557c7"


@dataclass(frozen=True)
class Tile:
    """A number in the head of the board."""

    label: str
    value: Any
    href: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Number:
    """A number of a table with the way to what it counts; nothing is no way."""

    value: int
    href: str

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True)
class Chart:
    """A table of the board with the chart that is drawn from it; `data` is empty where nothing can draw."""

    title: str
    heads: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    kind: str = "bar"
    data: str = ""
    options: str = ""
    broad: bool = False
    empty: str = ""


@dataclass(frozen=True)
class Board:
    """Everything on the board."""

    tiles: list[Tile] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)


def board(viewer: Viewer, at: datetime) -> Board:
    """The board as this person may see it; the number of queries is the same for any number of rows."""
    rows = late.lines(viewer, at)
    charts = [_departments_chart(rows), _trend_chart(trend(viewer, at)), _orders_chart(viewer)]
    return Board(_tiles(rows), charts)


def trend(viewer: Viewer, at: datetime) -> list[tuple[datetime, int, int]]:
    """For each of the last weeks (its Monday): the clocks that ended in it in time, and late. One query."""
    monday = localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    monday -= timedelta(days=monday.weekday())
    first = monday - timedelta(weeks=WEEKS - 1)
    ended = queries.visible(viewer).filter(state=Deadline.State.DONE, counts=True, done_at__gte=first)
    rows = (
        ended.order_by()
        .annotate(week=TruncWeek("done_at"))
        .values_list("week")
        .annotate(kept=Count("pk", filter=Q(breached=False)), missed=Count("pk", filter=Q(breached=True)))
    )
    found = {localtime(week).date(): (kept, missed) for week, kept, missed in rows}
    weeks = [first + timedelta(weeks=n) for n in range(WEEKS)]
    return [(week, *found.get(week.date(), (0, 0))) for week in weeks]


def _tiles(rows: list[late.Line]) -> list[Tile]:
    found = []
    for shade, label, tone in ((late.LATE, _("Overdue"), "late"), (late.TODAY, _("Due today"), "near"),
                               (late.NEAR, _("At risk"), "near")):  # fmt: skip
        number = sum(row.counts[shade] for row in rows)
        found.append(Tile(label, number, clocks(shade=shade), tone if number else ""))
    dead = Outbox.objects.filter(state=Outbox.State.DEAD).count()
    outbox = reverse("admin:integration_outbox_changelist")
    letters = Tile(_("Dead letters"), dead, f"{outbox}?state__exact=dead", "late" if dead else "ok")
    return [*found, letters, _workers(), _jobs()]


def clocks(**asked: str) -> str:
    """The address of the clocks behind a number."""
    return f"{reverse('desk:late-clocks')}?{urlencode(asked)}"


def _jobs() -> Tile:
    """How many jobs run or wait, and how many failed within a day of real time. One query."""
    recently = timezone.now() - timedelta(days=1)
    running = Q(state__in=(Job.State.QUEUED, Job.State.RUNNING))
    failed = Q(state=Job.State.FAILED, ended_at__gte=recently)
    found = Job.objects.filter(running | failed).aggregate(
        running=Count("pk", filter=running), failed=Count("pk", filter=failed)
    )
    href = reverse("admin:integration_job_changelist")
    if found["failed"]:
        said = _("{running} running, {failed} failed").format(**found)
        return Tile(_("Jobs"), said, f"{href}?state__exact=failed", "late")
    return Tile(_("Jobs"), found["running"], href)


def _workers() -> Tile:
    """Whether the background works; it is asked on real time."""
    age = heartbeat.ages(now=timezone.now()).get(heartbeat.WORKER)
    href = reverse("admin:flow_heartbeat_changelist")
    if age is None:
        return Tile(_("Background work"), _("never seen"), href, "late")
    if age < STALLED_AFTER:
        return Tile(_("Background work"), _("working"), href, "ok")
    minutes = int(age.total_seconds() // 60)
    return Tile(_("Background work"), _("silent for {n} minutes").format(n=minutes), href, "late")


# ---- the charts ----


def _departments_chart(rows: list[late.Line]) -> Chart:
    shades = (*late.SHADES, (late.MISSED, late.NAMES[late.MISSED]))
    several = len({row.company for row in rows}) > 1
    names = [f"{row.title}（{row.company}）" if several else str(row.title) for row in rows]
    bars = (
        (_("Overdue"), LATE, [row.counts[late.LATE] for row in rows]),
        (_("Due today or at risk"), NEAR, [row.counts[late.TODAY] + row.counts[late.NEAR] for row in rows]),
        (_("On track"), PLAIN, [row.counts[late.OK] for row in rows]),
    )
    body = [
        (
            name,
            *(Number(row.counts[shade], clocks(department=row.key, shade=shade)) for shade, _label in shades),
            "—" if row.kept is None else f"{row.kept} %",
        )
        for name, row in zip(names, rows, strict=True)
    ]
    return Chart(
        _("Late and due by department"),
        (_("Department"), *(str(label) for _shade, label in shades), _("Kept this week")),
        body,
        data=drawn(names, bars),
        options=options(legend=True),
        broad=True,
        empty=_("No clock is running."),
    )


def _trend_chart(weeks: list[tuple[datetime, int, int]]) -> Chart:
    heads = (_("Week from"), _("In time"), _("Late"), _("Kept"))
    shares = [round(100 * kept / (kept + missed)) if kept + missed else None for _w, kept, missed in weeks]
    names = [f"{week:%m-%d}" for week, _kept, _missed in weeks]
    rows = [
        (f"{week:%Y-%m-%d}", kept, missed, f"{share} %" if share is not None else "—")
        for (week, kept, missed), share in zip(weeks, shares, strict=True)
    ]
    return Chart(
        _("Kept in time, the last twelve weeks"),
        heads,
        rows[::-1],
        kind="line",
        data=drawn(names, [(_("Kept in time, in percent"), OK, shares)]),
        options=options(top=100),
    )


def _orders_chart(viewer: Viewer) -> Chart:
    found = policy.visible_to(Order, viewer).order_by().values_list("state").annotate(n=Count("pk"))
    counted = dict(found)
    rows = [(str(label), counted[state]) for state, label in Order.State.choices if state in counted]
    return Chart(
        _("Orders in each state"),
        (_("State"), _("Orders")),
        rows,
        data=drawn([name for name, _n in rows], [(_("Orders"), PLAIN, [n for _name, n in rows])]),
        options=options(),
        empty=_("There is no order yet."),
    )


def options(*, top: int | None = None, legend: bool = False) -> str:
    """How a chart is drawn: bars on top of each other, whole numbers, ink that reads on light and dark."""
    quiet = {"color": "#7d8795"}
    upward = {"stacked": True, "beginAtZero": True, "max": top, "ticks": {**quiet, "precision": 0}}
    return json.dumps(
        {
            "animation": False,
            "responsive": True,
            "maintainAspectRatio": False,
            "maxBarThickness": 28,
            "scales": {
                "x": {"stacked": True, "grid": {"display": False}, "ticks": quiet},
                "y": {key: value for key, value in upward.items() if value is not None},
            },
            "plugins": {"legend": {"display": legend, "align": "end", "labels": {**quiet, "boxWidth": 10}}},
        }
    )


def drawn(names: list[str], bars: Iterable[tuple[str, str, list[Any]]]) -> str:
    """What the charts of the admin's theme draw; "" where it is not installed or there is nothing."""
    sets = [
        {
            "label": label,
            "data": numbers,
            "backgroundColor": colour,
            "borderColor": colour,
            "spanGaps": True,
        }
        for label, colour, numbers in bars
    ]
    return json.dumps({"labels": names, "datasets": sets}) if UNFOLD and names else ""
