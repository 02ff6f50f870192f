"""The board: late and due by department, what was kept week by week, orders by state, what is silent."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from config import heartbeat
from config.backoffice import board
from deadlines.models import Deadline
from flow import tick
from flow.policy import Viewer
from integration import outbox
from integration.models import Job, Outbox
from org.models import Person
from tests.people import NINE
from tests.story import Story


def seen(story: Story, at: datetime) -> board.Board:
    return board.board(Viewer.of(story.factory.person("admin"), at), at)


def shown(story: Story, at: datetime) -> dict[str, tuple[str, ...]]:
    chart = seen(story, at).charts[0]
    return {row[0]: tuple(str(cell) for cell in row[1:3]) for row in chart.rows}


@pytest.mark.rule("TM-01")
def test_a_clock_counts_for_the_department_of_its_owner(story: Story) -> None:
    story.effective()
    clock = Deadline.objects.get(rule="instruction_4h", state="open")
    before, after = clock.due_at - timedelta(minutes=5), clock.due_at + timedelta(minutes=5)
    assert shown(story, before)["产品销售部"] == ("0", "1")
    assert shown(story, after)["产品销售部"] == ("1", "0")


def test_the_weeks_say_what_was_kept(story: Story) -> None:
    story.instructed()
    ended = Deadline.objects.filter(state="done", counts=True)
    kept, missed = ended.filter(breached=False).count(), ended.filter(breached=True).count()
    assert kept
    viewer = Viewer.of(story.factory.person("admin"), NINE)
    weeks = board.trend(viewer, NINE + timedelta(weeks=2))
    assert len(weeks) == 12
    assert sum(week[1] for week in weeks) == kept
    assert sum(week[2] for week in weeks) == missed
    assert weeks[-1][1:] == (0, 0)
    assert all(week[0].weekday() == 0 for week in weeks)


def test_dead_letters_and_silent_workers_are_named(desk: Client, story: Story) -> None:
    outbox.put([outbox.mail("a@example.com", subject="S", text="T", key="k")])
    Outbox.objects.update(state="dead", tries=8)
    page = desk.get("/admin/").content.decode()
    assert "never seen" in page
    assert '<b class="bo-late">1</b>Dead letters' in page
    tick.beat(heartbeat.WORKER)
    assert '<b class="bo-ok">working</b>' in desk.get("/admin/").content.decode()


def test_a_job_that_failed_is_named(desk: Client, story: Story) -> None:
    now = timezone.now()
    person = story.factory.person("buyer")
    for state, ended in (("running", None), ("failed", now), ("failed", now - timedelta(days=3))):
        Job.objects.create(kind="x", title="导出", person=person, at=NINE, state=state, ended_at=ended)
    assert "1 running, 1 failed" in desk.get("/admin/").content.decode()
    page = desk.get("/admin/integration/job/").content.decode()
    assert page.count("导出") >= 3


def test_each_chart_has_its_table(desk: Client, story: Story) -> None:
    story.effective()
    page = desk.get("/admin/").content.decode()
    assert page.count('<canvas class="chart"') == 3
    assert page.count('class="bo-table"') == 3
    assert "产品销售部" in page
    way = re.search(r'href="(/late/clocks/\?department=[^"]*)"', page)
    assert way
    assert desk.get(unescape(way[1])).status_code == 200


@pytest.mark.parametrize("orders", [1, 5])
def test_the_board_costs_the_same_for_any_number(
    desk: Client, story: Story, orders: int, django_assert_num_queries: Any
) -> None:
    story.effective()
    for _n in range(orders - 1):
        Story(story.factory).effective()
    at = timezone.now()
    viewer = Viewer.of(story.factory.person("admin"), at)
    with django_assert_num_queries(8):
        board.board(viewer, at)


def test_others_see_no_numbers_of_other_companies(story: Story) -> None:
    story.effective()
    at = timezone.now()
    found = board.board(Viewer.of(story.factory.stranger, at), at)
    assert [chart.rows for chart in found.charts[::2]] == [[], []]


def test_the_first_page_asks_for_the_post(story: Story) -> None:
    clerk = story.factory.person("sales_clerk")
    Person.objects.filter(pk=clerk.pk).update(is_staff=True)
    client = Client()
    client.force_login(Person.objects.get(pk=clerk.pk))
    page = client.get("/admin/")
    assert "bo-table" not in page.content.decode()
