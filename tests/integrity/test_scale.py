"""A hundred thousand orders: their state is proved within a minute, their events are audited in seconds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import house
from tests.faults.house import ROOT, administer, own_database
from tests.proofs import proven

pytestmark = pytest.mark.soak
ORDERS, CLOCKED = 100_000, 20_000
LIMIT_SECONDS = 60.0
SEAL = "from flow import clock, seals; print(seals.seal(at=clock.now(), limit=10**6))"


def manage(env: dict[str, str], *args: str) -> tuple[str, float]:
    """What a management command says, and how long it took."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "manage.py", *args], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, time.monotonic() - began


def test_a_hundred_thousand_orders_are_proved_in_a_minute(tmp_path: Path) -> None:
    with own_database(tmp_path) as url:
        env = house.environment(tmp_path, url)
        house.program("fill", "house", env=env)
        house.program("fill", "orders", json.dumps({"mixed": ORDERS, "clocked": CLOCKED}), env=env)
        if url.startswith("postgres"):
            administer(url, "VACUUM ANALYZE")
        said, seconds = manage(env, "check_invariants")
        note = f"check_invariants at {ORDERS + CLOCKED:,} orders, seconds of the whole command"
        late = int(seconds > LIMIT_SECONDS) + said.count(" wrong ")
        proven("P22", injections=ORDERS + CLOCKED, violations=late, recovery_seconds=seconds, note=note)
        manage(env, "shell", "--no-imports", "-c", SEAL)
        said, seconds = manage(env, "audit_verify")
        found = re.search(r"(\d+) events under (\d+) seals", said)
        assert found, said
        events, walked = int(found[1]), float(re.search(r"\((\d+\.\d) s\)", said)[1])  # type: ignore[index]
        assert events > 2 * ORDERS
        note = f"audit_verify of {events:,} events under {found[2]} seals: {events / walked:,.0f} a second"
        slow = int(events / walked < 50_000)
        proven("P11", injections=events, violations=slow, recovery_seconds=seconds, note=note)
