"""The log-in page of the demo: whose name opens which door, what to try there, and a path to begin with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.db.models import F
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from config.demo.house import PASSWORD
from desk.tours import places_of
from flow import clock
from org.models import Department, Membership, Person
from org.roles import Role

# From receiving to the effective contract: who does it, and what.
PATH: tuple[tuple[str, Any], ...] = (
    ("sales_clerk", _("Receive an order, confirm its requirements, submit it for review.")),
    ("order_desk", _("Open the review round and find it feasible.")),
    ("prod_mgr", _("Find it feasible too: the review has passed.")),
    (
        "sales_clerk",
        _("Quote and send, record the acceptance; draft, submit and sign the contract with a prepayment."),
    ),
    ("finance", _("Book the prepayment: the order takes effect, and the four hours of sales begin.")),
    ("sales_clerk", _("Issue the production instruction before the clock runs out.")),
)


@dataclass(frozen=True)
class Door:
    """Somebody who may log in: name, posts in words, and what to try first."""

    username: str
    name: str
    posts: str
    tries: Any


@dataclass
class Floor:
    """A department of a company with those who work in it."""

    company: str
    title: str
    doors: list[Door] = field(default_factory=list)


@dataclass(frozen=True)
class Demo:
    """What the log-in page of a demo house tells a newcomer."""

    password: str
    floors: list[Floor]
    path: list[tuple[Door, Any]]


class Entrance(LoginView):
    """The log-in; in a demo house with the names that open it, one click fills them in."""

    redirect_authenticated_user = True

    def get_initial(self) -> dict[str, Any]:
        """The name that was clicked on."""
        named = self.request.GET.get("as", "") if settings.DEMO_MODE else ""
        return {**super().get_initial(), "username": named[:150]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the people of the demo."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "demo": demo(on=localtime(clock.now()).date()) if settings.DEMO_MODE else None}


def demo(*, on: date) -> Demo:
    """The people who may log in on that day, by department, and the path. Three queries."""
    held: dict[int, list[str]] = {}
    rows = Membership.objects.filter(Membership.in_force(on), person__is_active=True)
    for person, role in rows.order_by("pk").values_list("person", "role"):
        held.setdefault(person, []).append(role)
    group_last = F("company__parent").desc(nulls_last=True)
    departments = Department.objects.select_related("company").order_by(group_last, "company__pk", "pk")
    floors = {one.pk: Floor(str(one.company), one.name) for one in departments}
    doors = {}
    for person in Person.objects.filter(pk__in=held, department__isnull=False).order_by("pk"):
        door = _door(person, held[person.pk])
        doors[person.username] = door
        floors[person.department_id].doors.append(door)
    path = [(doors[name], said) for name, said in PATH if name in doors]
    return Demo(PASSWORD, [floor for floor in floors.values() if floor.doors], path)


def _door(person: Person, roles: list[str]) -> Door:
    posts = "、".join(str(Role(role).label) for role in dict.fromkeys(roles))
    return Door(person.username, str(person), posts, places_of(roles)[0].title)
