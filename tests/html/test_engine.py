"""The engine's page: whether all is well in words, the figures behind it, who may look, what it costs."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config import heartbeat
from deadlines import sweep
from deadlines.models import Escalation
from desk import verdict, vitals
from flow import maintenance, seals, tick
from flow.models import Heartbeat, MaintenanceRecord, Outage
from integration.models import Job, Outbox
from org.models import Person
from tests.people import NINE
from tests.story import Story

pytestmark = pytest.mark.django_db
Kind = MaintenanceRecord.Kind
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def well(factory: Any, settings: Any, tmp_path: Path) -> datetime:
    """A house in which all is well, and the moment of it."""
    # The newest seal is remembered in a file, which other tests would leave behind.
    settings.DATA_DIR = tmp_path
    for kind in (Kind.BACKUP, Kind.DRILL, Kind.INVARIANTS, Kind.AUDIT):
        maintenance.note(kind, seconds=1.5, size=12_000_000, summary="Nothing was found.")
    tick.beat(heartbeat.WORKER)
    seals.seal(at=timezone.now())
    return timezone.now()


def said(now: datetime) -> list[str]:
    """The sentences of the verdict, the worst first."""
    found = vitals.figures(at=now, now=now)
    return [word.text for word in verdict.words(found, at=now, now=now)]


def letter(key: str, **values: Any) -> Outbox:
    return Outbox.objects.create(kind=Outbox.Kind.MAIL, key=key, recipient="a@b.c", channel="mail", **values)


def job(person: Person, **values: Any) -> Job:
    return Job.objects.create(kind="x", title="x", person=person, at=timezone.now(), **values)


def test_where_all_is_well_one_sentence_says_so(at_desk: Any, well: datetime) -> None:
    assert said(well) == []
    page = at_desk("gm").get("/engine/").content.decode()
    assert "All is well." in page
    assert "Nothing was found." in page
    assert "12.0 MB" in page


def test_each_trouble_is_a_sentence(factory: Any, well: datetime) -> None:
    clerk, old = factory.person("sales_clerk"), well - timedelta(hours=1)
    Heartbeat.objects.update(beat_at=old)
    Outage.objects.create(began_at=old, ended_at=old + 30 * MINUTE, ended_by="worker")
    letter("a", state=Outbox.State.DEAD)
    letter("b", made_at=old)
    job(clerk, made_at=old)
    job(clerk, state=Job.State.FAILED, ended_at=well - MINUTE)
    maintenance.note(Kind.AUDIT, succeeded=False, summary="1 finding.\nEvent 7 was changed.")
    assert said(well) == [
        "The background work has been silent for 1 h 0 min.",
        "1 letter was given up.",
        "The oldest job has waited for 1 h 0 min.",
        "The last audit of the events failed or found something.",
        "1 outage in the last day, 30 min.",
        "The oldest letter of the outbox has waited for 1 h 0 min.",
        "1 job failed in the last day.",
    ]


def test_what_was_never_done_or_long_ago_is_named(factory: Any, well: datetime) -> None:
    later = well + timedelta(days=101)
    Heartbeat.objects.update(beat_at=later)
    assert [text.partition(" is ")[0] for text in said(later)] == [
        "The last backup",
        "The last restore drill",
        "The last check of the stored state",
        "The last audit of the events",
    ]


def test_a_new_house_says_what_is_missing(factory: Any, settings: Any) -> None:
    words = said(timezone.now())
    assert words[0] == "The background work has never run here."
    assert "There was no backup yet." in words
    # Neither does a demo claim what nobody has looked at.
    settings.DEMO_MODE = True
    assert "There was no backup yet." in said(timezone.now())


def test_a_copy_and_a_late_seal_are_named(story: Story, well: datetime) -> None:
    story.effective()
    later = timezone.now() + 11 * MINUTE
    Heartbeat.objects.update(beat_at=later)
    assert any("event without a seal has waited" in text for text in said(later))
    seals.seal(at=later)
    assert said(later) == []
    maintenance.note(Kind.RESTORED)
    assert said(later)[0].startswith("This is a restored copy")


def test_lateness_is_measured_and_what_was_caught_up_stands_apart(story: Story, settings: Any) -> None:
    settings.TRAINING_CLOCK = True
    story.effective()
    due = NINE + timedelta(hours=3)
    sweep.run(at=due + timedelta(seconds=2))
    sweep.run(at=due + timedelta(hours=2, minutes=5))
    found = vitals.steps()
    assert len(found) == Escalation.objects.count() == 3
    one = vitals.lateness(found, since=due)
    assert (one.steps, one.median, one.p99, one.most) == (1, 2.0, 2.0, 2.0)
    assert (one.caught_up, one.caught_up_most) == (2, 65 * 60.0)
    assert vitals.lateness(found, since=due + timedelta(hours=3)) == vitals.Lateness()
    texts = said(due + timedelta(hours=2, minutes=6))
    assert "2 steps of clocks were caught up late in the last day." in texts


@pytest.mark.parametrize(("part", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_shares_are_those_of_the_ordered_values(part: float, value: int) -> None:
    assert vitals.share(list(range(1, 101)), part) == value
    assert vitals.share([7], part) == 7
    assert vitals.share([], part) == 0


def test_clocks_later_than_promised_are_named(well: datetime) -> None:
    found = vitals.figures(at=well, now=well)
    found["steps"] = [(well - MINUTE, 9.25, False)]
    (word,) = verdict.words(found, at=well, now=well)
    assert word.text == "In the last hour clocks rang up to 9.2 s late; promised are 5 s."


def test_an_outage_is_a_row_made_by_the_beat_that_ends_it(db: None) -> None:
    tick.beat(heartbeat.WORKER)
    tick.beat(heartbeat.WORKER)
    assert not Outage.objects.exists()
    long_ago = timezone.now() - 5 * MINUTE
    Heartbeat.objects.update(beat_at=long_ago)
    tick.beat(heartbeat.STAND_IN)
    # The web worked in their place: the workers' own silence is no second outage.
    tick.beat(heartbeat.WORKER)
    (row,) = Outage.objects.all()
    assert (row.began_at, row.ended_by) == (long_ago, heartbeat.STAND_IN)
    assert 5 * MINUTE <= row.ended_at - row.began_at < 6 * MINUTE


def test_only_managers_look_and_only_administrators_are_led_on(at_desk: Any, well: datetime) -> None:
    letter("a", state=Outbox.State.DEAD)
    assert at_desk("sales_clerk").get("/engine/").status_code == 403
    assert "/engine/" not in at_desk("sales_clerk").get("/").content.decode()
    assert at_desk("sales_clerk").post("/engine/examine/", {"what": "desk.audit_events"}).status_code == 403
    link = "/admin/integration/outbox/?state__exact=dead"
    assert link not in at_desk("gm").get("/engine/").content.decode()
    page = at_desk("admin").get("/engine/").content.decode()
    assert link in page
    assert 'href="/engine/" aria-current="page"' in page


def test_the_examinations_are_jobs_whose_outcome_is_kept(at_desk: Any, story: Story, well: datetime) -> None:
    story.effective()
    client = at_desk("gm")
    for what in ("desk.check_invariants", "desk.audit_events"):
        page = client.post("/engine/examine/", {"what": what}, follow=True).content.decode()
        assert "The examination has begun" in page
        page = client.post("/engine/examine/", {"what": what}, follow=True).content.decode()
        assert "This examination runs already" in page
    assert client.post("/engine/examine/", {"what": "rm"}).status_code == 400
    tick.run(at=timezone.now())
    assert set(Job.objects.values_list("state", "message")) == {(Job.State.DONE, "Nothing was found.")}
    for kind in (Kind.INVARIANTS, Kind.AUDIT):
        row = maintenance.last([kind])[kind]
        assert (row.succeeded, row.summary) == (True, "Nothing was found.")
        assert row.by == str(story.factory.person("gm"))


def test_what_an_examination_finds_is_shown_to_administrators(
    at_desk: Any, story: Story, well: datetime
) -> None:
    order = story.effective().order
    type(order).objects.filter(pk=order.pk).update(version=99)
    at_desk("admin").post("/engine/examine/", {"what": "desk.check_invariants"})
    tick.run(at=timezone.now())
    assert "The last check of the stored state failed or found something." in said(timezone.now())
    assert "v99" in at_desk("admin").get("/engine/").content.decode()
    assert "v99" not in at_desk("gm").get("/engine/").content.decode()


def test_a_year_costs_as_many_queries_as_a_day(at_desk: Any, story: Story, well: datetime) -> None:
    client: Client = at_desk("gm")

    def cost() -> int:
        client.get("/engine/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/engine/")
        return len(queries)

    before = cost()
    for _ in range(3):
        story.received()
        story.effective()
    sweep.run(at=timezone.now())
    for number in range(30):
        letter(str(number), state=Outbox.State.DEAD)
        job(story.factory.person("gm"))
        maintenance.note(Kind.BACKUP)
        began = well - number * DAY
        Outage.objects.create(began_at=began, ended_at=began + MINUTE, ended_by="worker")
    assert cost() == before <= 30
