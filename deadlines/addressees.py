"""Who hears of a step: resolved when it is taken; an empty post goes one level up and is listed (P2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from deadlines.models import Deadline
from deadlines.terms import LEADER, OWNER
from org.models import Membership, Person
from org.queries import leader_of
from org.roles import Role

# Whoever else is missing, one of these hears of it.
LAST_RESORT = (Role.GM, Role.GROUP_GM, Role.ADMIN)


@dataclass(frozen=True)
class Addressed:
    """Whom a step is told, for which roles, and which of them nobody holds."""

    people: tuple[Person, ...]
    roles: tuple[str, ...]
    vacant: tuple[str, ...]


@dataclass(frozen=True)
class Taken:
    """One step of a row that is taken now."""

    row: Deadline
    step: int
    at: datetime
    kind: str
    to: Addressed
    late: bool


class Book:
    """The holders of all posts that some rows may ask for, read in two queries."""

    def __init__(self, rows: Iterable[Deadline], *, at: datetime) -> None:
        rows = list(rows)
        asked = {str(role) for role in LAST_RESORT}
        for row in rows:
            asked.update(row.roles, *(step["to"] for step in row.ladder))
        self._holders: dict[tuple[str, int], list[Person]] = defaultdict(list)
        self._everywhere: dict[str, list[Person]] = defaultdict(list)
        self._read({row.company_id for row in rows}, asked - {OWNER, LEADER}, at)
        wanted = {row.owner_id for row in rows if row.owner_id}
        people = Person.objects.filter(pk__in=wanted).select_related("direct_leader", "department__leader")
        self._owners = {person.pk: person for person in people}

    def _read(self, company_ids: set[int], roles: set[str], at: datetime) -> None:
        rows = Membership.objects.filter(Membership.in_force(localtime(at).date()))
        rows = rows.filter(role__in=roles, person__is_active=True).order_by("person_id")
        rows = rows.select_related("company", "person__direct_leader", "person__department__leader")
        for row in rows:
            if row.company.parent_id is None:
                self._everywhere[row.role].append(row.person)
            if row.company_id in company_ids:
                self._holders[row.role, row.company_id].append(row.person)

    def holders(self, role: str, company_id: int) -> list[Person]:
        """Who holds the role in the company, else at the group."""
        found = self._holders.get((role, company_id)) or self._everywhere.get(role) or []
        return list(dict.fromkeys(found))

    def of_step(self, row: Deadline, step: int) -> Addressed:
        """Whom to tell of a step of the row."""
        vacant: list[str] = []
        levels = [row.ladder[step]["to"], *(later["to"] for later in row.ladder[step + 1 :])]
        for roles in levels:
            found = self._of_level(row, roles, vacant)
            if found:
                return Addressed(tuple(found), _named(row, roles), tuple(dict.fromkeys(vacant)))
        for role in LAST_RESORT:
            if found := self.holders(role, row.company_id):
                return Addressed(tuple(found), (str(role),), tuple(dict.fromkeys(vacant)))
        return Addressed((), _named(row, row.ladder[step]["to"]), tuple(dict.fromkeys(vacant)))

    def _of_level(self, row: Deadline, roles: list[str], vacant: list[str]) -> list[Person]:
        found: list[Person] = []
        for role in roles:
            people = self._of_role(row, role)
            if not people:
                vacant.extend(row.roles or (role,) if role == OWNER else (role,))
            found += people
        return list(dict.fromkeys(found))

    def _of_role(self, row: Deadline, role: str) -> list[Person]:
        if role == OWNER:
            return self._of_owner(row)
        if role == LEADER:
            owner = self._owners.get(row.owner_id) if row.owner_id else None
            below = [owner] if owner else self._of_owner(row)
            leaders = [leader_of(person) for person in below]
            return [leader for leader in leaders if leader and leader.is_active]
        return self.holders(role, row.company_id)

    def _of_owner(self, row: Deadline) -> list[Person]:
        if row.owner_id:
            owner = self._owners.get(row.owner_id)
            if owner and owner.is_active:
                return [owner]
            leader = leader_of(owner) if owner else None
            return [leader] if leader and leader.is_active else []
        return [person for role in row.roles for person in self.holders(role, row.company_id)]


def _named(row: Deadline, roles: Any) -> tuple[str, ...]:
    return tuple(named for role in roles for named in (row.roles or (OWNER,) if role == OWNER else (role,)))
