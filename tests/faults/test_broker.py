"""The broker hangs, is full, emptied or dead: nobody is refused, clocks go on (P14, P16)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import redis

from tests.faults.clients import ROLES, Load
from tests.faults.house import ON_POSTGRESQL, House, again_and_again, eventually
from tests.proofs import proven

pytestmark = pytest.mark.faults
# The web stands in for workers that were silent for 15 s, and looks every 5 s.
STANDS_IN_WITHIN = 40.0
# Orders took effect so far apart; each trouble lasts while one of them is warned.
APART = timedelta(minutes=10)
WARNED_AFTER = timedelta(hours=3)
# So often a broker that should stay empty is emptied, and one that should stay dead is killed.
AGAIN_SECONDS = 0.05
Trouble = Callable[[House], contextlib.AbstractContextManager[None]]


@contextlib.contextmanager
def hung(house: House, kind: str) -> Iterator[None]:
    """A process stands still: nobody restarts it, for it lives."""
    process = house.found(kind)
    assert process is not None
    process.suspend()
    try:
        yield
    finally:
        process.resume()


@contextlib.contextmanager
def full(house: House) -> Iterator[None]:
    """The broker has no memory left and refuses every write."""
    with house.broker() as broker:
        broker.config_set("maxmemory", "1")
        try:
            with pytest.raises(redis.exceptions.OutOfMemoryError):
                broker.set("faults", "x")
            yield
        finally:
            broker.config_set("maxmemory", "128mb")


@contextlib.contextmanager
def emptied(house: House) -> Iterator[None]:
    """What the broker holds is thrown away again and again, queues and what was taken from them."""

    with house.broker() as broker, again_and_again(broker.flushall, every=AGAIN_SECONDS):
        yield


@contextlib.contextmanager
def dead(house: House) -> Iterator[None]:
    """The broker is killed as soon as it comes back."""
    with again_and_again(lambda: house.shoot(house.aim("broker")), every=AGAIN_SECONDS):
        yield


@contextlib.contextmanager
def deserted(house: House) -> Iterator[None]:
    """The workers and beat are killed as soon as they come back; the web is all that is left."""

    def shoot() -> None:
        house.shoot(house.aim("clock", "jobs", "beat"))

    with again_and_again(shoot, every=AGAIN_SECONDS):
        yield
        session = house.hand("session", username="sales_clerk")
        house.hand("silenced", minutes=3)
        page = house.page("/", session=session)
        assert b"has not run for 3 minutes" in page, "the page says nothing of dead workers"


TROUBLES: dict[str, Trouble] = {
    "broker emptied all the time": emptied,
    "broker full": full,
    "broker dead": dead,
    "broker hung": lambda house: hung(house, "broker"),
    "all workers and beat dead": deserted,
    "clock worker hung": lambda house: hung(house, "clock"),
}


# What is not tried each time: on PostgreSQL the broker is the same, and a dead one burns in `test_kills`.
SELDOM = (
    "broker dead",
    *(("broker full", "clock worker hung", "all workers and beat dead") if ON_POSTGRESQL else ()),
)


@pytest.mark.rule("TM-01")
def test_nobody_notices_what_the_broker_suffers(house: House, nine: datetime) -> None:
    suffered(house, nine, {name: trouble for name, trouble in TROUBLES.items() if name not in SELDOM})


@pytest.mark.soak
def test_nobody_notices_all_that_the_broker_suffers(house: House, nine: datetime) -> None:
    suffered(house, nine, TROUBLES)


def suffered(house: House, nine: datetime, troubles: dict[str, Trouble]) -> None:
    """Make each trouble under load; nobody is refused and somebody is told in time."""
    moments = [nine + n * APART for n in range(len(troubles))]
    orders = house.hand("effective", moments=[at.isoformat() for at in moments])
    tokens = {role: house.hand("token", username=role) for role in ROLES}
    house.hand("set_clock", at=(nine + WARNED_AFTER - APART).isoformat())
    house.start()
    load = Load(house.port, tokens, nine.date(), clients=2, seed=1)
    took = {}
    with load:
        for (name, trouble), order, at in zip(troubles.items(), orders, moments, strict=True):
            before = len(load.tally.acknowledged)
            took[name] = told_in_spite_of(house, trouble, order, at + WARNED_AFTER)
            assert len(load.tally.acknowledged) > before, f"nothing was done while: {name}"
    assert house.stop() == 0
    checked = house.manage("check_invariants")
    print(f"\nthe clerk was told in spite of it after (s): {took}")
    tally = load.tally
    print(f"requests {len(tally.wishes)}, cut {tally.cut}, unavailable {tally.unavailable}", *tally.surprises)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    refused = tally.cut + tally.unavailable + tally.away + len(tally.surprises)
    at_work = f"{len(tally.acknowledged)} requests meanwhile"
    proven(
        "P14",
        injections=len(troubles),
        violations=refused,
        recovery_seconds=max(took.values()),
        note=f"{', '.join(troubles)}; {at_work}",
    )
    idle = [seconds for name, seconds in took.items() if name != "broker emptied all the time"]
    note = f"workers without work; {at_work}"
    proven("P16", injections=len(idle), violations=0, recovery_seconds=max(idle), note=note)


def told_in_spite_of(house: House, trouble: Trouble, order: int, at: datetime) -> float:
    """Make trouble, let a clock fall due at `at`, and wait until somebody was told; how long that took."""
    with trouble(house):
        house.hand("set_clock", at=at.isoformat())
        took = eventually(
            lambda: len(house.hand("steps", order=order)) == 1, "nobody was told", within=STANDS_IN_WITHIN
        )
    back = time.monotonic()
    eventually(lambda: house.recovered(back), "the workers did not go on")
    return took
