"""kill -9 again and again, each kind of process equally often; and how soon all is well again."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import psutil

from tests.faults.house import KINDS, House, eventually

# The event that a sweep records; a handler of the test's own makes it wait there.
SWEEP = "deadlines.deadline.escalate"
# How far the house's clock moves in a round, and at most while nothing of the house lives.
STEP_SECONDS = 600.0
LONGEST_OUTAGE_SECONDS = 1800.0
# The moment of a kill after the clock was moved: within this time, or as soon as a sweep is in its middle.
AIM_SECONDS = 0.7
SWEEP_WITHIN_SECONDS = 2.0
OFTEN, SELDOM, ALL_AT_ONCE = 0.6, 0.25, 0.65


@dataclass
class Killer:
    """Kills `wanted` processes of each kind, in rounds; the house's clock moves on all the time."""

    house: House
    wanted: int
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    recoveries: list[float] = field(default_factory=list)
    caught_up: list[float] = field(default_factory=list)
    outages: int = 0
    killed_at: float = 0.0
    # Transactions that a kill cut in their middle, by the verb of their event.
    cut: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Go on until every kind was killed often enough; at the end everything lives."""
        while left := [kind for kind in KINDS if self.kills[kind] < self.wanted]:
            children = [kind for kind in left if kind != "supervisor"]
            if not children or ("supervisor" in left and self.chance.random() < ALL_AT_ONCE):
                self.outage()
            else:
                self.round(children)

    def round(self, children: list[str]) -> None:
        """Kill some children while steps of many clocks fall due, at times once more while they come back."""
        kinds = [kind for kind in children if self.chance.random() < OFTEN] or children[-1:]
        self.strike(kinds)
        if self.chance.random() < SELDOM:
            time.sleep(self.chance.random() * 3)
            self.shoot(self.house.aim(*kinds))
        self.settle()

    def outage(self) -> None:
        """Kill everything at once, let the house's time go on without it, start it again."""
        self.strike(KINDS)
        self.outages += 1
        self.house.hand("advance", seconds=self.chance.random() * LONGEST_OUTAGE_SECONDS)
        self.house.serve()
        self.settle()

    def strike(self, kinds: Sequence[str]) -> None:
        """Move the clock, wait for a moment of what it sets off, and kill: a random moment, or the middle of
        a sweep, or of what a client asked for."""
        aims = self.house.aim(*kinds)
        self.house.hand("advance", seconds=STEP_SECONDS)
        moments = ["", *(f"{SWEEP} *" for kind in kinds if kind == "clock")]
        moments += ["orders.*" for kind in kinds if kind in ("web", "web worker")]
        wanted = self.chance.choice(moments)
        until = time.monotonic() + (SWEEP_WITHIN_SECONDS if wanted else self.chance.random() * AIM_SECONDS)
        while time.monotonic() < until and not (wanted and self.house.marks(wanted)):
            time.sleep(0.002)
        self.shoot(aims)

    def shoot(self, aims: list[tuple[str, psutil.Process]]) -> None:
        """Kill, and note it."""
        self.kills.update(self.house.shoot(aims))
        self.killed_at = time.monotonic()

    def settle(self) -> None:
        """Wait until every process lives, the web answers and the clock has ticked since."""
        at = self.killed_at

        def well() -> bool:
            return self.house.recovered(at) and all(self.house.found(kind) for kind in KINDS)

        eventually(well, "the house did not recover")
        self.recoveries.append(time.monotonic() - at)
        eventually(lambda: not self.house.hand("left"), "what fell due was not taken", within=60)
        self.caught_up.append(time.monotonic() - at)
        self.count_cut()

    def count_cut(self) -> None:
        """Count the marks of processes that are no more, and wipe them off."""
        for mark in self.house.marks("*"):
            verb, pid, _thread = mark.name.split(" ")
            if not psutil.pid_exists(int(pid)):
                self.cut[verb] += 1
                mark.unlink()

    def figures(self) -> str:
        """How often, and how soon."""
        said = ", ".join(f"{kind} {n}" for kind, n in sorted(self.kills.items()))
        swept = self.cut[SWEEP]
        well, owed = sorted(self.recoveries), sorted(self.caught_up)
        return (
            f"kill -9: {sum(self.kills.values())} ({said}), of them {self.outages} times everything at once\n"
            f"transactions cut in the middle: {self.cut.total()}, of them {swept} of a sweep\n"
            f"well again after: median {median(well):.1f} s, longest {well[-1]:.1f} s\n"
            f"nothing due left after: median {median(owed):.1f} s, longest {owed[-1]:.1f} s"
        )
