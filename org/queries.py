"""Who holds which post, and who is the next one up (ORG-02)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db.models import BigIntegerField, DateField
from django.utils import timezone

from org.composed import Composed, Place
from org.models import Company, Department, Membership, Person
from org.models.people import SYSTEM
from org.roles import Role


@dataclass(frozen=True)
class Post:
    """One role held in one company; `company_id` None means everywhere (held at the group)."""

    role: str
    company_id: int | None
    department_id: int | None


def posts(person: Person, *, on: date) -> tuple[Post, ...]:
    """The posts `person` holds on the day `on`; empty for somebody who may not log in (P21). One query."""
    if not person.is_active:
        return ()
    return tuple(
        Post(role, None if parent is None else company, department)
        for role, company, department, parent in _posts(person=person.pk, on=on)
    )


_posts = Composed(
    lambda: Membership.objects.filter(
        Membership.in_force(cast(Any, Place("on", DateField()))), person=Place("person", BigIntegerField())
    ).values_list("role", "company_id", "department_id", "company__parent_id")
)


def holders(role: str, *, company: Company, on: date) -> list[Person]:
    """The active people who hold `role` in `company` on the day `on`; else those who hold it at the group."""
    rows = Membership.objects.filter(Membership.in_force(on), role=role, person__is_active=True)
    rows = rows.select_related("person").order_by("person_id")
    here = [row.person for row in rows.filter(company=company)]
    found = here or [row.person for row in rows.filter(company__parent__isnull=True)]
    return list(dict.fromkeys(found))


def leader_of(person: Person) -> Person | None:
    """The next one up: the direct leader, else the leader of the person's department (ORG-02)."""
    if person.direct_leader_id:
        return person.direct_leader
    department = person.department
    if department and department.leader_id and department.leader_id != person.pk:
        return department.leader
    return None


def system_person() -> Person:
    """The user in whose name the clock and the consequences act; it cannot log in."""
    person, made = Person.objects.get_or_create(username=SYSTEM, defaults={"name": "系统"})
    if made:
        person.set_unusable_password()
        person.save(update_fields=["password"])
    return person


def departments(roles: Iterable[str], *, company_ids: Iterable[int], on: date) -> dict[tuple[str, int], str]:
    """The name of the department in which each role is held in each of the companies. One query."""
    rows = Membership.objects.filter(
        Membership.in_force(on), role__in=set(roles), company_id__in=set(company_ids)
    )
    named = rows.order_by("-person_id").values_list(
        "role", "company_id", "department__name", "person__department__name"
    )
    return {(role, company): post or own for role, company, post, own in named if post or own}


def seats(roles: Iterable[str], *, company_ids: Iterable[int], on: date) -> dict[tuple[str, int], Department]:
    """The department in which each role is held in each of the companies: of the post, else of who holds it.
    One query."""
    rows = Membership.objects.filter(
        Membership.in_force(on), role__in=set(roles), company_id__in=set(company_ids)
    ).select_related("department__company", "person__department__company")
    found = {}
    for row in rows.order_by("-person_id"):
        if (department := row.department or row.person.department) is not None:
            found[row.role, row.company_id] = department
    return found


def is_administrator(person: object) -> bool:
    """Whether somebody holds the post of administrator today, in real time; read once for each request."""
    if not isinstance(person, Person) or not person.is_active:
        return False
    if not hasattr(person, "_administers"):
        held = posts(person, on=timezone.localdate())
        person._administers = any(post.role == Role.ADMIN for post in held)  # type: ignore[attr-defined]
    return person._administers  # type: ignore[attr-defined]
