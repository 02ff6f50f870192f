"""The PostgreSQL server is killed, restarted, full: “not now”, never a wrong yes (P15, P1, P2)."""

from __future__ import annotations

import contextlib
import random
import signal
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.faults.clients import ROLES, Load
from tests.faults.house import ON_POSTGRESQL, House, administer, eventually
from tests.faults.servers import NAME, filled, url_of
from tests.postgres import Server
from tests.proofs import proven

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite has no server that could go away"),
]
# What is promised after the database is there again, and how long it is away.
BACK_WITHIN_SECONDS = 10.0
AWAY_SECONDS = 3.0
# Orders took effect so far apart; in each trouble a step of some of their clocks falls due.
APART = timedelta(minutes=5)
PREPARED = 8
WARNED_AFTER = timedelta(hours=3)
STEP = timedelta(minutes=10)
SHUT_OUT = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{NAME}'"
Trouble = Callable[[Server], None]


def killed(server: Server) -> None:
    """kill -9 of the whole server, which is started again and mends itself."""
    server.kill()
    time.sleep(AWAY_SECONDS)
    server.start()


def postmaster_killed(server: Server) -> None:
    """kill -9 of its first process alone: the others notice, and the next one waits for them."""
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    time.sleep(AWAY_SECONDS)
    (server.data / "postmaster.pid").unlink(missing_ok=True)
    server.start()


def restarted(server: Server) -> None:
    """An administrator restarts it, without waiting for anybody."""
    assert server.process is not None
    server.process.send_signal(signal.SIGINT)
    server.process.wait(timeout=30)
    server.start()


def out_of_connections(server: Server) -> None:
    """Somebody else takes every connection there is, and shuts out those who had one."""
    with contextlib.ExitStack() as taken:
        administer(server.url, SHUT_OUT)
        until = time.monotonic() + AWAY_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(psycopg2.OperationalError):
                link = psycopg2.connect(server.url)
                taken.callback(link.close)
                continue
            time.sleep(0.02)


TROUBLES: dict[str, Trouble] = {
    "killed": killed,
    "first process killed": postmaster_killed,
    "restarted": restarted,
    "out of connections": out_of_connections,
}


@pytest.fixture
def server(built: str) -> Iterator[Server]:
    """A PostgreSQL of the test's own with a copy of the demo factory in it."""
    made = Server(fsync=True)
    try:
        filled(made, built)
        yield made
    finally:
        made.stop()


@pytest.fixture
def house(tmp_path: Path, server: Server) -> Iterator[House]:
    """A house on that server."""
    made = House(tmp_path, url_of(server))
    try:
        yield made
    finally:
        made.close()


@pytest.mark.rule("TM-01")
def test_the_database_goes_away_under_load(house: House, server: Server, nine: datetime) -> None:
    goes_away(house, server, nine, rounds=1)


@pytest.mark.soak
def test_the_database_goes_away_again_and_again(house: House, server: Server, nine: datetime) -> None:
    goes_away(house, server, nine, rounds=20)


def goes_away(house: House, server: Server, nine: datetime, *, rounds: int) -> None:
    """Make each trouble so often under load; then compare what was said with what is there."""
    moments = [(nine + n * APART).isoformat() for n in range(PREPARED)]
    prepared = house.hand("effective", moments=moments)
    tokens = {role: house.hand("token", username=role) for role in ROLES}
    house.hand("set_clock", at=(nine + WARNED_AFTER - STEP).isoformat())
    house.start()
    chance, back = random.Random(rounds), []
    with Load(house.port, tokens, nine.date(), clients=3, seed=rounds) as load:
        for name in [*TROUBLES] * rounds:
            before = len(load.tally.acknowledged)
            eventually(lambda before=before: len(load.tally.acknowledged) > before, "nobody works")
            house.hand("advance", seconds=STEP.total_seconds())
            time.sleep(chance.random())
            back.append((gone_and_back(house, server, TROUBLES[name]), name))
    at = house.hand("advance", seconds=0)
    eventually(lambda: not house.hand("left"), "what fell due was not taken", within=60)
    assert house.stop() == 0
    house.hand("drain")
    audited = house.hand("audited", journal=load.tally.journal(), prepared=prepared, at=at)
    checked = house.manage("check_invariants")
    print(f"\nwell again after {sorted(back)}; {audited['figures']}; {load.tally.figures()}")
    print(*load.tally.surprises, *audited["wrong"], checked.stdout if checked.returncode else "", sep="\n")
    written(load, audited, checked.returncode, max(back)[0], len(back))
    assert max(back)[0] <= BACK_WITHIN_SECONDS


def gone_and_back(house: House, server: Server, trouble: Trouble) -> float:
    """Make trouble; how long after the server was there again the web answered and the clock ticked."""
    trouble(server)
    back = time.monotonic()
    return eventually(lambda: house.recovered(back), "the house did not recover")


def written(load: Load, audited: dict[str, Any], checked: int, longest: float, injections: int) -> None:
    """Write down what was seen."""
    wrong, tally = len(audited["wrong"]), load.tally
    done = f"{', '.join(TROUBLES)}; {tally.figures()}"
    for promise in ("P1", "P2", "P9", "P10"):
        proven(promise, injections=injections, violations=wrong, recovery_seconds=longest, note=done)
    surprises = len(tally.surprises)
    proven("P15", injections=injections, violations=surprises, recovery_seconds=longest, note=done)
    proven("P22", injections=injections, violations=checked, note=f"PostgreSQL {', '.join(TROUBLES)}")
