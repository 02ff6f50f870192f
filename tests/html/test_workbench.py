"""The workbench: what is mine by what is left, act and next, what I asked of others, the team."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deadlines.models import Deadline
from desk import asked, tasks, team
from flow.models import Event
from flow.policy import Viewer
from integration import notices
from integration.models import Notice
from orders.models import Order, Quotation
from tests.story import Story

pytestmark = pytest.mark.django_db
CHIP = re.compile(r'chip-(\w+)"[^>]*>.*?<b>(\d+)</b>', re.DOTALL)


def viewer(story: Story, role: str) -> Viewer:
    return Viewer.of(story.factory.person(role), timezone.now())


def mine(story: Story, role: str, *, later: timedelta = timedelta()) -> list[tasks.Task]:
    return tasks.mine(viewer(story, role), timezone.now() + later)


def test_clocks_come_by_what_is_left_then_what_waits_without_one(story: Story, at_desk: Any) -> None:
    story.effective()
    other = Story(story.factory)
    other.effective()
    late = Deadline.objects.filter(subject_id=other.order.pk, code="TM-01")
    late.update(due_at=story.at - timedelta(days=2))
    Story(story.factory).received()
    found = mine(story, "sales_clerk")
    timed = [task for task in found if task.clock]
    assert timed[0].document == other.order
    assert timed[0].shade == "late"
    assert [bool(task.clock) for task in found] == sorted((bool(task.clock) for task in found), reverse=True)
    text = at_desk("sales_clerk").get("/").content.decode()
    assert dict(CHIP.findall(text))["late"] == "2"
    narrowed = at_desk("sales_clerk").get("/?show=none").content.decode().partition('id="tasks"')[2]
    assert other.order.number not in narrowed.partition('id="pane"')[0]


def test_a_clock_offers_the_step_that_stops_it_first_even_on_another_document(story: Story) -> None:
    story.effective()
    clock = next(task for task in mine(story, "sales_clerk") if task.clock and task.clock.row.code == "TM-01")
    assert "/production/instruction/" in clock.steps[0][1]


def test_act_then_the_next(story: Story, at_desk: Any) -> None:
    story.confirmed()
    Story(story.factory).confirmed()
    client: Client = at_desk("sales_clerk")
    page = client.get("/").content.decode()
    action = re.search(r'action="(/orders/order/[^"]+submit_review/[^"]*)"', page)
    assert action
    once = re.search(r'name="once" value="(\w+)"', page)
    assert once
    address = action[1].replace("&amp;", "&")
    answer = client.post(address, {"once": once[1]})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/?place=0")
    after = client.get(answer["Location"]).content.decode()
    assert "Submit" in after.partition('id="pane"')[2]
    assert Order.objects.filter(state=Order.State.IN_REVIEW).count() == 1


def test_what_was_just_begun_is_the_next_thing_at_hand(story: Story, at_desk: Any) -> None:
    story.approved()
    Story(story.factory).received()
    client: Client = at_desk("sales_clerk")
    address = f"/orders/quotation/new/?order={story.order.number}&from=workbench&place=0"
    form = {"order": story.order.number, "valid_until": "2031-01-01", "lines-0-line": "1"}
    answer = client.post(address, form)
    made = Quotation.objects.get()
    after = client.get(answer["Location"]).content.decode()
    assert f"/{made.path}/send/" in after.partition('id="pane"')[2]
    assert f'<a href="/{made.path}/">' in after.partition("data-toasts")[2].partition("</div></div>")[0]


def test_an_opinion_asks_for_the_seat_only_where_there_is_a_choice(story: Story, at_desk: Any) -> None:
    story.confirmed()
    story.factory.dismiss("prod_mgr")
    desk = story.factory.person("order_desk")
    desk.memberships.create(role="prod_mgr", company=story.factory.kg, starts_on="2026-01-01")
    story.in_review()
    address = f"/{story.round.path}/give_opinion/"
    page = at_desk("order_desk").get(address).content.decode()
    seats = page.partition('<select name="seat"')[2].partition("</select>")[0]
    assert re.findall(r'value="(\w*)"', seats) == ["", "order_desk", "prod_mgr"]
    at_desk("order_desk").post(address, {"decision": "feasible", "seat": "prod_mgr"})
    assert '<input type="hidden" name="seat"' in at_desk("order_desk").get(address).content.decode()


def test_a_newcomer_finds_what_may_be_begun(story: Story, at_desk: Any) -> None:
    assert 'href="/orders/order/new/"' in at_desk("sales_clerk").get("/").content.decode()
    assert 'href="/orders/order/new/"' not in at_desk("buyer").get("/").content.decode()


def test_a_refusal_at_hand_shows_the_form_and_then_goes_on(story: Story, at_desk: Any) -> None:
    story.in_review()
    client = at_desk("order_desk")
    seat = next(task for task in mine(story, "order_desk") if task.label == "review.round")
    address = f"{seat.steps[0][1]}?from=workbench&place=0&show="
    refused = client.post(address, {"decision": "infeasible", "opinion": ""})
    assert refused.status_code == 422
    done = client.post(address, {"decision": "feasible", "opinion": "可行"})
    assert done["Location"] == "/?place=0"


@pytest.mark.rule("SYS-09")
def test_from_the_notice_an_opinion_takes_two_taps(story: Story, at_desk: Any) -> None:
    story.in_review()
    client = at_desk("order_desk")
    notice = Notice.objects.filter(person=story.factory.person("order_desk")).latest("pk")
    first = client.get(f"/notices/{notice.pk}/")
    assert first["Location"].endswith("give_opinion/?from=notice")
    page = client.get(first["Location"]).content.decode()
    assert '<button class="btn btn-primary" name="decision" value="feasible">' in page
    assert 'select name="decision"' not in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    second = client.post(first["Location"], {"decision": "feasible", "version": version[1]})
    assert second["Location"] == "/notices/"
    assert Event.objects.filter(verb="review.round.give_opinion").exists()


def test_a_notice_without_a_step_of_mine_leads_to_the_document(story: Story, at_desk: Any) -> None:
    story.in_review()
    gm = story.factory.person("gm")
    notices.tell(gm, title="看", path=story.order.path, at=timezone.now(), key="look")
    answer = at_desk("gm").get(f"/notices/{Notice.objects.get(person=gm, key='look').pk}/")
    assert answer["Location"] == f"/{story.order.path}/"


# ---- asked of others ----


def test_what_i_asked_of_others_waits_with_them_and_can_be_reminded(story: Story, at_desk: Any) -> None:
    story.in_review()
    asked_of = asked.of(viewer(story, "sales_clerk"), timezone.now())
    assert story.order in [one.document for one in asked_of] or asked_of == []
    round_ = story.order.rounds.get()
    client = at_desk("sales_clerk")
    before = Notice.objects.count()
    client.post(f"/{round_.path}/remind/")
    event = Event.objects.get(verb=asked.VERB)
    assert event.actor == story.factory.person("sales_clerk")
    assert Notice.objects.count() > before
    client.post(f"/{round_.path}/remind/")
    assert Event.objects.filter(verb=asked.VERB).count() == 1
    page = client.get(f"/{round_.path}/").content.decode()
    assert "Reminded" in page


def test_nobody_is_reminded_of_what_is_ones_own_turn_or_may_not_see(story: Story, at_desk: Any) -> None:
    story.received()
    at_desk("sales_clerk").post(f"/{story.order.path}/remind/")
    assert not Event.objects.filter(verb=asked.VERB).exists()
    stranger = Client()
    stranger.force_login(story.factory.person("sales_clerk", story.factory.ct))
    assert stranger.post(f"/{story.order.path}/remind/").status_code == 404


def test_what_somebody_else_moved_since_is_no_longer_asked(story: Story) -> None:
    story.quoted()
    mine_before = [one.document for one in asked.of(viewer(story, "sales_clerk"), timezone.now())]
    assert all(document.created_by_id for document in mine_before)
    story.accepted()
    story.contracted()
    assert story.quotation not in [
        one.document for one in asked.of(viewer(story, "sales_clerk"), timezone.now())
    ]


# ---- the team ----


def test_a_leader_sees_the_clocks_of_those_led_and_nobody_else_does(story: Story, at_desk: Any) -> None:
    story.effective()
    Deadline.objects.filter(code="TM-01").update(due_at=timezone.now() - timedelta(hours=1))
    clerk, leader = story.factory.person("sales_clerk"), story.factory.person("sales_leader")
    clerk.direct_leader = leader
    clerk.save()
    found = team.members(leader, timezone.now())
    assert found[0].person == clerk
    assert found[0].counts["late"] == 1
    assert leader not in [member.person for member in found]
    client = at_desk("sales_leader")
    assert str(clerk) in client.get("/team/").content.decode()
    assert story.order.number in client.get(f"/team/{clerk.pk}/").content.decode()
    assert at_desk("buyer").get("/team/").status_code == 404
    assert at_desk("buyer").get(f"/team/{clerk.pk}/").status_code == 404


def test_the_team_takes_the_same_number_of_questions_for_many(story: Story, at_desk: Any) -> None:
    leader = story.factory.person("sales_leader")
    people = [story.factory.person(role) for role in ("sales_clerk", "salesperson", "buyer", "planner")]
    client = at_desk("sales_leader")

    def asked_for(few: int) -> int:
        for person in people[:few]:
            person.direct_leader = leader
            person.save()
        with CaptureQueriesContext(connection) as queries:
            client.get("/team/")
        return len(queries)

    assert asked_for(1) == asked_for(4)


# ---- live ----


def test_the_numbers_of_the_navigation_are_those_of_the_person(story: Story, at_desk: Any) -> None:
    story.confirmed()
    said = at_desk("sales_clerk").get("/counts/").json()
    assert said["counts"]["orders.order"] == 1
    assert "orders.order" not in at_desk("storekeeper").get("/counts/").json()["counts"]
    story.in_review()
    assert at_desk("order_desk").get("/counts/").json()["counts"]["review.round"] == 1
    assert "/notices/" in said["badges"]


def test_a_step_meant_for_one_by_name_counts_for_nobody_else(story: Story, at_desk: Any) -> None:
    story.planned()
    for role in ("sales_leader", "gm"):
        counted = at_desk(role).get("/counts/").json()["counts"].get("production.task", 0)
        assert counted == sum(task.label == "production.task" for task in tasks.waiting(viewer(story, role)))


def test_the_workbench_takes_the_same_number_of_questions_for_many(story: Story, at_desk: Any) -> None:
    client = at_desk("sales_clerk")

    def asked_for() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as page:
            client.get("/")
        with CaptureQueriesContext(connection) as counts:
            client.get("/counts/")
        return len(page), len(counts)

    for _ in range(3):
        Story(story.factory).effective()
        Story(story.factory).confirmed()
    few = asked_for()
    for _ in range(8):
        Story(story.factory).effective()
        Story(story.factory).confirmed()
    assert asked_for() == few


def test_parts_of_the_page_come_alone(story: Story, at_desk: Any) -> None:
    story.confirmed()
    client = at_desk("sales_clerk")
    rows, pane = (client.get(f"/?part={part}").content.decode() for part in ("rows", "pane"))
    assert "<html" not in rows
    assert "data-task=" in rows
    assert "<html" not in pane
    assert 'class="card pane"' in pane


@pytest.mark.parametrize(
    "query", ["show=x", "place=-1", "place=99999999", "at=%00", "at=orders.order:1", "part=x", "place=²"]
)
def test_rubbish_in_the_address_breaks_nothing(story: Story, at_desk: Any, query: str) -> None:
    story.confirmed()
    assert at_desk("sales_clerk").get(f"/?{query}").status_code == 200
