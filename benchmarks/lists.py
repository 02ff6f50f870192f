"""Lists through REST in a small and in a large house: is a page as quick among many rows as among few?"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from benchmarks import house
from benchmarks.clients import Client
from benchmarks.figures import ms, percentile, tell
from benchmarks.places import Place, settle
from benchmarks.scale import Scale

ORDERS = "/api/v1/orders/order/"
FIRST = "first page of 50"
DAYS = "delivery_on__from=2026-05-01&delivery_on__to=2026-05-03"
WALK = 200
# Of so many orders one more has a clock that runs.
CLOCKS = 50


@dataclass
class House:
    """A house with so many orders, and the pages asked of it."""

    size: int
    client: Client
    branch: Client
    pages: dict[str, tuple[Client, str]]
    took: dict[str, list[float]]


def measure(place: Place, scale: Scale, folder: Path) -> None:
    """Ask the same pages of both houses in turn."""
    with ExitStack() as stack:
        houses = [_house(stack, place, size, folder) for size in scale.lists]
        for name in houses[0].pages:
            for _ in range(scale.pages):
                for one in houses:
                    client, path = one.pages[name]
                    one.took[name].append(client.ask("GET", path)[0])
        for name in houses[0].pages:
            _tell(name, houses)


def _house(stack: ExitStack, place: Place, size: int, folder: Path) -> House:
    name = f"lists_{size}"
    env = house.environment(folder / name, place.copy("template", name))
    clocked = size // CLOCKS
    wanted = {"mixed": size, "clocked": clocked, "spread": min(clocked, 1_000), "owner": "service_leader"}
    known = house.program("fill", "orders", json.dumps(wanted), env=env)
    settle(place, name)
    port, _pid = stack.enter_context(house.web(env))
    client, branch = Client(port, known["token"]), Client(port, known["branch_token"])
    pages = {
        FIRST: (client, ORDERS),
        "a page in the middle": (client, middle(client, size)),
        "filtered by state": (client, f"{ORDERS}?state=confirmed"),
        "filtered by customer": (client, f"{ORDERS}?customer={known['customer']}"),
        "ordered by delivery date": (client, f"{ORDERS}?ordering=delivery_on"),
        "ordered by time left": (client, f"{ORDERS}?ordering=clock"),
        "filtered by a running clock": (client, f"{ORDERS}?clock=late&clock=near"),
        "filtered by a span of days": (client, f"{ORDERS}?{DAYS}"),
        "first page of a small branch": (branch, ORDERS),
        "search for a piece of a number": (client, f"{ORDERS}?q=-{size // 2:04d}"),
        "one order": (client, f"{ORDERS}{client.get(ORDERS)['results'][0]['id']}/"),
    }
    for asked, path in pages.values():
        asked.ask("GET", path)
    return House(size, client, branch, pages, {name: [] for name in pages})


def middle(client: Client, size: int) -> str:
    """The address of a page of 50 in the middle of the list, reached from page to page as a reader does."""
    path = f"{ORDERS}?page_size={min(WALK, size // 4)}"
    for _ in range(size // 2 // min(WALK, size // 4)):
        path = client.get(path)["next"] or path
    parts = urlsplit(path)
    return f"{parts.path}?{urlencode({n: v for n, v in parse_qsl(parts.query) if n != 'page_size'})}"


def _tell(name: str, houses: list[House]) -> None:
    small, *_others, large = houses
    said: dict[str, Any] = {}
    for one in houses:
        p50, p95 = (ms(percentile(one.took[name], percent)) for percent in (50, 95))
        said[f"among_{one.size:,}"] = f"p50 {p50} (p95 {p95})"
    grown = percentile(large.took[name], 50) / percentile(small.took[name], 50)
    tell(name, **said, ratio=f"{grown:.2f}")
