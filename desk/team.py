"""How the people stand whom somebody leads: clocks by shade, the worst one, what was kept this week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.http import Http404, HttpResponse
from django.shortcuts import render as page
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from deadlines import queries
from deadlines.models import Deadline
from desk import tasks
from flow.faces import Asking, face
from flow.policy import Viewer
from org.models import Membership, Person
from org.roles import Role

SHADES = ("late", "near", "ok", "hold")


@dataclass
class Member:
    """One of the people led, with the numbers of his clocks."""

    person: Person
    posts: list[tuple[str, int | None]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SHADES, 0))
    worst: datetime | None = None
    ended: int = 0
    met: int = 0
    used: timedelta | None = None

    @property
    def post(self) -> str:
        """The posts in words."""
        return "、".join(dict.fromkeys(str(Role(role).label) for role, _company in self.posts))

    def owns(self, owner: int | None, roles: str, company: int) -> bool:
        """Whether a clock with this owner, by name or by one of these roles in this company, is his."""
        if owner is not None:
            return owner == self.person.pk
        return any(f"|{role}|" in roles and at in (None, company) for role, at in self.posts)


def led_by(person: Person) -> Q:
    """The condition of the people whose next one up somebody is (ORG-02)."""
    return Q(direct_leader=person) | Q(direct_leader__isnull=True, department__leader=person)


def leads(person: Person) -> bool:
    """Whether somebody leads anybody. One query."""
    return Person.objects.filter(led_by(person), is_active=True).exclude(pk=person.pk).exists()


def members(person: Person, at: datetime) -> list[Member]:
    """The people led with their numbers, those with the most overdue first. Four queries."""
    people = Person.objects.filter(led_by(person), is_active=True).exclude(pk=person.pk)
    found = {one.pk: Member(one) for one in people.select_related("department").order_by("pk")}
    rows = Membership.objects.filter(Membership.in_force(localtime(at).date()), person__in=found)
    for pk, role, company, parent in rows.values_list(
        "person_id", "role", "company_id", "company__parent_id"
    ):
        found[pk].posts.append((role, None if parent is None else company))
    _count(found.values(), at)
    for pk, (ended, met, used) in queries.kept_since([m.person for m in found.values()], monday(at)).items():
        found[pk].ended, found[pk].met, found[pk].used = ended, met, used
    return sorted(found.values(), key=lambda m: (-m.counts["late"], -m.counts["near"], m.person.pk))


def monday(at: datetime) -> datetime:
    """The beginning of the week of this moment."""
    local = localtime(at)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=local.weekday())


def _count(team: Iterable[Member], at: datetime) -> None:
    """Add up the running clocks by owner in the database, then deal them out. One query."""
    team = list(team)
    ids = [member.person.pk for member in team]
    running = Q(state=Deadline.State.OPEN)
    rows = (
        Deadline.objects.filter(Q(owner__in=ids) | Q(owner__isnull=True), state__in=Deadline.RUNNING)
        .values("owner_id", "owner_roles", "company_id")
        .annotate(
            overdue=Count("pk", filter=running & Q(due_at__lte=at)),
            near=Count("pk", filter=running & Q(due_at__gt=at, step__gt=0)),
            ok=Count("pk", filter=running & Q(due_at__gt=at, step=0)),
            hold=Count("pk", filter=Q(state=Deadline.State.PAUSED)),
            first=Min("due_at", filter=running),
        )
        .order_by()
    )
    dealt: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        for member in team:
            if member.owns(row["owner_id"], row["owner_roles"], row["company_id"]):
                dealt[member.person.pk].append(row)
    for member in team:
        for row in dealt[member.person.pk]:
            for shade in SHADES:
                member.counts[shade] += row["overdue" if shade == "late" else shade]
            if row["first"] and (member.worst is None or row["first"] < member.worst):
                member.worst = row["first"]


@require_safe
@face
def overview(request: Asking) -> HttpResponse:
    """The people led by whoever asks."""
    found = members(request.viewer.person, request.at)
    if not found:
        raise Http404(_("You lead nobody, so there is no team to show."))
    total = {shade: sum(member.counts[shade] for member in found) for shade in SHADES}
    return page(
        request, "desk/team.html", {"members": found, "total": total, "at": request.at, "menu": "home"}
    )


@require_safe
@face
def member(request: Asking, pk: int) -> HttpResponse:
    """The clocks of one of them, on documents that the leader may see too."""
    people = Person.objects.filter(led_by(request.viewer.person), is_active=True, pk=pk)
    person = people.exclude(pk=request.viewer.person.pk).first()
    if person is None:
        raise Http404(_("There is no such member of your team."))
    rows = tasks.timed(Viewer.of(person, request.at), request.at, reader=request.viewer)
    return page(request, "desk/team_member.html", {"person": person, "tasks": rows, "menu": "home"})
