"""The board of the administrators: late and due by department, what was kept, where orders stand."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncWeek
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from config import heartbeat
from config.health import STALLED_AFTER
from deadlines import queries
from deadlines.models import Deadline
from flow import policy
from flow.policy import Viewer
from integration.models import Job, Outbox
from orders.models import Order
from org import queries as org
from org.adminbase import UNFOLD
from org.roles import Role

WEEKS = 12
# Red for what is late, ochre for what is near, green for what was kept, blue for the rest.
LATE, NEAR, OK, PLAIN = "#c8342a", "#d98a0b", "#2f8f63", "#2557c7"


@dataclass
class Row:
    """The running clocks of a department."""

    name: str
    late: int = 0
    today: int = 0
    near: int = 0
    rest: int = 0

    @property
    def total(self) -> int:
        """All that run."""
        return self.late + self.today + self.near + self.rest


@dataclass(frozen=True)
class Tile:
    """A number in the head of the board."""

    label: str
    value: Any
    href: str = ""
    tone: str = ""


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
    rows = departments(viewer, at)
    charts = [_departments_chart(rows), _trend_chart(trend(viewer, at)), _orders_chart(viewer)]
    return Board(_tiles(rows, viewer), charts)


def departments(viewer: Viewer, at: datetime) -> list[Row]:
    """The running clocks by department of their owner, the latest department first. Two queries."""
    tomorrow = localtime(at).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    late = Q(due_at__lte=at)
    today = Q(due_at__gt=at, due_at__lt=tomorrow)
    near = Q(due_at__gte=tomorrow, step__gt=0)
    groups = (
        queries.visible(viewer)
        .filter(state=Deadline.State.OPEN)
        .order_by()
        .values_list("company_id", "owner__department__name", "owner_roles")
        .annotate(
            n_late=Count("pk", filter=late),
            n_today=Count("pk", filter=today),
            n_near=Count("pk", filter=near),
            n_all=Count("pk"),
        )
    )
    counted, found = list(groups), dict[str, Row]()
    homes = org.departments(
        {role for group in counted for role in group[2].split("|") if role},
        company_ids={group[0] for group in counted},
        on=localtime(at).date(),
    )
    for company, named, roles, n_late, n_today, n_near, n_all in counted:
        name = named or _home(homes, roles, company)
        row = found.setdefault(name, Row(name))
        row.late += n_late
        row.today += n_today
        row.near += n_near
        row.rest += n_all - n_late - n_today - n_near
    return sorted(found.values(), key=lambda row: (-row.late, -row.today, -row.total, row.name))


def _home(homes: dict[tuple[str, int], str], roles: str, company: int) -> str:
    """The department that holds one of the roles in the company; the role itself where none does."""
    names = [role for role in roles.split("|") if role]
    found = next((homes[role, company] for role in names if (role, company) in homes), "")
    return found or str(dict(Role.choices).get(names[0] if names else "", _("Without an owner")))


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


def _tiles(rows: Iterable[Row], viewer: Viewer) -> list[Tile]:
    clocks = reverse("admin:deadlines_deadline_changelist")
    counted: dict[str, int] = defaultdict(int)
    for row in rows:
        for name in ("late", "today", "near"):
            counted[name] += getattr(row, name)
    dead = Outbox.objects.filter(state=Outbox.State.DEAD).count()
    outbox = reverse("admin:integration_outbox_changelist")
    tiles = [
        Tile(_("Overdue"), counted["late"], f"{clocks}?state__exact=open", "late" if counted["late"] else ""),
        Tile(_("Due today"), counted["today"], tone="near" if counted["today"] else ""),
        Tile(_("At risk"), counted["near"], tone="near" if counted["near"] else ""),
        Tile(_("Dead letters"), dead, f"{outbox}?state__exact=dead", "late" if dead else "ok"),
        _workers(),
        _jobs(),
    ]
    return tiles


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


def _departments_chart(rows: list[Row]) -> Chart:
    heads = (_("Department"), _("Overdue"), _("Due today"), _("At risk"), _("On track"), _("Running"))
    bars = (
        (_("Overdue"), LATE, [row.late for row in rows]),
        (_("Due today"), NEAR, [row.today + row.near for row in rows]),
        (_("On track"), PLAIN, [row.rest for row in rows]),
    )
    return Chart(
        _("Late and due by department"),
        heads,
        [(row.name, row.late, row.today, row.near, row.rest, row.total) for row in rows],
        data=drawn([row.name for row in rows], bars),
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
        _("Orders by state"),
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
