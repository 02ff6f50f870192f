"""The organisation as a tree: group, companies, departments with their leaders, people with their posts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from config.backoffice.gate import administrators_only, page
from flow import clock
from org.models import Company, Department, Membership, Person
from org.roles import Role


@dataclass
class Seat:
    """A person of a department, with the posts held today."""

    person: Person
    posts: list[str] = field(default_factory=list)


@dataclass
class Room:
    """A department with its people."""

    department: Department
    seats: list[Seat] = field(default_factory=list)


@dataclass
class House:
    """A company with its departments and the companies below it."""

    company: Company
    rooms: list[Room] = field(default_factory=list)
    houses: list[House] = field(default_factory=list)


@administrators_only
def tree(request: HttpRequest) -> HttpResponseBase:
    """The page."""
    today = localtime(clock.now()).date()
    houses, homeless = built(today)
    context = {"houses": houses, "homeless": homeless, "on": today}
    return page(request, "admin/organisation.html", _("Organisation chart"), context)


def built(on: date) -> tuple[list[House], list[Seat]]:
    """The companies on top with all below them, and the people without a department. Four queries."""
    seats = _seats(on)
    rooms: dict[int, list[Room]] = defaultdict(list)
    for department in Department.objects.select_related("leader"):
        rooms[department.company_id].append(Room(department, seats.pop(department.pk, [])))
    houses = {company.pk: House(company, rooms[company.pk]) for company in Company.objects.all()}
    for house in houses.values():
        if above := houses.get(house.company.parent_id or 0):
            above.houses.append(house)
    return [house for house in houses.values() if house.company.parent_id is None], seats.pop(None, [])


def _seats(on: date) -> dict[int | None, list[Seat]]:
    people = Person.objects.filter(is_active=True).order_by("department_id", "name", "pk")
    seats = {person.pk: Seat(person) for person in people}
    held = Membership.objects.filter(Membership.in_force(on), person__in=seats).select_related("company")
    for post in held.order_by("role"):
        words = f"{Role(post.role).label}（{post.company.code}）"
        seats[post.person_id].posts.append(
            _("{post}, standing in").format(post=words) if post.stand_in_for_id else words
        )
    found: dict[int | None, list[Seat]] = defaultdict(list)
    for seat in seats.values():
        found[seat.person.department_id].append(seat)
    return found
