"""A transition through REST, with token, permissions, rules and events, beside a minimal service.

The floor is a one-file Django service without any of these, on the same PostgreSQL server; it stands beside
the project where there is one.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import house
from benchmarks.clients import Client, Load, Request, each_once, load
from benchmarks.figures import median, ms, tell
from benchmarks.places import Place, Server, settle
from benchmarks.scale import Scale
from config.lifeline import tied

FLOOR = Path(os.environ.get("FLOOR") or house.ROOT.parent / "shared" / "bench")
CONFIRM = {
    "order_class": "regular",
    "confirmed_with": "王工",
    "channel": "phone",
    "technical_requirement": "按 GB/T 3906",
    "quality_requirement": "出厂试验合格",
}
FLOORED = "the floor"
WARM_UP = 5
Side = tuple[str, list[Client], Callable[[], Request]]


def measure(place: Place, scale: Scale, folder: Path) -> None:
    """Confirm orders, plain and clocked, in turn with the floor's step, with one client and with several."""
    env = house.environment(folder, place.copy("template", "rest"))
    half = scale.transitions // 2
    known = house.program("fill", "orders", json.dumps({"received": half, "clocked": half}), env=env)
    settle(place, "rest")
    with house.web(env) as (port, _pid), floor(place, scale) as floor_port:
        for clients in scale.clients:
            several = [Client(port, known["token"]) for _ in range(clients)]
            brief = [Client(port, known["token"], {"Prefer": "return=minimal"}) for _ in range(clients)]
            plain, clocked = (each_once(confirmations(known[name])) for name in ("plain", "clocked"))
            sides: list[Side] = [
                ("transition", several, plain),
                ("closing a deadline and opening two", several, clocked),
                ("the same, answered with the head alone", brief, clocked),
            ]
            if floor_port:
                steps = each_once(floor_steps(scale))
                sides.append((FLOORED, [Client(floor_port) for _ in range(clients)], steps))
            _tell(clients, _in_turn(sides, scale))


def confirmations(ids: list[str]) -> Iterator[Request]:
    """Requests that confirm one order after the other; what one taker took, the next does not get."""
    while ids:
        yield "POST", f"/api/v1/orders/order/{ids.pop()}/confirm_requirements/", CONFIRM


def floor_steps(scale: Scale) -> Iterator[Request]:
    """Requests that move a random order of the floor."""
    while True:
        yield "POST", f"/step/{random.randint(1, scale.floor_orders)}/", {}


def _in_turn(sides: list[Side], scale: Scale) -> dict[str, list[Load]]:
    """Measure the sides in turn, so that what else the machine does falls on all of them."""
    found: dict[str, list[Load]] = {name: [] for name, _clients, _requests in sides}
    for _name, clients, requests in sides:
        for _ in range(WARM_UP):
            clients[0].ask(*requests())
    for _round in range(scale.rounds):
        for name, clients, requests in sides:
            found[name].append(load(clients, requests, scale.seconds))
    return found


def _tell(clients: int, found: dict[str, list[Load]]) -> None:
    floors = found.get(FLOORED)
    for name, loads in found.items():
        said: dict[str, Any] = {
            "p50": ms(median(one.p50 for one in loads)),
            "rate": f"{median(one.rate for one in loads):.0f}/s",
            "requests": sum(len(one.took) for one in loads),
        }
        if floors and loads is not floors:
            slower = median(ours.p50 / theirs.p50 for ours, theirs in zip(loads, floors, strict=True))
            said["beside_the_floor"] = f"p50 × {slower:.2f}"
        tell(f"{clients} client{'s' if clients > 1 else ''}: {name}", **said)


@contextmanager
def floor(place: Place, scale: Scale) -> Iterator[int]:
    """The floor's port while it is served; 0 where there is no floor."""
    if not (FLOOR / "django_floor.py").exists() or not isinstance(place, Server):
        print("  the floor is not measured: it needs PostgreSQL and django_floor.py in the folder FLOOR")
        yield 0
        return
    place.make("floor")
    where = {"dbname": place.own("floor"), **place.address}
    args = list(itertools.chain.from_iterable((f"--{n}", str(v)) for n, v in where.items() if v))
    sizes = ["--orders", str(scale.floor_orders), "--deadlines", str(scale.floor_orders)]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        [sys.executable, "limit_bench.py", *args, *sizes, "prepare"],
        cwd=FLOOR, env=env, check=True, stdout=subprocess.DEVNULL, preexec_fn=tied(),
    )  # fmt: skip
    port = house.free_port()
    serve = [sys.executable, "django_floor.py", "serve", "--http-port", str(port), *args]
    with house.running(serve, env, cwd=FLOOR) as process:
        house.wait_for(port, process)
        yield port
