"""A house with orders in several companies and stages, and everybody who may look at it or may not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from desk import comments
from flow.models import Document
from flow.screens import Screen
from org.models import Membership, Person
from org.roles import Role
from tests.faces import walk_changes, walks
from tests.goods import Factory
from tests.people import SINCE
from tests.story import Story

# Stands in texts of the orders that somebody must not see: nothing else in the house is called so.
MARK = "ZZ-CLOSED-MARK"
LATER = timedelta(days=120)


@dataclass
class World:
    """All documents of all companies; `at` is the moment at which everybody looks."""

    factory: Factory
    documents: list[Document] = field(default_factory=list)
    at: datetime = field(init=False)

    def __post_init__(self) -> None:
        for walk in (walks.whole, walks.bought, walks.duty, walks.talks, walk_changes.changes):
            walk(Story(self.factory))
        for stage in ("received", "in_review", "quoted", "contracted", "effective", "planned", "arrived"):
            getattr(Story(self.factory), stage)()
        self._elsewhere("arrived")
        self._elsewhere("received", important=True)
        for screen in Screen.registry.values():
            rows = screen.model._default_manager.select_related("company", "case", "case__company")
            self.documents += rows.order_by("pk")
        self.at = Story(self.factory).at + LATER

    def _elsewhere(self, stage: str, *, important: bool = False) -> None:
        """An order of another company, told up to a stage, with words that nobody else may read."""
        told = Story(self.factory, company=self.factory.hg)
        lines = [
            {"item": self.factory.cabinet, "quantity": 2, "unit_price": 38000, "technical_requirement": MARK}
        ]
        told.received(lines=lines, remark=MARK, project_name=MARK, is_important=important)
        getattr(told, stage)()
        comments.write(told.order, text=f"{MARK} remark", by=told.by("sales_clerk"))

    def people(self) -> Iterator[tuple[str, Person]]:
        """Everybody by a name that says who: each role in the first company, some of the second, guests."""
        for role in Role.values:
            yield role, self.factory.person(role)
        for role in ("sales_clerk", "finance", "buyer", "gm", "guard"):
            yield f"hg {role}", self.factory.person(role, self.factory.hg)
        yield "stranger", self.factory.stranger
        day = self.at.date()
        yield "nobody", self._guest("nobody")
        yield "former", self._guest("former", starts_on=SINCE, ends_on=day - timedelta(days=1))
        yield "future", self._guest("future", starts_on=day + timedelta(days=1))
        yield "group", self._guest("group", starts_on=SINCE, company=self.factory.group)

    def _guest(self, name: str, **post: Any) -> Person:
        """Somebody with no post, or with the general manager's at another time or in another place."""
        person, made = Person.objects.get_or_create(username=name, defaults={"name": name})
        if made and post:
            where = {"company": self.factory.kg, "role": "gm", **post}
            Membership.objects.create(person=person, **where)
        return person

    def posts(self, person: Person) -> list[Membership]:
        """The posts that count at the moment at which everybody looks."""
        day = self.at.date()
        rows = Membership.objects.filter(person=person, starts_on__lte=day).select_related("company")
        return [row for row in rows if row.ends_on is None or row.ends_on >= day]

    def parted(self, person: Person) -> tuple[list[Document], list[Document]]:
        """What the person may see, and what not: worked out here once more, from the posts alone."""
        posts = self.posts(person)
        seen: list[Document] = []
        hidden: list[Document] = []
        for document in self.documents:
            wanted = set(type(document).seen_by or Role.values)
            here = {document.company_id, document.case.company_id}
            may = any(
                p.role in wanted and (p.company.parent_id is None or p.company_id in here) for p in posts
            )
            (seen if may else hidden).append(document)
        return seen, hidden
