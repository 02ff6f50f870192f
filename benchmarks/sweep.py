"""The sweep: due deadlines escalated with their events, steps, notices and mails in the outbox.

`python -m benchmarks.sweep OPEN DUE ROUNDS KIND`; at each round another step of the same deadlines falls due.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from functools import partial

import django

django.setup()

from django.db import connection  # noqa: E402

from benchmarks.bulk import CLOCKED, RECEIVED  # noqa: E402
from benchmarks.figures import median, ms, percentile, tell, timed  # noqa: E402
from benchmarks.fill import mill  # noqa: E402
from deadlines import sweep  # noqa: E402
from deadlines.models import Deadline, Escalation  # noqa: E402
from flow.models import Event  # noqa: E402
from integration.models import Notice, Outbox, Subscription  # noqa: E402
from org.models import Person  # noqa: E402

# People are told so many notices one by one; more become one summary.
EACH = sweep.STORM
FAR = timedelta(days=365)
EMPTY = 200
KINDS = {
    "apart": "told one by one",
    "storm": "one person's storm",
    "heard": "told one by one, and to a subscriber",
}


def main(count: int, due: int, rounds: int, kind: str) -> None:
    """Open `count` deadlines of which `due` come due, and sweep."""
    moments = _opened(count, due, storm=kind == "storm")
    if kind == "heard":
        Subscription.objects.create(name="bench", url="http://127.0.0.1:9/", secret="x", verbs=["*"])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    if kind == "apart":
        empty = [timed(partial(sweep.run, at=moments[0] - FAR)) for _ in range(EMPTY)]
        tell(f"nothing due among {count:,}", p50=ms(percentile(empty, 50)), p95=ms(percentile(empty, 95)))
    rates = []
    for at in moments[:rounds]:
        before = _rows()
        seconds = timed(partial(sweep.run, at=at))
        written = {name: rows - before[name] for name, rows in _rows().items()}
        rates.append(written["escalations"] / seconds)
    rate = f"{median(rates):,.0f}/s ({min(rates):,.0f}…{max(rates):,.0f})"
    rows = ", ".join(f"{number:,} {name}" for name, number in written.items())
    tell(f"{due:,} due of {count:,}, {KINDS[kind]}", escalations=rate, of=rows)


def _opened(count: int, due: int, *, storm: bool) -> list[datetime]:
    """Open the deadlines; the moments at which their steps have just fallen due."""
    made = mill()
    orders = made.orders(count, paths=(RECEIVED,), remark=CLOCKED)
    owners: list[Person | None] = [None] if storm else list(_people(due // EACH + 1))
    made.deadlines(orders[:due], owners=owners, later=[FAR])
    made.deadlines(orders[due:], owners=owners, later=[10 * FAR])
    ladder = Deadline.objects.get(subject_id=orders[0], subject_type="orders.order").ladder
    return [datetime.fromisoformat(step["at"]) + timedelta(seconds=1) for step in ladder]


def _people(count: int) -> list[Person]:
    """More clerks, each with a mail address."""
    return Person.objects.bulk_create(
        Person(username=f"clerk{n}", name=f"职员 {n}", email=f"clerk{n}@example.com", password="!")
        for n in range(count)
    )


def _rows() -> dict[str, int]:
    kinds = {"escalations": Escalation, "events": Event, "notices": Notice, "outbox rows": Outbox}
    return {name: model._default_manager.count() for name, model in kinds.items()}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
