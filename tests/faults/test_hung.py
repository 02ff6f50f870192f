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
@pytest.mark.parametrize("kind", ["broker", "clock"])
def test_the_web_stands_in_while_it_hangs(house: House, nine: datetime, kind: str) -> None:
    (order,) = house.hand("effective", moments=[nine.isoformat()])
    tokens = {role: house.hand("token", username=role) for role in ROLES}
    house.hand("set_clock", at=(nine + timedelta(hours=1)).isoformat())
    house.start()
    hung = house.found(kind)
    assert hung is not None
    hung.suspend()
    try:
        house.hand("set_clock", at=(nine + timedelta(hours=3)).isoformat())
        worked(house, tokens, nine.date())
        took = eventually(
            lambda: len(house.hand("steps", order=order)) == 1, "nobody was warned", within=STANDS_IN_WITHIN
        )
        print(f"\nthe {kind} hung: the clerk was warned after {took:.1f} s all the same")
    finally:
        hung.resume()
    back = time.monotonic()
    eventually(lambda: house.recovered(back), "the workers did not go on")
    assert house.stop() == 0


def worked(house: House, tokens: dict[str, str], today: date) -> None:
    """A whole order is made over REST, as on any day."""
    load = Load(house.port, tokens, today, clients=0, seed=1)
    Journey(load.caller, today, random.Random(1)).run()
    assert load.tally.surprises == []
    assert (load.tally.cut, load.tally.unavailable) == (0, 0)
