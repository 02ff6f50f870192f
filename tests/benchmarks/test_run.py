"""Every measurement runs, at next to no size: what it prints is there, what it measures is not judged."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OF_OTHERS = ("DATA_DIR", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "REPLAY_DATABASE_URL", "FLOOR")


def measured(*names: str) -> str:
    """What `benchmarks/run.py --tiny` prints on the database of this run."""
    env = {name: value for name, value in os.environ.items() if name not in OF_OTHERS}
    is_postgresql = env.get("DATABASE_URL", "").startswith("postgres")
    database = "postgresql" if is_postgresql else "sqlite"
    done = subprocess.run(
        [sys.executable, "benchmarks/run.py", "--tiny", "--database", database, "--only", *names],
        cwd=ROOT,
        env={**env, "FLOOR": "absent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.faults
def test_every_measurement_runs() -> None:
    said = measured("action", "rest", "lists", "order_page", "sweep", "footprint")
    for words in (
        "of its SQL",
        "statements",
        "the floor is not measured",
        "1 client: transition",
        "first page of 50",
        "a page in the middle",
        "the whole order",
        "escalations",
        "nothing due among",
        "RSS",
        "to the first 200",
        "told one by one, and to a subscriber",
    ):
        assert words in said
