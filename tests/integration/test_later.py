"""Reactions in another case: exactly once, after the commit, also when their process is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from flow import cases, events
from flow.models import Case
from integration import dispatch, later, outbox
from integration.models import Notice, Outbox
from tests.database import at_once
from tests.integration.conftest import Clock
from tests.proofs import proven
from tests.story import Story

ROOT = Path(__file__).resolve().parent.parent.parent
VERB = "orders.order.receive"


@pytest.fixture
def reactions() -> Iterator[list[tuple[Any, ...]]]:
    """What the one reaction of this test was called with; it is forgotten afterwards."""
    called: list[tuple[Any, ...]] = []
    kept = dict(later._reactions), {verb: list(names) for verb, names in later._by_verb.items()}
    handlers = {verb: list(found) for verb, found in events._handlers.items()}

    @later.later(VERB)
    def opens_another_case(event: Any, document: Any, by: Any) -> None:
        cases.lock([document.case_id])
        cases.open_case(company=document.company, at=by.at, title="another", serves=[document.case_id])
        called.append((event.verb, document.number, by.actor, by.at))

    yield called
    later._reactions.clear()
    later._reactions.update(kept[0])
    later._by_verb.clear()
    later._by_verb.update(kept[1])
    events._handlers.clear()
    events._handlers.update(handlers)


@pytest.mark.django_db
def test_it_is_remembered_with_the_event_and_done_once(
    story: Story, reactions: list[Any], clock: Clock
) -> None:
    order = story.received().order
    assert reactions == []
    row = Outbox.objects.get(kind="later")
    assert row.event.verb == VERB
    assert later.run_pending(story.at, now=clock) >= 1
    assert reactions == [(VERB, order.number, order.created_by, story.at)]
    assert later.run_pending(story.at, now=clock) == 0
    dispatch.dispatch(clock.times)
    assert Case.objects.filter(title="another").count() == 1


@pytest.mark.django_db
def test_a_failure_changes_nothing_is_kept_and_tried_again(
    story: Story, reactions: list[Any], clock: Clock
) -> None:
    story.received()
    [name] = Outbox.objects.filter(kind="later").values_list("recipient", flat=True)
    real = later._reactions[name]

    def fails(event: Any, document: Any, by: Any) -> None:
        real(event, document, by)
        raise ArithmeticError("not yet")

    later._reactions[name] = fails
    with pytest.raises(ArithmeticError):
        later.run_pending(story.at, now=clock)
    assert not Case.objects.filter(title="another").exists()
    row = Outbox.objects.get(recipient=name)
    assert (row.state, row.tries) == ("waiting", 1)
    assert "not yet" in row.fault
    later._reactions[name] = real
    clock.later(minutes=1)
    assert later.run_pending(story.at, now=clock) == 1
    assert Case.objects.filter(title="another").count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_remembered(story: Story, reactions: list[Any]) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the action says against an empty order
        story.received(lines=[{"item": None, "quantity": 1}])
    assert not Outbox.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_dispatchers_do_it_once(story: Story, reactions: list[Any], clock: Clock) -> None:
    story.received()
    at_once([lambda: outbox.drain("later", times=clock.times) for _ in range(6)])
    assert Case.objects.filter(title="another").count() == 1
    assert Outbox.objects.get(kind="later", recipient__contains="opens_another_case").state == "done"


PROGRAM = """
import os, random, signal, sys, threading, time
import django
django.setup()
from django.conf import settings
from django.db import connection
settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = sys.argv[1]
from datetime import datetime, timedelta, timezone
from integration import dispatch, later, notices, outbox
from integration.outbox import Times
from flow.models import Event
from org.models import Person

outbox.LEASE = timedelta(0)

def reaction(event, document, by):
    key = f"{event.pk}:{time.time_ns()}"
    notices.Notice.objects.create(person=event.actor, title="told", at=by.at, key=key)
    time.sleep(0.004)

later._reactions["test"] = reaction
print("ready", flush=True)
dispatch.dispatch(Times(datetime.now(timezone.utc), lambda: datetime.now(timezone.utc)))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.faults
def test_killed_dispatchers_do_each_reaction_exactly_once(story: Story, reactions: list[Any]) -> None:
    """A row done and its effect are one commit: killed anywhere, each of the reactions is done once."""
    story.received()
    event = Outbox.objects.get(kind="later").event
    Outbox.objects.all().delete()
    outbox.put(outbox.Letter("later", f"k{n}", "test", "later", {}, event) for n in range(120))
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(connection.settings_dict["NAME"])]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    environment |= {"DATA_DIR": str(settings.DATA_DIR), "SECRET_KEY": settings.SECRET_KEY}
    kills = 0
    for delay in (0.05, 0.11, 0.17, 0.23, 0.31, None):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
        assert process.stdout is not None
        process.stdout.readline()
        try:
            process.wait(timeout=delay or 120)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
        process.stdout.close()
        Outbox.objects.filter(state="waiting").update(tries=0, leased_until=None)
    assert kills >= 3
    assert Outbox.objects.filter(state="done").count() == 120
    assert Notice.objects.filter(title="told").count() == 120
    assert Outbox.objects.filter(done_at__lte=timezone.now()).count() == 120
    proven("P5", injections=kills, violations=0, note="killed dispatchers; 120 reactions, each done once")
