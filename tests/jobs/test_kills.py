"""Workers are killed for real in the middle of jobs; nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from catalog.models import Item
from config.lifeline import tied
from flow.models import Event
from integration import working
from integration.models import Job, JobEffect
from integration.outbox import Times
from org.models import Person
from tests.goods import Factory
from tests.integration.conftest import Clock
from tests.jobs.test_bulk import VERB, confirmed, posted
from tests.jobs.test_masters import HEAD, hand_in
from tests.people import NINE
from tests.proofs import proven
from tests.story import Story

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROWS = 30


def killed(mode: str, after: int, store: str) -> None:
    """Let a worker go and see it die."""
    name = str(connection.settings_dict["NAME"])
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.worker", name, mode, str(after), NINE.isoformat()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "STORE": store},
        preexec_fn=tied(),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.communicate("go\n", timeout=60)
    assert process.returncode < 0, "the worker should have died"


def resumed(clock: Clock) -> Job:
    """The last job after another worker found the lease run out."""
    job = Job.objects.latest("pk")
    assert job.state == "running"
    assert working.drain(Times(NINE, clock)) == 0, "the lease is not over yet"
    clock.later(minutes=5)
    assert working.drain(Times(NINE, clock)) == 1
    return Job.objects.get(pk=job.pk)


@pytest.mark.parametrize(("mode", "after"), [("inside", 2), ("between", 4)])
def test_a_killed_import_goes_on(
    factory: Factory, administrator: Person, settings: Any, clock: Clock, mode: str, after: int
) -> None:
    client = Client()
    client.force_login(administrator)
    rows = [[f"N-{n:03}", "x", "pcs", "Bought", 1, "no"] for n in range(ROWS)]
    checked = hand_in(client, "catalog.item", HEAD, *rows)
    settings.JOBS_APART = True
    from integration import jobs

    jobs.start(
        "desk.import", by=factory.by("admin"), title="x", params=checked.params | {"mode": "good", "of": "x"}
    )
    settings.JOBS_APART = False
    killed(mode, after, str(settings.MEDIA_ROOT))
    before = Item.objects.filter(code__startswith="N-").count()
    assert 0 < before < ROWS
    assert JobEffect.objects.count() == before
    job = resumed(clock)
    assert (job.state, job.figures["made"], job.tries) == ("done", ROWS, 2)
    assert Item.objects.filter(code__startswith="N-").count() == ROWS
    assert JobEffect.objects.count() == ROWS
    proven("P1", injections=1, violations=0, note=f"worker killed {mode} the commits of an import")


@pytest.mark.parametrize(("mode", "after"), [("inside", 2), ("between", 3)])
def test_a_killed_step_on_many_documents_goes_on(
    story: Story, settings: Any, clock: Clock, mode: str, after: int
) -> None:
    orders = confirmed(story, 5)
    client = Client()
    client.force_login(story.factory.person("sales_clerk"))
    settings.JOBS_APART = True
    client.post("/bulk/", posted(orders, sure="1"))
    settings.JOBS_APART = False
    killed(mode, after, str(settings.MEDIA_ROOT))
    begun = Event.objects.filter(verb=VERB).count()
    assert begun < 5
    job = resumed(clock)
    assert (job.state, job.refused, job.tries) == ("done", 0, 2)
    assert Event.objects.filter(verb=VERB).count() == 5
    proven(
        "P1", injections=1, violations=0, note=f"worker killed {mode} the commits of a step on 5 documents"
    )
