"""Runs the measurements one after the other and prints their figures."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import footprint, house, lists, order_page, pages, picker, rest
from benchmarks.figures import machine
from benchmarks.places import Folder, Place, Server, settle
from benchmarks.scale import TINY, Scale


def action(place: Place, scale: Scale, folder: Path) -> None:
    """An action beside its own SQL."""
    env = house.environment(folder, place.copy("template", "acted"))
    wanted = json.dumps({"received": scale.actions, "clocked": scale.actions})
    known = house.program("fill", "orders", wanted, env=env)
    settle(place, "acted")
    env["REPLAY_DATABASE_URL"] = place.copy("acted", "replayed")
    house.program("action", str(scale.rounds), env=env, said=known, shown=True)


def sweep(place: Place, scale: Scale, folder: Path) -> None:
    """Due deadlines escalated."""
    for count, due in scale.sweeps:
        for kind in ("apart", "storm", "heard"):
            env = house.environment(folder, place.copy("template", "swept"))
            house.program("sweep", str(count), str(due), str(scale.sweep_rounds), kind, env=env, shown=True)


MEASUREMENTS: dict[str, tuple[str, Callable[[Place, Scale, Path], None]]] = {
    "action": ("An action beside its own SQL", action),
    "rest": ("A transition through REST, gunicorn with 2 × 4 threads", rest.measure),
    "lists": ("Lists through REST, one client", lists.measure),
    "pages": ("Pages of houses of three sizes", pages.measure),
    "picker": ("The picker of items", picker.measure),
    "order_page": ("The page of an order with many documents", order_page.measure),
    "sweep": ("The sweep of the deadlines", sweep),
    "footprint": ("Memory and start", footprint.measure),
}
ON_SQLITE = ("action", "pages", "picker", "order_page", "sweep")


def main() -> int:
    """Measure what was asked for on PostgreSQL, if DATABASE_URL names one, and on SQLite."""
    parser = argparse.ArgumentParser(prog="benchmarks/run.py")
    parser.add_argument("--tiny", action="store_true", help="next to nothing, to see that it runs")
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, default=[])
    parser.add_argument("--database", nargs="+", choices=("postgresql", "sqlite"), default=[])
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="order-cycle-bench-"))
    try:
        for place in places(folder, asked.database):
            usual = ON_SQLITE if place.vendor == "sqlite" else tuple(MEASUREMENTS)
            run(place, TINY if asked.tiny else Scale(), folder, asked.only or usual)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def places(folder: Path, wanted: list[str]) -> list[Place]:
    """The databases to measure on."""
    found: list[Place] = []
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith(("postgres", "psql", "pgsql")):
        found.append(Server(url))
    elif "postgresql" in wanted:
        raise SystemExit("DATABASE_URL names no PostgreSQL; `make bench` starts one.")
    found.append(Folder(folder))
    return [place for place in found if not wanted or place.vendor in wanted]


def run(place: Place, scale: Scale, folder: Path, names: tuple[str, ...] | list[str]) -> None:
    """All measurements on one kind of database, each in a copy of the same house."""
    print(f"\n=== {place.vendor}: {machine()}", flush=True)
    try:
        house.program("fill", "house", env=house.environment(folder, place.make("template")))
        for name in names:
            title, measure = MEASUREMENTS[name]
            print(f"\n{title} ({place.vendor}; load {os.getloadavg()[0]:.1f})", flush=True)
            began = time.perf_counter()
            measure(place, scale, folder)
            print(f"  ({time.perf_counter() - began:.0f} s; load {os.getloadavg()[0]:.1f})", flush=True)
    finally:
        place.clear()


if __name__ == "__main__":
    sys.exit(main())
