"""Fills a database: `python -m benchmarks.fill house|orders|items …`; what others need goes out as JSON."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.bulk import CLOCKED, MIX, RECEIVED, Mill  # noqa: E402
from catalog.models import Customer, Item  # noqa: E402
from config.demo.story import Story  # noqa: E402
from flow import papers  # noqa: E402
from flow.models import Document, Event, Heartbeat  # noqa: E402
from integration import tokens  # noqa: E402
from orders.models import Order  # noqa: E402
from org.models import Company, Person  # noqa: E402
from production.models import Task  # noqa: E402
from tests.goods import Factory  # noqa: E402
from tests.people import NINE  # noqa: E402

CUSTOMERS = 1_000


def house() -> None:
    """The tables, the people and goods of the tests, and a thousand customers."""
    call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
    Factory()
    Customer.objects.bulk_create(
        Customer(code=f"B{n:05d}", name=f"客户 {n:05d}", grade="B") for n in range(1, CUSTOMERS)
    )


class Known(Factory):
    """The people and goods of a database in which they stand already."""

    def __post_init__(self) -> None:
        self.kg, self.ct = (Company.objects.get(code=code) for code in ("KG", "CT"))
        self._people = {p.username: p for p in Person.objects.all()}
        self.customer = Customer.objects.get(code="C001")
        self.cabinet, self.transformer = (Item.objects.get(code=c) for c in ("KYN28A-12", "LZZBJ9-12"))


def mill() -> Mill:
    """A mill whose first order came in half a year ago."""
    return Mill(Known(), timezone.now() - timedelta(days=180))


def token(role: str, company: Company | None = None) -> str:
    """A new service token of the holder of a role."""
    return tokens.issue(Known().person(role, company), purpose="bench")[1]


def session(role: str) -> str:
    """The key of a session in which the holder of a role is logged in."""
    person = Known().person(role)
    store = SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return str(store.session_key)


def orders(
    *, mixed: int = 0, received: int = 0, clocked: int = 0, spread: int = 1, owner: str = ""
) -> dict[str, Any]:
    """Orders in many states, orders to be confirmed, and such whose confirmation moves clocks.

    Those run out at so many different minutes and belong to the holder of the role, else to the clerks' post.
    """
    made = mill()
    made.orders(mixed, paths=MIX, branch_every=50)
    plain = made.orders(received, paths=(RECEIVED,))
    running = made.orders(clocked, paths=(RECEIVED,), remark=CLOCKED)
    if running:
        later = [timedelta(days=365, minutes=n) for n in range(spread)]
        made.deadlines(running, owners=[Known().person(owner) if owner else None], later=later)
    # No worker runs beside these measurements; without this the web would stand in for it.
    Heartbeat.objects.create(name="worker", beat_at=timezone.now() + timedelta(days=1))
    return {
        "token": token("sales_clerk"),
        "branch_token": token("sales_clerk", Known().ct),
        "plain": _public(plain),
        "clocked": _public(running),
        "customer": "B00500" if mixed > CUSTOMERS else "C001",
        "session": session("sales_clerk"),
        "number": Order.objects.latest("pk").number if Order.objects.exists() else "",
    }


def items(*, count: int) -> dict[str, Any]:
    """So many items more, as a factory names them."""
    known = Known()
    kinds = ("电流互感器 LZZBJ9-10", "真空断路器 VS1-12", "柜体 KYN28A-12", "铜排 TMY", "端子 UK")
    Item.objects.bulk_create(
        (
            Item(
                code=f"M{n:06d}",
                name=kinds[n % 5].split()[0],
                spec=f"{kinds[n % 5].split()[1]} {n % 400 * 5}/5",
                unit_id=known.cabinet.unit_id,
            )
            for n in range(count)
        ),
        batch_size=5_000,
    )
    return {"token": token("sales_clerk")}


def whole(*, documents: int, events: int) -> dict[str, Any]:
    """One order carried into its production, its plan cut into so many tasks that the case has so many
    documents, and so many events told of them."""
    told = Story(Known(), at=NINE)
    told.ordered()
    last = Task.objects.filter(plan=told.plan).latest("position")
    found = {model: model._default_manager.filter(case=told.order.case).count() for model in MODELS}
    for n in range(documents - sum(found.values())):
        last.pk, last.public_id, last.number = None, uuid4(), f"RWKG2099-{n:04d}"
        last.position += 1
        last.save(force_insert=True)
    tasks = list(Task.objects.filter(plan=told.plan).values_list("pk", flat=True))
    event = Event.objects.filter(case=told.order.case, verb="production.task.create").latest("pk")
    rows = Event.objects.filter(case=told.order.case).count()
    common = {
        name: getattr(event, name)
        for name in ("verb", "at", "actor_id", "case_id", "company_id", "subject_type")
    }
    Event.objects.bulk_create(
        (Event(**common, subject_id=tasks[n % len(tasks)]) for n in range(events - rows)), batch_size=500
    )
    by = told.by("buyer")
    for n in range(events // 20):
        papers.comment(told.order, text=f"第 {n} 次催货，厂家说在做", by=by)
    Heartbeat.objects.create(name="worker", beat_at=timezone.now() + timedelta(days=1))
    return {
        "order": f"/{told.order.path}/",
        "plan": f"/{told.plan.path}/",
        "session": session("sales_clerk"),
        "documents": documents,
        "events": Event.objects.filter(case=told.order.case).count(),
    }


MODELS = tuple(Document.registry.values())


def _public(ids: list[int]) -> list[str]:
    known = Order.objects.in_bulk(ids)
    return [str(known[pk].public_id) for pk in ids]


FILLERS = {"orders": orders, "items": items, "whole": whole}

if __name__ == "__main__":
    if sys.argv[1] == "house":
        house()
        print(json.dumps(None))
    else:
        print(json.dumps(FILLERS[sys.argv[1]](**json.loads(sys.argv[2]))))
