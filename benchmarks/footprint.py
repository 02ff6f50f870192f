"""How large a web process grows, and how long the house takes from the command to its first answer."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path

import psutil

from benchmarks import house
from benchmarks.clients import Client
from benchmarks.figures import median, tell
from benchmarks.lists import ORDERS
from benchmarks.places import Place, settle
from benchmarks.rest import confirmations
from benchmarks.scale import Scale
from config.lifeline import tied

MB = 1024 * 1024


def measure(place: Place, scale: Scale, folder: Path) -> None:
    """Memory after many mixed requests, then the start of everything."""
    env = house.environment(folder, place.copy("template", "footprint"))
    third = scale.requests // 3 + 1
    known = house.program("fill", "orders", json.dumps({"mixed": scale.lists[0], "received": third}), env=env)
    settle(place, "footprint")
    with house.web(env) as (port, pid):
        client = Client(port, known["token"])
        one = client.get(ORDERS)["results"][0]["id"]
        before = _memory(pid)
        reads = itertools.cycle([("GET", ORDERS, None), ("GET", f"{ORDERS}{one}/", None)])
        rounds = zip(confirmations(known["plain"]), reads, reads, strict=False)
        for request in itertools.islice(itertools.chain.from_iterable(rounds), scale.requests):
            client.ask(*request)
        tell(f"a web process after {scale.requests:,} requests", **_words(_memory(pid)))
        tell("before them", **_words(before))
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(collect, cwd=house.ROOT, env={**env, "COLLECTING": "1"}, check=True, preexec_fn=tied())
    starts = [_start(env) for _ in range(scale.starts)]
    said = f"{median(starts):.2f} s (at most {max(starts):.2f})"
    tell("from `manage.py serve` to the first 200", median=said)


def _memory(master: int) -> dict[str, list[float]]:
    """The resident and the proportional size of each web process, in MB, the largest first."""
    found = [child.memory_full_info() for child in psutil.Process(master).children()]
    rows = sorted(((info.rss, info.pss) for info in found), reverse=True)
    return {"RSS": [rss / MB for rss, _pss in rows], "PSS": [pss / MB for _rss, pss in rows]}


def _words(found: dict[str, list[float]]) -> dict[str, str]:
    return {name: " and ".join(f"{size:.0f}" for size in sizes) + " MB" for name, sizes in found.items()}


def _start(env: dict[str, str]) -> float:
    """Seconds from the command to the first 200 of the health page."""
    port = house.free_port()
    began = time.perf_counter()
    with house.running([sys.executable, "manage.py", "serve", "--port", str(port)], env) as process:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - began > house.PATIENCE_SECONDS:
                raise RuntimeError("The house did not come up.")
            time.sleep(0.02)
        return time.perf_counter() - began


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
    return False
