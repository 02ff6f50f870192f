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
from tests.faults.killer import SWEEP, Killer
from tests.faults.receiver import Receiver
from tests.proofs import proven

pytestmark = pytest.mark.faults
CLIENTS = 3
# Over this time orders took effect before the fire, so that steps of their clocks fall due all through it.
SPREAD = timedelta(minutes=108)
# When the fire begins: just before the first of them is warned.
BEGINS = timedelta(hours=2, minutes=55)


def test_five_kills_of_each_process(house: House, nine: datetime) -> None:
    under_fire(house, nine, kills=5, prepared=12, seed=5)


@pytest.mark.soak
def test_three_hundred_kills_of_each_process(house: House, nine: datetime) -> None:
    under_fire(house, nine, kills=300, prepared=36, seed=300)


def under_fire(house: House, nine: datetime, *, kills: int, prepared: int, seed: int) -> None:
    """Kill each kind of process so often while clients work and clocks fall due; then audit everything.

    `prepared`: how many orders took effect before.
    """
    began = time.monotonic()
    apart = SPREAD / prepared
    moments = [(nine + n * apart).isoformat() for n in range(prepared)]
    issued = {str(n): (nine + n * apart + timedelta(hours=1)).isoformat() for n in range(0, prepared, 6)}
    known = house.hand("effective", moments=moments, issued=issued)
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
    (house.folder / "journal.json").write_text(json.dumps({"journal": journal, "prepared": known}))
    audited = house.hand("audited", journal=journal, prepared=known, at=at)
    checked = house.manage("check_invariants")
    took = {"seconds": round(time.monotonic() - began), "of them before": round(prepared_in)}
    missing = undelivered(owed, receiver)
    say(killer, load, receiver, audited["figures"] | {"outbox": outbox} | took)
    print(*audited["wrong"], *missing, checked.stdout if checked.returncode else "", sep="\n")
    written(killer, audited, missing, checked.returncode)
    assert load.tally.surprises == []
    assert len(load.tally.acknowledged) > 10 * kills
    assert min(killer.kills.values()) >= kills


def written(killer: Killer, audited: dict[str, Any], missing: list[str], checked: int) -> None:
    """Write down the figures of the promises that the fire tries."""
    kills, wrong, longest = killer.kills.total(), len(audited["wrong"]), max(killer.recoveries)
    figures = audited["figures"]
    cut = f"{killer.cut.total()} transactions cut in the middle"
    for promise, note in (
        ("P1", f"kill -9 under load, {figures['acknowledged']:,} requests acknowledged, {cut}"),
        ("P2", f"kill -9 under load, {figures['escalations']:,} steps taken, {killer.cut[SWEEP]} sweeps cut"),
        ("P9", "kill -9 under load"),
        ("P10", f"kill -9 under load, {figures['replayed']} replies repeated"),
    ):
        proven(promise, injections=kills, violations=wrong, recovery_seconds=longest, note=note)
    note = f"{figures['notices']:,} notices; senders killed, a subscriber who hangs up on every 41st webhook"
    proven("P5", injections=kills, violations=wrong + len(missing), recovery_seconds=longest, note=note)
    proven("P22", injections=kills, violations=checked, note="check_invariants after kill -9 under load")


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
