"""Sweepers are killed for real; every step is recorded exactly once all the same (P1, P2, P5)."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from config.lifeline import tied
from deadlines import sweep
from deadlines.models import Deadline, Escalation
from deadlines.rules import hours
from flow.models import Event
from integration.models import Notice
from tests.deadlines.bench import HOUR, Bench
from tests.people import NINE
from tests.proofs import proven

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROWS = 60


def sweeper(mode: str) -> subprocess.Popen[str]:
    """A sweeping process that is ready to go, the clock far ahead."""
    name = str(connection.settings_dict["NAME"])
    at = (NINE + 60 * HOUR).isoformat()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.clock.sweeper", name, mode, at],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=tied(),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def killed(mode: str) -> None:
    """Let a sweeper go and see it die: by its own hand inside a commit, or by ours at any moment."""
    process = sweeper(mode)
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    if mode == "any":
        time.sleep(random.uniform(0, 0.04))
        process.kill()
    process.communicate(timeout=60)


@pytest.mark.rule("SYS-08")
@pytest.mark.parametrize("mode", ["inside", "any"])
def test_killed_sweepers_lose_nothing_and_double_nothing(bench: Bench, mode: str) -> None:
    sweepers_die(bench, mode, kills=5)


@pytest.mark.soak
@pytest.mark.parametrize("mode", ["inside", "any"])
def test_a_hundred_killed_sweepers(bench: Bench, mode: str) -> None:
    sweepers_die(bench, mode, kills=100)


def sweepers_die(bench: Bench, mode: str, *, kills: int) -> None:
    """Kill so many sweepers one after the other, let one live, and compare what was taken and told."""
    bench.declare(warn=hours(1))
    rows = [bench.begun() for _ in range(ROWS)]
    steps = 0
    for _ in range(kills):
        killed(mode)
        steps = Escalation.objects.count()
        assert steps == Event.objects.filter(verb=sweep.ESCALATE).count()
        assert steps == sum(Deadline.objects.filter(rule="answer").values_list("step", flat=True))
    assert steps < 4 * ROWS or mode == "any" or kills > 5, "the sweepers should have died before the end"

    sweep.STORM, before = 10**9, sweep.STORM
    try:
        sweep.run(at=NINE + 60 * HOUR + timedelta(hours=1))
    finally:
        sweep.STORM = before
    taken = Counter(Escalation.objects.values_list("deadline_id", "step"))
    assert taken == Counter({(row.pk, step): 1 for row in rows for step in range(4)})
    told = Counter(Notice.objects.values_list("person__username", flat=True))
    # Warned and told: the clerk; then the two leaders; then the general manager.
    assert told == {"sales_clerk": 2 * ROWS, "sales_leader": ROWS, "order_mgr": ROWS, "gm": ROWS}
    place = "between claim and commit" if mode == "inside" else "at any moment"
    for promise in ("P1", "P2", "P5"):
        proven(promise, injections=kills, violations=0, note=f"sweepers killed {place}, {4 * ROWS} steps")
