"""The clock of a machine jumps ahead and back: no step is doubled or lost, no dead seem alive (P2, P16)."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from config import heartbeat
from deadlines import sweep
from deadlines.models import Escalation
from deadlines.rules import hours
from flow.models import Heartbeat
from integration.models import Notice
from tests.deadlines.bench import HOUR, Bench
from tests.people import NINE
from tests.proofs import proven

pytestmark = pytest.mark.django_db
JUMPS = 40


@pytest.mark.rule("SYS-08")
def test_a_clock_that_jumps_takes_each_step_once(bench: Bench, monkeypatch: Any) -> None:
    monkeypatch.setattr(sweep, "STORM", 10**9)
    bench.declare(warn=hours(1))
    rows = [bench.begun() for _ in range(5)]
    dice, furthest = random.Random(1), NINE
    for _ in range(JUMPS):
        at = NINE + timedelta(minutes=dice.randrange(-600, 60 * 60))
        furthest = max(at, furthest)
        sweep.run(at=at)
        assert Escalation.objects.filter(at__gt=furthest).count() == 0, "a step was taken before its time"
    sweep.run(at=NINE + 60 * HOUR)
    taken = Counter(Escalation.objects.values_list("deadline_id", "step"))
    assert taken == Counter({(row.pk, step): 1 for row in rows for step in range(4)})
    assert Notice.objects.count() == 5 * 5
    proven("P2", injections=JUMPS, violations=0, note="the clock jumps ahead and back between sweeps")


@pytest.mark.parametrize(("ahead", "silent"), [(-3600, True), (-1, False), (1, False), (3600, True)])
def test_a_sign_of_life_from_another_time_is_none(ahead: int, silent: bool) -> None:
    """After a jump back the last beat lies ahead of now; whoever left it may be dead since."""
    now = timezone.now()
    Heartbeat.objects.create(name=heartbeat.WORKER, beat_at=now + timedelta(seconds=ahead))
    assert heartbeat.silent(now=now, after=timedelta(seconds=15)) is silent
