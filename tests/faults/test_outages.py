"""Outages of a minute, a day, thirty days: what was missed is told within a minute, once, as late (P3)."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest

from tests.faults.house import KINDS, House, eventually
from tests.proofs import proven

pytestmark = pytest.mark.faults
OUTAGES = {"1 minute": timedelta(minutes=1), "1 day": timedelta(days=1), "30 days": timedelta(days=30)}
# Just before each outage orders take effect, of which the first step falls into the shortest outage too.
PREPARED, APART = 8, timedelta(seconds=5)
WARNED_AFTER = timedelta(hours=3)
TOLD_WITHIN_SECONDS = 60.0


@pytest.mark.rule("TM-01")
def test_what_fell_due_while_nobody_was_there(house: House, nine: datetime) -> None:
    house.hand("set_clock", at=(nine + WARNED_AFTER).isoformat())
    house.start()
    prepared: list[int] = []
    took, missed = {}, {}
    for name, outage in OUTAGES.items():
        assert house.shoot(house.aim(*KINDS)) == list(KINDS)
        gone = datetime.fromisoformat(house.hand("advance", seconds=0))
        moments = [gone - WARNED_AFTER + (n + 1) * APART for n in range(PREPARED)]
        prepared += house.hand("effective", moments=[at.isoformat() for at in moments])
        house.hand("set_clock", at=(gone + outage).isoformat())
        missed[name] = house.hand("left")
        house.start()
        began = time.monotonic()
        eventually(lambda: not house.hand("left"), "what was missed was not told", within=TOLD_WITHIN_SECONDS)
        took[name] = time.monotonic() - began
    at = house.hand("advance", seconds=0)
    eventually(lambda: not house.hand("left"), "what fell due was not told", within=TOLD_WITHIN_SECONDS)
    assert house.stop() == 0
    house.hand("drain")
    audited = house.hand("audited", journal=[], prepared=prepared, at=at)
    checked = house.manage("check_invariants")
    figures = audited["figures"]
    print(f"\nmissed {missed}, told after {took}, {figures}", *audited["wrong"], checked.stdout, sep="\n")
    wrong, longest = len(audited["wrong"]) + checked.returncode, max(took.values())
    note = f"{', '.join(OUTAGES)}; {figures['of them late']} late steps, {figures['summaries']} summaries"
    for promise in ("P2", "P3"):
        proven(promise, injections=len(OUTAGES), violations=wrong, recovery_seconds=longest, note=note)
    assert min(missed.values()) >= PREPARED, "an outage in which nothing fell due proves nothing"
    assert figures["of them late"] > 3 * PREPARED
