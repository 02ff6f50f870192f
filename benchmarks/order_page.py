"""The page of an order with a hundred documents and two thousand events: how long the house works on it."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

from benchmarks import house
from benchmarks.clients import Client
from benchmarks.figures import ms, percentile, tell
from benchmarks.places import Place, settle
from benchmarks.scale import Scale


def measure(place: Place, scale: Scale, folder: Path) -> None:
    """Open the page again and again, then its time-line and the page of one of its documents."""
    with ExitStack() as stack:
        env = house.environment(folder / "order_page", place.copy("template", "order_page"))
        wanted = json.dumps({"documents": scale.case_documents, "events": scale.case_events})
        known = house.program("fill", "whole", wanted, env=env)
        settle(place, "order_page")
        port, _pid = stack.enter_context(house.web(env))
        client = Client(port, headers={"Cookie": f"sessionid={known['session']}", "Accept": "text/html"})
        for name, path in (
            ("the whole order", known["order"]),
            ("its time-line alone", f"{known['order']}timeline/"),
            ("its plan", known["plan"]),
        ):
            client.ask("GET", path)
            took = [client.ask("GET", path)[0] for _ in range(scale.pages)]
            p50, p95 = (ms(percentile(took, percent)) for percent in (50, 95))
            tell(name, documents=known["documents"], events=known["events"], p50=p50, p95=p95)
