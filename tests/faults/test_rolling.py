"""The house is renewed process by process under load: nobody hears more than "once more" (P1, P15)."""

from __future__ import annotations

import signal
import time
from datetime import datetime

import pytest

from tests.faults.clients import ROLES, Load
from tests.faults.house import CHILDREN, ON_POSTGRESQL, House, eventually
from tests.proofs import proven

# Beside PostgreSQL only in the long run: the short one has no time for both.
pytestmark = [pytest.mark.faults, *((pytest.mark.soak,) if ON_POSTGRESQL else ())]


def test_web_processes_are_renewed_one_by_one(house: House, nine: datetime) -> None:
    """New web processes take over while the old ones finish what they have: no request is lost or refused."""
    tokens = {role: house.hand("token", username=role) for role in ROLES}
    house.hand("set_clock", at=nine.isoformat())
    house.start()
    with Load(house.port, tokens, nine.date(), clients=3, seed=7) as load:
        renewals = renewed_webs(house, load)
        tally = load.tally
        unheard = tally.cut + tally.away + tally.unavailable
        ended = ended_processes(house, load)
    assert house.stop() == 0
    at = house.hand("advance", seconds=0)
    audited = house.hand("audited", journal=tally.journal(), prepared=[], at=at)
    checked = house.manage("check_invariants")
    print(f"\nrenewed without a word: {unheard} errors; then {tally.figures()}", *tally.surprises, sep="\n")
    print(*audited["wrong"], checked.stdout if checked.returncode else "", sep="\n")
    wrong = len(audited["wrong"]) + len(tally.surprises) + checked.returncode
    note = f"{renewals} times new web processes (HUP), {ended} processes ended (TERM); {tally.figures()}"
    proven("P1", injections=renewals + ended, violations=wrong, note=note)
    proven(
        "P15",
        injections=renewals,
        violations=unheard,
        note="web processes renewed under load: no error at all",
    )


def renewed_webs(house: House, load: Load) -> int:
    """Let the web server renew its processes several times while clients work; how often."""
    for _ in range(3):
        master, old = house.found("web"), house.found("web worker")
        assert master is not None
        assert old is not None
        master.send_signal(signal.SIGHUP)
        eventually(lambda old=old: not old.is_running(), "an old web process stayed")
        worked_on(load)
    return 3


def ended_processes(house: House, load: Load) -> int:
    """Ask each process of the house to end, one after the other; each comes back. How many."""
    for kind in CHILDREN:
        process = house.found(kind)
        assert process is not None
        process.terminate()
        eventually(lambda process=process: not process.is_running(), f"{kind} did not end")
        at = time.monotonic()
        eventually(
            lambda at=at, kind=kind: house.found(kind) is not None and house.recovered(at), f"no {kind}"
        )
        worked_on(load)
    return len(CHILDREN)


def worked_on(load: Load) -> None:
    """Wait until clients got something done."""
    before = len(load.tally.acknowledged)
    eventually(lambda: len(load.tally.acknowledged) > before + 3, "nobody got anything done")
