"""kill -9 of every process under load: nothing acknowledged is lost, nothing doubled (P1, P2, P5, P10)."""

from __future__ import annotations

import json
import random
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.faults.clients import ROLES, Load
from tests.faults.house import House
from tests.faults.killer import Killer
from tests.faults.receiver import Receiver

pytestmark = pytest.mark.faults
CLIENTS = 3
# Orders that took effect before the fire, so far apart that steps of their clocks fall due all through it.
PREPARED, APART = 36, timedelta(minutes=3)
# When the fire begins: just before the first of them is warned.
BEGINS = timedelta(hours=2, minutes=55)


def test_twenty_kills_of_each_process(house: House, nine: datetime) -> None:
    under_fire(house, nine, kills=20, seed=20)


@pytest.mark.soak
def test_three_hundred_kills_of_each_process(house: House, nine: datetime) -> None:
    under_fire(house, nine, kills=300, seed=300)


def under_fire(house: House, nine: datetime, *, kills: int, seed: int) -> None:
    """Kill each kind of process so often while clients work and clocks fall due; then audit everything."""
    began = time.monotonic()
    moments = [(nine + n * APART).isoformat() for n in range(PREPARED)]
    issued = {str(n): (nine + n * APART + timedelta(hours=1)).isoformat() for n in range(0, PREPARED, 6)}
    prepared = house.hand("effective", moments=moments, issued=issued)
    house.hand("set_clock", at=(nine + BEGINS).isoformat())
    prepared_in = time.monotonic() - began
    tokens = {role: house.hand("token", username=role) for role in ROLES}
    killer = Killer(house, kills, random.Random(seed))
    with Receiver() as receiver:
        house.hand("subscribe", url=receiver.url, verbs=["orders.*", "deadlines.*"])
        house.start()
        with Load(house.port, tokens, nine.date(), clients=CLIENTS, seed=seed) as load:
            killer.run()
        at = house.hand("advance", seconds=0)
        killer.settle()
        assert house.stop() == 0
        outbox = house.hand("drain")
        owed: dict[str, str] = house.hand("webhooks")
    journal = load.tally.journal()
    (house.folder / "journal.json").write_text(json.dumps({"journal": journal, "prepared": prepared}))
    audited = house.hand("audited", journal=journal, prepared=prepared, at=at)
    checked = house.manage("check_invariants")
    took = {"seconds": round(time.monotonic() - began), "of them before": round(prepared_in)}
    say(killer, load, receiver, audited["figures"] | {"outbox": outbox} | took)
    assert load.tally.surprises == []
    assert audited["wrong"] == []
    assert undelivered(owed, receiver) == []
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert len(load.tally.acknowledged) > 10 * kills
    assert min(killer.kills.values()) >= kills


def undelivered(owed: dict[str, str], receiver: Receiver) -> list[str]:
    """What a subscriber was never told, or under changing keys."""
    told = {str(event): set(keys) for event, keys in receiver.told.items()}
    wrong = [f"event {event} never came" for event in owed if event not in told]
    wrong += [f"event {e} came as {keys}" for e, keys in told.items() if keys != {owed.get(e)}]
    return wrong


def say(killer: Killer, load: Load, receiver: Receiver, figures: dict[str, Any]) -> None:
    """Print the figures."""
    repeated = sum(len(keys) - 1 for keys in receiver.told.values())
    print(f"\n{killer.figures()}")
    tally = load.tally
    print(f"requests cut off: {tally.cut}, refused: {tally.away}, answered “not now”: {tally.unavailable}")
    print(", ".join(f"{name}: {n}" for name, n in figures.items()))
    print(f"webhooks: {len(receiver.told)} events told, {repeated} of them again")
