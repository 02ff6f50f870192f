"""A process that hangs is worse than a dead one: nobody restarts it. The deadlines go on (P14, P16)."""

from __future__ import annotations

import random
import time
from datetime import date, datetime, timedelta

import pytest

from tests.faults.clients import ROLES, Journey, Load
from tests.faults.house import House, eventually

pytestmark = pytest.mark.faults
# The web stands in for workers that were silent for 15 s, and looks every 5 s.
STANDS_IN_WITHIN = 40.0


@pytest.mark.rule("TM-01")
def test_the_web_stands_in_while_broker_or_clock_hangs(house: House, nine: datetime) -> None:
    (order,) = house.hand("effective", moments=[nine.isoformat()])
    tokens = {role: house.hand("token", username=role) for role in ROLES}
    house.hand("set_clock", at=(nine + timedelta(hours=2)).isoformat())
    house.start()
    for kind, hours in (("broker", 3), ("clock", 4)):
        took = told_while_hung(house, nine + timedelta(hours=hours), kind, order, tokens, steps=hours - 2)
        print(f"\nthe {kind} hung: the clerk was told after {took:.1f} s all the same")
    assert house.stop() == 0


def told_while_hung(
    house: House, at: datetime, kind: str, order: int, tokens: dict[str, str], *, steps: int
) -> float:
    """Let a process hang, work on, and wait until as many steps were taken at `at`; how long that took."""
    hung = house.found(kind)
    assert hung is not None
    hung.suspend()
    try:
        house.hand("set_clock", at=at.isoformat())
        worked(house, tokens, at.date())
        took = eventually(
            lambda: len(house.hand("steps", order=order)) == steps,
            f"nobody was told while the {kind} hung",
            within=STANDS_IN_WITHIN,
        )
    finally:
        hung.resume()
    back = time.monotonic()
    eventually(lambda: house.recovered(back), "the workers did not go on")
    return took


def worked(house: House, tokens: dict[str, str], today: date) -> None:
    """A whole order is made over REST, as on any day."""
    load = Load(house.port, tokens, today, clients=0, seed=1)
    Journey(load.caller, today, random.Random(1)).run()
    assert load.tally.surprises == []
    assert (load.tally.cut, load.tally.unavailable) == (0, 0)
