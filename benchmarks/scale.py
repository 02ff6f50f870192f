"""How much is measured: the whole, or next to nothing to see that the measurements run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Sizes of all measurements; `rounds` are the repetitions of which the median is told."""

    rounds: int = 5
    actions: int = 200
    seconds: float = 3.0
    clients: tuple[int, ...] = (1, 4)
    transitions: int = 24_000
    floor_orders: int = 100_000
    lists: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    pages: int = 60
    houses: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    items: int = 100_000
    case_documents: int = 100
    case_events: int = 2_000
    # (open deadlines, due among them) of each sweep
    sweeps: tuple[tuple[int, int], ...] = ((10_000, 5_000), (100_000, 20_000))
    sweep_rounds: int = 3
    requests: int = 1_000
    starts: int = 5


TINY = Scale(
    rounds=1,
    actions=4,
    seconds=0.2,
    clients=(1, 2),
    transitions=600,
    floor_orders=200,
    lists=(20, 120),
    pages=2,
    houses=(20, 60, 120),
    items=200,
    case_documents=40,
    case_events=200,
    sweeps=((60, 30),),
    sweep_rounds=1,
    requests=10,
    starts=1,
)
