"""Late and due by department: how the clocks of each stand, how it kept them this week, which they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render as page
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from deadlines import boards, queries
from deadlines.boards import Clock
from deadlines.lists import HOLD, LATE, NEAR, TODAY, end_of
from deadlines.models import Deadline
from deadlines.notices import sentence_of
from desk.team import monday
from flow import policy
from flow.faces import Asking, face
from flow.models import Document
from flow.policy import Viewer
from flow.screens import screen_of
from org import queries as org
from org.models import Department, Person
from org.roles import Role

PAGE = 50
OK, MISSED = "ok", "missed"
# Every clock that runs stands under one of these, the first that fits.
SHADES = (
    (LATE, _("Overdue")),
    (TODAY, _("Due today")),
    (NEAR, _("At risk")),
    (OK, _("On track")),
    (HOLD, _("Paused")),
)
NAMES = {**dict(SHADES), MISSED: _("Missed this week")}
# Whoever leads something sees how all departments of the company stand; others see their own.
LEADERS = frozenset(
    str(role)
    for role in Role
    if role.endswith(("_leader", "_mgr", "_gm", "_vp", "_director", "_supervisor"))
    or role in (Role.GM, Role.PM, Role.PLANNER, Role.MARKETING, Role.SENIOR_MGMT, Role.EVALUATOR, Role.ADMIN)
) - {Role.TEAM_LEADER, Role.WS_LEADER}


def standing(shade: str, at: datetime) -> Q:
    """The condition that a clock stands under one heading of the board; no clock stands under two."""
    if shade == HOLD:
        return Q(state=Deadline.State.PAUSED)
    if shade == MISSED:
        return Q(state=Deadline.State.DONE, breached=True, done_at__gte=monday(at))
    running, midnight = Q(state=Deadline.State.OPEN), end_of(TODAY, at)
    if shade == LATE:
        return running & Q(due_at__lte=at)
    if shade == TODAY:
        return running & Q(due_at__gt=at, due_at__lt=midnight)
    warned = Q(step__gt=0) if shade == NEAR else Q(step=0)
    return running & Q(due_at__gte=midnight) & warned


@dataclass
class Line:
    """A department of the board with its numbers."""

    department: Department | None
    company: str
    key: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))
    ended: int = 0
    # Whose clocks these are, company by company: people, and posts.
    people: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    posts: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def title(self) -> Any:
        """The department, or that none is known."""
        return self.department or _("No department")

    @property
    def kept(self) -> int | None:
        """How many percent of the clocks ended this week were ended in time; None: none was ended."""
        return round(100 * (self.ended - self.counts[MISSED]) / self.ended) if self.ended else None

    @property
    def owned(self) -> Q:
        """The condition that a clock is this department's."""
        found = Q(pk__in=())
        for company, people in self.people.items():
            found |= Q(owner__in=people, company=company)
        for company, roles in self.posts.items():
            found |= Q(owner__isnull=True, owner_roles__in=roles, company=company)
        return found


def lines(viewer: Viewer, at: datetime) -> list[Line]:
    """The departments that this person may see, those with the most overdue first. Three queries."""
    rows = [*_running(viewer, at), *_ended(viewer, at)]
    found: dict[str, Line] = {}
    for row, department, company in _seated(rows, at):
        if not _may_see(viewer, department, row["company_id"]):
            continue
        key = str(department.pk) if department else f"0-{row['company_id']}"
        line = found.setdefault(key, Line(department, company, key))
        for shade in NAMES:
            line.counts[shade] += row.get(shade, 0)
        line.ended += row.get("ended", 0)
        if row["owner_id"]:
            line.people[row["company_id"]].add(row["owner_id"])
        else:
            line.posts[row["company_id"]].add(row["owner_roles"])
    return sorted(found.values(), key=lambda one: [-one.counts[shade] for shade, _label in SHADES[:3]])


def _running(viewer: Viewer, at: datetime) -> list[dict[str, Any]]:
    """The running clocks added up by owner."""
    rows = queries.visible(viewer).filter(state__in=Deadline.RUNNING)
    return _by_owner(rows, **{shade: Count("pk", filter=standing(shade, at)) for shade, _label in SHADES})


def _ended(viewer: Viewer, at: datetime) -> list[dict[str, Any]]:
    """The clocks ended since Monday that count for the figures, added up by owner."""
    rows = queries.visible(viewer).filter(state=Deadline.State.DONE, done_at__gte=monday(at), counts=True)
    return _by_owner(rows, ended=Count("pk"), **{MISSED: Count("pk", filter=Q(breached=True))})


def _by_owner(rows: QuerySet[Deadline], **counts: Count) -> list[dict[str, Any]]:
    by = rows.select_related(None).order_by().values("owner_id", "owner_roles", "company_id", "company__name")
    return [dict(row) for row in by.annotate(**counts)]


def _seated(
    rows: list[dict[str, Any]], at: datetime
) -> Iterable[tuple[dict[str, Any], Department | None, str]]:
    """Each sum with its department: the owner's own, else where the first of the owning roles is held."""
    people = Person.objects.select_related("department__company").in_bulk(
        {row["owner_id"] for row in rows} - {None}
    )
    roles = {role for row in rows for role in _roles(row)}
    companies = {row["company_id"] for row in rows}
    seats = org.seats(roles, company_ids=companies, on=localtime(at).date()) if roles else {}
    for row in rows:
        own = people[row["owner_id"]].department if row["owner_id"] else None
        held = (seats.get((role, row["company_id"])) for role in _roles(row))
        department = own or next(filter(None, held), None)
        yield row, department, department.company.name if department else row["company__name"]


def _roles(row: dict[str, Any]) -> list[str]:
    return [role for role in row["owner_roles"].split("|") if role]


def _may_see(viewer: Viewer, department: Department | None, company_id: int) -> bool:
    led = viewer.companies(LEADERS)
    if led is None or company_id in led:
        return True
    own = {viewer.person.department_id, *(post.department_id for post in viewer.posts)}
    return department is not None and department.pk in own


# ---- the pages ----


@require_safe
@face
def board(request: Asking) -> HttpResponse:
    """The departments with their numbers, each leading to its clocks."""
    found = lines(request.viewer, request.at)
    total = {shade: sum(line.counts[shade] for line in found) for shade in NAMES}
    companies = {line.company for line in found}
    ended = sum(line.ended for line in found)
    context = {
        "lines": found,
        "shades": SHADES,
        "total": total,
        "total_kept": round(100 * (ended - total[MISSED]) / ended) if ended else None,
        "several": len(companies) > 1,
        "menu": request.path,
        "at": request.at,
    }
    return page(request, "desk/late.html", context)


@dataclass(frozen=True)
class Run:
    """A clock in the list below the board, with its document."""

    clock: Clock
    document: Any


@require_safe
@face
def clocks(request: Asking) -> HttpResponse:
    """The clocks of a `department` (none: of all that one may see) under a heading `shade`, by due moment;
    narrowed by `rule` and `owner`; `after` turns the page."""
    asked = {name: str(value)[:80] for name, value in request.GET.items()}
    there = lines(request.viewer, request.at)
    wanted = [line for line in there if line.key == asked.get("department")] or there
    shade = asked.get("shade", LATE) if asked.get("shade") in NAMES else LATE
    rows = queries.visible(request.viewer).filter(standing(shade, request.at))
    if shade == MISSED:
        rows = rows.filter(counts=True)
    rows = rows.filter(Q(*[line.owned for line in wanted], _connector=Q.OR)) if wanted else rows.none()
    choices = _choices(rows)
    rows = _narrowed(rows, asked)
    after = int(asked["after"]) if asked.get("after", "").isdecimal() and len(asked["after"]) < 19 else 0
    found = list(queries.following(rows, after)[: PAGE + 1])
    kept = {name: asked[name] for name in ("department", "rule", "owner") if asked.get(name)}
    context = {
        "runs": _with_documents(found[:PAGE], request),
        "next": _href(**kept, shade=shade, after=str(found[PAGE - 1].pk)) if len(found) > PAGE else "",
        "first": _href(**kept, shade=shade) if after else "",
        "department": wanted[0] if len(wanted) == 1 and asked.get("department") else None,
        "departments": there,
        "shade": shade,
        "shades": [(code, label, _href(**kept, shade=code)) for code, label in NAMES.items()],
        "shade_label": NAMES[shade],
        "asked": asked,
        "menu": "/late/",
        **choices,
    }
    return page(request, "desk/late_clocks.html", context)


def _href(**asked: str) -> str:
    return f"?{urlencode(asked)}"


def _narrowed(rows: QuerySet[Deadline], asked: dict[str, str]) -> QuerySet[Deadline]:
    if rule := asked.get("rule"):
        rows = rows.filter(rule=rule.replace("\x00", ""))
    if (owner := asked.get("owner", "")).isdecimal() and len(owner) < 19:
        rows = rows.filter(owner_id=int(owner))
    return rows


def _choices(rows: QuerySet[Deadline]) -> dict[str, Any]:
    """The rules and the owners by which these clocks may be narrowed. Two queries."""
    bare = rows.select_related(None).order_by()
    rules = bare.values_list("rule", flat=True).distinct()
    owners = Person.objects.filter(pk__in=bare.values("owner")).order_by("name", "username")[:200]
    named = sorted(((slug, str(sentence_of(slug))) for slug in rules), key=lambda pair: pair[1])
    return {"rules": named, "owners": [(str(person.pk), str(person)) for person in owners]}


def _with_documents(rows: list[Deadline], request: Asking) -> list[Run]:
    """The clocks with the documents they are about, one query for each type among them."""
    ids: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        ids[row.subject_type].add(row.subject_id)
    there: dict[tuple[str, int], Any] = {}
    for label, keys in ids.items():
        model = Document.registry[label]
        seen = policy.visible_to(model, request.viewer).filter(pk__in=keys).distinct()
        for document in seen.select_related("company", "case", *screen_of(model).related):
            there[label, document.pk] = document
    return [
        Run(clock, there.get((clock.row.subject_type, clock.row.subject_id)))
        for clock in boards.clocks(rows, at=request.at)
    ]
