"""kill -9 at random moments, again and again, each kind of process equally often; and how soon all is well."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from tests.faults.house import KINDS, House, eventually

# How the rounds are mixed: mostly some of the processes, sometimes the supervisor and with it everything.
ALL_AT_ONCE = 0.25
STEP_SECONDS = 300.0
LONGEST_OUTAGE_SECONDS = 1800.0


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

    def run(self) -> None:
        """Go on until every kind was killed often enough; at the end everything lives."""
        while left := [kind for kind in KINDS if self.kills[kind] < self.wanted]:
            if "supervisor" in left and self.chance.random() < len(left) / len(KINDS) * 0.5:
                self.outage()
            else:
                self.round(left)

    def round(self, left: list[str]) -> None:
        """Kill some children while a step of many clocks falls due; wait until all is well."""
        aims = [kind for kind in left if kind != "supervisor" and self.chance.random() < 0.6] or left[-1:]
        self.house.hand("advance", seconds=STEP_SECONDS)
        time.sleep(self.chance.random() * 0.7)
        self.kill(aims)
        self.settle()

    def outage(self) -> None:
        """Kill everything at once, let the house's time go on without it, start it again."""
        self.house.hand("advance", seconds=STEP_SECONDS)
        time.sleep(self.chance.random() * 0.7)
        self.kill(list(KINDS))
        self.outages += 1
        self.house.hand("advance", seconds=self.chance.random() * LONGEST_OUTAGE_SECONDS)
        self.house.serve()
        self.settle()

    def kill(self, kinds: list[str]) -> None:
        """Kill these, and note it."""
        self.killed_at = time.monotonic()
        self.kills.update(self.house.kill(*kinds))

    def settle(self) -> None:
        """Wait until every process lives, the web answers and the clock has ticked since."""
        at = self.killed_at

        def well() -> bool:
            return self.house.recovered(at) and all(self.house.found(kind) for kind in KINDS)

        eventually(well, "the house did not recover")
        self.recoveries.append(time.monotonic() - at)
        eventually(lambda: not self.house.hand("left"), "what fell due was not taken", within=60)
        self.caught_up.append(time.monotonic() - at)

    def figures(self) -> str:
        """How often, and how soon."""
        said = ", ".join(f"{kind} {n}" for kind, n in sorted(self.kills.items()))
        return (
            f"kill -9: {sum(self.kills.values())} ({said}), of them {self.outages} times everything at once\n"
            f"well again after: median {median(self.recoveries):.1f} s, longest {max(self.recoveries):.1f} s\n"
            f"nothing due left after: median {median(self.caught_up):.1f} s, longest {max(self.caught_up):.1f} s"
        )
