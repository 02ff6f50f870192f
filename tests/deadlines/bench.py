"""A bench to try timed rules on: rules of its own, on documents of the clock's own app."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop

from deadlines import actions, registrar, sweep
from deadlines.models import Deadline, Duty, Escalation
from deadlines.rules import Rule, rule, within
from flow import cases, events
from flow.events import By
from integration.models import Notice
from org.models import Company
from org.roles import Role
from tests.people import NINE, People

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


def local(month: int, day: int, hour: int = 0, minute: int = 0, *, year: int = 2026) -> datetime:
    """A moment on Shanghai's wall clock in 2026."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


class Bench:
    """People, documents, and rules that are forgotten when the test ends."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.rules: list[Rule] = []
        self.dates: dict[int, Any] = {}
        self._made = 0

    def declare(self, slug: str = "answer", **options: Any) -> Rule:
        """Declare a rule on the bench's documents: 4 h from `begin` to `finish` unless said otherwise."""
        given: dict[str, Any] = {
            "start": "deadlines.duty.begin",
            "stop": "deadlines.duty.finish",
            "due": within(hours=4),
            "owner": Role.SALES_CLERK,
            "escalation": [(Role.SALES_LEADER, Role.ORDER_MGR), Role.GM],
            **options,
        }
        made = rule(slug, given.pop("code", "TM-01"), gettext_noop("Answer within the limit."), **given)
        self.rules.append(made)
        registrar.enlist()
        return made

    def forget(self) -> None:
        """Take the bench's rules out again."""
        for made in self.rules:
            made.forget()

    def document(self, *, company: Company | None = None, on: Any = None) -> Duty:
        """A new document; `on` is the date that dated rules read by `bench.dated`."""
        self._made += 1
        with cases.transact():
            made = actions.open.follow(
                by=By(self.people.person("admin"), NINE),
                company=company or self.people.kg,
                rule="bench",
                code="TM-00",
                title=f"单据 {self._made}",
                role=Role.SALES_CLERK,
                period=f"{self._made:010d}",
                starts_at=NINE,
                ends_at=NINE + 8 * HOUR,
            )
        self.dates[made.pk] = on
        return made

    def documents(self, n: int) -> list[Duty]:
        """Several new documents."""
        return [self.document() for _ in range(n)]

    def dated(self, document: Duty, line: Any = None) -> date | datetime | None:
        """The date that was said of the document."""
        return self.dates[document.pk]

    def say(self, verb: str, document: Duty, at: datetime = NINE, **data: Any) -> Any:
        """Record that something happened to the document."""
        with cases.transact():
            cases.lock([document.case_id])
            by = By(self.people.person("sales_clerk"), at)
            return events.record(f"deadlines.duty.{verb}", document, by, data=data)

    def begun(self, *, at: datetime = NINE, on: Any = None, company: Company | None = None) -> Deadline:
        """The one running clock of a new document that has begun."""
        document = self.document(on=on, company=company)
        self.say("begin", document, at)
        return self.clock(document)

    def clock(self, document: Duty) -> Deadline:
        """The newest clock of a document."""
        return Deadline.objects.filter(subject_type=Duty.label(), subject_id=document.pk).latest("pk")

    def again(self, row: Deadline) -> Deadline:
        """The row as it stands now."""
        return Deadline.objects.get(pk=row.pk)


def told(person: Any) -> list[tuple[str, datetime]]:
    """What a person was told by clocks: key of the step, and when it fell due."""
    rows = Notice.objects.filter(person=person, key__startswith="deadline").order_by("at", "pk")
    return [(key.rpartition(":")[2], at) for key, at in rows.values_list("key", "at")]


def steps(row: Deadline) -> list[tuple[str, datetime, bool]]:
    """The steps taken of a row: kind, when it fell due, whether it was caught up late."""
    rows = Escalation.objects.filter(deadline=row).order_by("step")
    return list(rows.values_list("kind", "at", "late"))


def sweep_at(moments: Iterable[datetime]) -> list[int]:
    """Sweep at each of the moments; how many steps each took."""
    return [sweep.run(at=at) for at in moments]


def moments(row: Deadline) -> list[datetime]:
    """When the steps of the row fall due."""
    return [datetime.fromisoformat(step["at"]) for step in row.ladder]
