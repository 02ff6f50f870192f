"""An action beside its own SQL: what Django, the rules and the checks cost over the bare statements.

Every action is done in one database and its recorded statements then by hand in that database's twin, so that
both do the same to the same rows. `python -m benchmarks.action DOCUMENTS ROUNDS`, with both databases named.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import django

django.setup()

from django.db import connection, connections  # noqa: E402

from benchmarks.figures import median, ms, percentile, tell  # noqa: E402
from benchmarks.fill import Known  # noqa: E402
from flow import clock  # noqa: E402
from flow.events import By  # noqa: E402
from orders import actions  # noqa: E402
from orders.models import Order  # noqa: E402

Statement = tuple[str, Any]
WARM_UP = 5


@dataclass
class Recorder:
    """Notes the statements that a connection executes."""

    statements: list[Statement] = field(default_factory=list)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements.append((sql, params))
        return execute(sql, params, many, context)

    @contextmanager
    def running(self) -> Iterator[list[Statement]]:
        """Record from now on; the list of what comes."""
        self.statements = []
        with connection.execute_wrapper(self):
            yield self.statements


class Twin:
    """The bare driver on the other database."""

    def __init__(self) -> None:
        wrapper = connections["replay"]
        wrapper.ensure_connection()
        self.raw: Any = wrapper.connection
        self.is_sqlite = wrapper.vendor == "sqlite"
        if not self.is_sqlite:
            self.raw.autocommit = False

    def replay(self, statements: list[Statement]) -> float:
        """Do the statements in one transaction, read what they answer, commit; how many seconds it took."""
        ready = [self._spelt(*one) for one in statements if not one[0].startswith(("BEGIN", "COMMIT"))]
        cursor = self.raw.cursor()
        began = perf_counter()
        if self.is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        for sql, params in ready:
            cursor.execute(sql, params)
            if cursor.description:
                cursor.fetchall()
        self.raw.commit()
        return perf_counter() - began

    def _spelt(self, sql: str, params: Any) -> Statement:
        if not self.is_sqlite:
            return sql, params
        return sql.replace("%s", "?").replace("%%", "%"), params or ()


def confirm(order: Order, by: By) -> None:
    """The clerk confirms the requirements: two lines read and written, a contact logged."""
    actions.confirm_requirements(
        order, by=by, order_class="regular", confirmed_with="王工", channel="phone",
        technical_requirement="按 GB/T 3906", quality_requirement="出厂试验合格",
    )  # fmt: skip


def submit(order: Order, by: By) -> None:
    """The order goes to review: a round with its seats is opened, its first seats are told and clocked."""
    actions.submit_review(order, by=by)


def compare(what: str, do: Callable[[Order, By], None], orders: list[Order], rounds: int) -> None:
    """Time the action and its statements in turn, order by order, and tell the medians."""
    known, recorder, twin = Known(), Recorder(), Twin()
    by = By(known.person("sales_clerk"), clock.now())
    acted: list[float] = []
    bare: list[float] = []
    counts: list[int] = []
    for order in orders:
        with recorder.running() as statements:
            began = perf_counter()
            do(order, by)
            acted.append(perf_counter() - began)
        counts.append(sum(not sql.startswith(("BEGIN", "COMMIT")) for sql, _params in statements))
        bare.append(twin.replay(statements))
    acted, bare, counts = acted[WARM_UP:] or acted, bare[WARM_UP:] or bare, counts[WARM_UP:] or counts
    size = max(len(acted) // rounds, 1)
    ratios = [
        sum(bare[n : n + size]) / sum(acted[n : n + size]) for n in range(0, len(acted) - size + 1, size)
    ]
    tell(
        what,
        statements=f"{median(counts):.0f} (at most {max(counts)})",
        action=f"p50 {ms(percentile(acted, 50))}",
        sql=f"p50 {ms(percentile(bare, 50))}",
        speed=f"{100 * median(ratios):.0f} % of its SQL ({100 * min(ratios):.0f}…{100 * max(ratios):.0f})",
    )


def main(known: dict[str, list[str]], rounds: int) -> None:
    """Confirm plain and clocked orders, then submit them."""
    compare("a transition (confirm_requirements)", confirm, _orders(known["plain"]), rounds)
    compare("the same, closing a deadline and opening two", confirm, _orders(known["clocked"]), rounds)
    compare("a review opened with its seats (submit_review)", submit, _orders(known["plain"]), rounds)


def _orders(public_ids: list[str]) -> list[Order]:
    return list(Order.objects.filter(public_id__in=public_ids).order_by("pk"))


if __name__ == "__main__":
    main(json.loads(sys.stdin.read()), int(sys.argv[1]))
