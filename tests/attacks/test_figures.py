"""What is closed to somebody is not guessed: by order, filter, search, sum, column or a shared view (P12)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine

from desk.models import SavedView
from flow import narrowing
from flow.screens import Screen
from org.models import Membership
from org.roles import Role
from procurement.models import PurchaseOrder
from tests.attacks.seats import Answer, Seat
from tests.goods import Factory
from tests.people import SINCE
from tests.proofs import proven
from tests.story import Story

pytestmark = pytest.mark.django_db
ROW = re.compile(r'/\w+/\w+/([0-9a-f]{8}-[0-9a-f-]{27})/"')
REFUSED = {400, 404, 422}
# What a list must never be narrowed or ordered by, whoever asks: ways through the tables, and no fields.
LOOKUPS = (
    "created_by__password", "created_by__password__startswith", "created_by__is_superuser", "case__pk__gt",
    "company__parent__name", "id__in", "pk", "state__regex", "number__iregex", "_state", "lines__unit_price",
    "case__events__data", "created_by__logentry__user__password", "__class__", "number__isnull", "?", "-pk",
    "created_by__memberships__role", "company_id", "case_id__gte", "%28select+1%29", "number;drop", "1",
)  # fmt: skip


@pytest.fixture
def sold(story: Story) -> Story:
    """An order that went through to its goods and its contract, and one more beside it."""
    story.arrived()
    Story(story.factory).effective()
    return story


def closed_columns() -> Iterator[tuple[Screen, str, list[str]]]:
    """Each confidential field that is a column, with the roles that see the document but not the field."""
    for screen in Screen.registry.values():
        seen_by = set(screen.model.seen_by or Role.values)
        for name, roles in getattr(screen.model, "confidential", {}).items():
            others = sorted(seen_by - {str(getattr(role, "value", role)) for role in roles})
            if others and narrowing.field_at(screen.model, name) is not None:
                yield screen, name, others


@pytest.mark.faults
def test_a_closed_column_orders_filters_and_finds_nothing(sold: Story) -> None:
    tried, faults = 0, []
    with time_machine.travel(sold.at, tick=False):
        for turn, (screen, name, roles) in enumerate(closed_columns()):
            for role in {roles[turn * 5 % len(roles)], roles[-turn % len(roles)]}:
                oracle = Oracle(Seat(sold.factory.person(role)), screen, name)
                oracle.ask()
                tried += oracle.tried
                faults += [f"{role}: {fault}" for fault in oracle.faults]
    proven("P12", injections=tried, violations=len(faults), note="; ".join(faults[:9]) or "closed columns")
    assert tried > 30


class Oracle:
    """Somebody who may see the rows of a list but not one of its columns, and asks all the same."""

    def __init__(self, seat: Seat, screen: Screen, name: str) -> None:
        self.seat, self.screen, self.name = seat, screen, name
        self.root = f"/{screen.model.label().replace('.', '/')}/"
        self.tried = 0
        self.faults: list[str] = []
        self.plain: dict[str, list[str]] = {}
        values = screen.model._default_manager.exclude(**{name: None}).values_list(name, flat=True)
        self.values = [str(value) for value in values if isinstance(value, Decimal)]

    def ask(self) -> None:
        """Every way to learn of the column."""
        low = min(self.values, default="1")
        ways: list[dict[str, str]] = [{"ordering": self.name}, {"ordering": f"-{self.name}"}]
        ways += [{self.name: low}, {f"{self.name}__from": low}, {f"{self.name}__to": low}]
        for asked in ways:
            for lists in (self.root, f"/api/v1{self.root}", f"{self.root}board/"):
                self._silent(f"{lists}?{urlencode(asked)}")
            self._silent(f"{self.root}?{urlencode(asked | {'format': 'csv'})}")
        for value in dict.fromkeys(self.values):
            self._finds_nothing(value)
        self._no_column()

    def _silent(self, where: str) -> None:
        """The answer is a refusal, or the list as it stands without the question."""
        self.tried += 1
        answer = self.seat.get(where)
        path, _mark, asked = where.partition("?")
        plain = f"{path}?format=csv" if "format=csv" in asked else path
        if plain not in self.plain:
            self.plain[plain] = rows(self.seat.get(plain))
        if answer.status not in REFUSED and rows(answer) != self.plain[plain]:
            self.faults.append(f"{where} answers {answer.status} with other rows")

    def _finds_nothing(self, value: str) -> None:
        self.tried += 1
        answer = self.seat.get(f"/api/v1{self.root}?q={value}")
        if answer.status == 200 and answer.json["results"]:
            self.faults.append(f"{value} is found by searching")

    def _no_column(self) -> None:
        label = self.screen.model.label()
        total = str(sum(map(Decimal, self.values)))
        figures = {*self.values, *([total] if self.values else [])}
        for form in ("csv", "xlsx"):
            self._without(f"/export/?label={label}&format={form}&columns=number,{self.name}", figures)
        self._without(self.root, figures)
        self._without(f"{self.root}board/", figures)

    def _without(self, where: str, figures: set[str]) -> None:
        self.tried += 1
        text = self.seat.get(where).text.replace(",", "")
        for figure in figures:
            whole = figure.rstrip("0").rstrip(".")
            if float(figure) and re.search(rf"(?<![\d.-]){re.escape(whole)}(?:\.0+)?(?![\d.])", text):
                self.faults.append(f"{where} shows {figure}")


def rows(answer: Answer) -> list[str]:
    """The documents in a list, as they stand there."""
    if answer.headers.get("content-type", "").startswith("application/json"):
        return [row["id"] for row in answer.json.get("results", [])]
    if answer.headers.get("content-type", "").startswith("text/csv"):
        return [line.partition(",")[0] for line in answer.text.splitlines()[1:]]
    return list(dict.fromkeys(ROW.findall(answer.text)))


def test_a_shared_view_tells_nothing_by_its_count(sold: Story) -> None:
    """Who may read prices shares a view that narrows by them with colleagues who may not."""
    both = sold.factory.person("buyer")
    Membership.objects.create(person=both, role="storekeeper", company=sold.company, starts_on=SINCE)
    dear = max(document.amount for document in PurchaseOrder.objects.all())
    root = "/procurement/purchase_order/"
    with time_machine.travel(sold.at, tick=False):
        asked = {"query": f"amount__from={dear}&ordering=amount", "name": "dear", "roles": ["storekeeper"]}
        Seat(both).post(f"{root}views/", {"do": "new", **asked})
        view = SavedView.objects.get(name="dear")
        mine, theirs = Seat(both), Seat(sold.factory.person("storekeeper"))
        counted = mine.get(f"{root}views/counts/").json["counts"]
        assert counted[str(view.pk)] == "1"
        everything = rows(theirs.get(root))
        assert str(view.pk) not in theirs.get(f"{root}views/counts/").json["counts"]
        shown = theirs.get(f"{root}?view={view.pk}")
        assert shown.status in REFUSED or rows(shown) in ([], everything)


@pytest.mark.faults
@pytest.mark.parametrize(("face", "share"), [("/", 20), ("/api/v1/", 5)])
def test_no_way_through_the_tables(story: Story, face: str, share: int) -> None:
    """Filters, orders and columns are names of the screen, never lookups of the database."""
    story.received()
    tried, wrong = 0, []
    with time_machine.travel(story.at, tick=False):
        seat = Seat(story.factory.person("gm"))
        for screen in list(Screen.registry.values())[::share]:
            root = f"{face}{screen.model.label().replace('.', '/')}/"
            for name in LOOKUPS:
                for asked in ({name: "a"}, {"ordering": name}, {"ordering": f"-{name}"}):
                    tried += 1
                    answer = seat.get(f"{root}?{urlencode(asked)}")
                    plain = answer.status == 200 and face == "/" and "ordering" not in asked
                    if answer.status not in REFUSED and not plain:
                        wrong.append((root, asked, answer.status))
    assert [w for w in wrong if w[2] >= 500] == []
    assert wrong == []
    assert tried > 60


def test_a_post_opens_prices_in_its_own_company_alone(sold: Story, factory: Factory) -> None:
    """A buyer of another company who is storekeeper here cannot order or narrow by what things cost here."""
    both: Any = factory.person("storekeeper")
    Membership.objects.create(person=both, role="buyer", company=factory.hg, starts_on=SINCE)
    with time_machine.travel(sold.at, tick=False):
        oracle = Oracle(Seat(both), Screen.registry["procurement.purchase_order"], "amount")
        oracle._no_column()
        for asked in ("ordering=amount", "ordering=-amount"):
            oracle._silent(f"{oracle.root}?{asked}")
        assert oracle.faults == []
        narrowed = Seat(both).get("/api/v1/procurement/purchase_order/?amount__from=1")
        assert narrowed.json["results"] == []
