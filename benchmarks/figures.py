"""Medians and percentiles of what was timed, and the lines in which they are told."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

median = statistics.median


def timed(work: Callable[[], Any]) -> float:
    """How many seconds the work took."""
    began = perf_counter()
    work()
    return perf_counter() - began


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which so many percent of the values lie, between neighbours in proportion."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def ms(seconds: float) -> str:
    """Seconds as milliseconds in words."""
    return f"{seconds * 1000:.2f} ms"


def tell(what: str, **said: Any) -> None:
    """Print one line of figures, at once."""
    words = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in said.items())
    print(f"  {what}: {words}", flush=True)


def machine() -> str:
    """The machine and how busy it is just now."""
    loads = " ".join(f"{load:.1f}" for load in os.getloadavg())
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, load {loads}"
