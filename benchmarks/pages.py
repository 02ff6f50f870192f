"""The pages people open all day, in houses of three sizes: workbench, numbers, list, palette."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from benchmarks import house
from benchmarks.clients import Client
from benchmarks.figures import ms, percentile, tell
from benchmarks.places import Place, settle
from benchmarks.scale import Scale

LIST = "/orders/order/"
# Of so many orders one more has a clock that runs.
CLOCKS = 50
DAYS = "delivery_on=this_week"


def measure(place: Place, scale: Scale, folder: Path) -> None:
    """Open the same pages of each house by turns, as a clerk of the main company."""
    sizes = scale.houses if place.vendor == "postgresql" else scale.houses[:2]
    with ExitStack() as stack:
        houses = [(size, *_house(stack, place, size, folder)) for size in sizes]
        for name in houses[0][2]:
            took: dict[int, list[float]] = {size: [] for size in sizes}
            for turn in range(scale.pages + 1):
                for size, client, pages in houses:
                    seconds = client.ask("GET", pages[name])[0]
                    # The first answer pays for what is kept afterwards.
                    took[size] += [seconds] if turn else []
            said = {f"among_{size:,}": _said(took[size]) for size in sizes}
            grown = percentile(took[sizes[-1]], 50) / percentile(took[sizes[0]], 50)
            tell(name, **said, ratio=f"{grown:.2f}")


def _said(took: list[float]) -> str:
    return f"p50 {ms(percentile(took, 50))} (p95 {ms(percentile(took, 95))})"


def _house(stack: ExitStack, place: Place, size: int, folder: Path) -> tuple[Client, dict[str, str]]:
    name = f"pages_{size}"
    env = house.environment(folder / name, place.copy("template", name))
    clocked = size // CLOCKS
    wanted = {"mixed": size, "clocked": clocked, "spread": min(clocked, 1_000), "owner": "service_leader"}
    known = house.program("fill", "orders", json.dumps(wanted), env=env)
    settle(place, name)
    port, _pid = stack.enter_context(house.web(env))
    client = Client(port, headers={"Cookie": f"sessionid={known['session']}"})
    number = known["number"]
    words = {
        "a whole number": number,
        "the beginning of a number": number[:6],
        "the last digits of a number": number[-4:],
        "a customer's name": "客户 0050",
        "no letter yet": "",
        "nothing that is known": "不存在的东西",
    }
    pages = {
        "workbench": "/",
        "numbers of the navigation": "/counts/",
        "first page of the list": LIST,
        "list by state": f"{LIST}?state=confirmed",
        "list by customer": f"{LIST}?customer={known['customer']}",
        "list by delivery date": f"{LIST}?ordering=delivery_on",
        "list by time left": f"{LIST}?ordering=clock",
        "list of those due this week": f"{LIST}?view=week",
        "list of those with an overdue clock": f"{LIST}?view=late",
        "list of a span of days": f"{LIST}?{DAYS}",
        "how many rows each view has": f"{LIST}views/counts/",
        "board": f"{LIST}board/",
        "late and due": "/late/",
    }
    pages |= {f"palette: {said}": f"/palette/?q={quote(typed)}" for said, typed in words.items()}
    return client, pages
