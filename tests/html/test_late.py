"""Late and due by department: whose clocks stand how, who sees which, and the list below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deadlines import sweep
from deadlines.models import Deadline
from desk import late
from flow.policy import Viewer
from tests.people import NINE
from tests.story import Story

pytestmark = pytest.mark.django_db
NOW = NINE + timedelta(days=2, hours=5)


@pytest.fixture
def house(story: Story) -> Iterator[Story]:
    """A plan whose tasks nobody answered, a review that nobody opened, an order to be instructed."""
    story.planned()
    Story(story.factory).in_review()
    Story(story.factory, at=NOW - timedelta(hours=1)).effective()
    sweep.run(at=NOW)
    with time_machine.travel(NOW, tick=False):
        yield story


def numbers(page: Any) -> dict[str, list[str]]:
    """The figures of each department of the board."""
    rows = re.findall(
        r'<tr><td class="key"><a href="[^"]+">([^<]+)</a>(.*?)</tr>', page.content.decode(), re.S
    )
    return {name: re.findall(r'data-value="(\d+)"', rest) for name, rest in rows}


def test_every_running_clock_stands_once_with_its_department(at_desk: Any, house: Story) -> None:
    page = at_desk("gm").get("/late/")
    found = numbers(page)
    assert found["产品销售部"] == ["0", "1", "0", "0", "0"] or sum(map(int, found["产品销售部"])) == 1
    assert int(found["车间"][0]) == 2
    total = sum(int(figure) for figures in found.values() for figure in figures)
    assert total == Deadline.objects.filter(state__in=Deadline.RUNNING).count()


def test_how_the_week_was_kept_is_told_in_percent(house: Story) -> None:
    viewer = Viewer.of(house.factory.person("gm"), NOW)
    ended = Deadline.objects.filter(state="done", counts=True, done_at__gte=NINE.replace(hour=0))
    assert sum(line.ended for line in late.lines(viewer, NOW)) == ended.count()
    run = ended.select_related(None).first()
    Deadline.objects.filter(pk=run.pk).update(breached=True, late_by=timedelta(hours=1))
    again = late.lines(viewer, NOW)
    assert sum(line.counts[late.MISSED] for line in again) == 1
    assert any(line.kept is not None and line.kept < 100 for line in again)


def test_who_leads_nothing_sees_his_own_department_alone(at_desk: Any, house: Story) -> None:
    assert set(numbers(at_desk("buyer").get("/late/"))) == {"采购部"}
    assert len(numbers(at_desk("purch_leader").get("/late/"))) > 3
    assert numbers(at_desk(house.factory.stranger).get("/late/")) == {}
    assert numbers(at_desk(house.factory.person("gm", house.factory.ct)).get("/late/")) == {}


def test_the_figures_lead_to_their_clocks(at_desk: Any, house: Story) -> None:
    client = at_desk("gm")
    page = client.get("/late/").content.decode()
    links = re.findall(r'href="(/late/clocks/\?department=\d+&amp;shade=\w+)">(\d+)<', page)
    assert links
    for address, count in links:
        below = client.get(address.replace("&amp;", "&")).content.decode()
        assert below.count('class="clock ') == int(count), address


def test_the_list_is_narrowed_by_rule_and_owner_and_turned(at_desk: Any, house: Story) -> None:
    client = at_desk("gm")
    every = client.get("/late/clocks/", {"shade": "late"}).content.decode().count('class="clock ')
    rule = Deadline.objects.filter(due_at__lte=NOW, state="open").values_list("rule", flat=True)[0]
    of_rule = Deadline.objects.filter(due_at__lte=NOW, state="open", rule=rule).count()
    narrowed = client.get("/late/clocks/", {"shade": "late", "rule": rule}).content.decode()
    assert narrowed.count('class="clock ') == of_rule < every
    owner = house.factory.person("inspector")
    assert 'class="clock ' not in client.get("/late/clocks/", {"owner": owner.pk}).content.decode()
    for odd in ({"after": "9" * 30}, {"owner": "x"}, {"shade": "x"}, {"department": "0-1"}, {"rule": "\x00"}):
        assert client.get("/late/clocks/", odd).status_code == 200


def test_nobody_reads_the_clocks_of_a_department_that_he_does_not_see(at_desk: Any, house: Story) -> None:
    shop = next(
        one for one in late.lines(Viewer.of(house.factory.person("gm"), NOW), NOW) if "车间" in str(one.title)
    )
    page = at_desk("buyer").get("/late/clocks/", {"department": shop.key, "shade": "late"}).content.decode()
    assert "Workshop director" not in page
    assert "Purchasing leader" in page


def test_the_board_costs_the_same_however_much_is_late(at_desk: Any, house: Story) -> None:
    client = at_desk("gm")

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(path)
        return len(seen)

    paths = ("/late/", "/late/clocks/?shade=late")
    [cost(path) for path in paths]
    few = [cost(path) for path in paths]
    for _number in range(4):
        Story(house.factory).planned()
    sweep.run(at=NOW)
    assert [cost(path) for path in paths] == few
