"""The picker of a grid of lines: how soon it answers among a hundred thousand items."""

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

FIELD = "/api/v1/choices/?verb=orders.order.receive&field=lines.item&q="
# What is typed: nothing, the beginning of a code, a whole code, a piece of a name, two words, nothing known.
WORDS = ("", "M09", "M099999", "互感器", "LZZBJ9 150", "不存在的")


def measure(place: Place, scale: Scale, folder: Path) -> None:
    """Ask for entries again and again, by what people type."""
    with ExitStack() as stack:
        env = house.environment(folder / "picker", place.copy("template", "picker"))
        known = house.program("fill", "items", json.dumps({"count": scale.items}), env=env)
        settle(place, "picker")
        port, _pid = stack.enter_context(house.web(env))
        client = Client(port, known["token"])
        for words in WORDS:
            path = FIELD + quote(words)
            client.ask("GET", path)
            took = [client.ask("GET", path)[0] for _ in range(scale.pages)]
            p50, p95 = (ms(percentile(took, percent)) for percent in (50, 95))
            tell(f"“{words}” among {scale.items:,} items", p50=p50, p95=p95)
