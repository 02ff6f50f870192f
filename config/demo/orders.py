"""The orders of the demo: which there are, and how all of them are told together, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from config.demo import errands
from config.demo.clocks import Clocks
from config.demo.course import LINE
from config.demo.deeds import DemoStory
from config.demo.deeds import changes as c
from config.demo.deeds import turns as t
from config.demo.factory import DemoFactory, phrases
from config.demo.told import Told
from integration import notices
from integration.models import Notice
from orders.models import Order
from org.calendars import worktime
from org.models import Company, Person

SEED = 20260318
CLOSED = 14
# Notices of the last two days are still unread.
READ = timedelta(days=2)
KYN, XGN, GGD, GCK, YBM = "KYN28A-12-1250", "XGN66-12-630", "GGD-0.4-2500", "GCK-0.4-3150", "YBM-12-630"
VS1, FZW, CT, PT, PCM, LOCK = "VS1-12-1250", "FZW28-12", "LZZBJ9-10-600", "JDZ10-10", "PCM-8201", "DSN-BMY"
ODD = {"order_class": "non_regular"}
IMPORTANT = {"fields": {"is_important": True}}


def one(item: str, quantity: int, customer: str, until: str, ago: float, **said: Any) -> Told:
    """An order of a single line."""
    return Told(((item, quantity),), customer, until, ago, **said)


def several(lines: tuple[tuple[str, int], ...], customer: str, until: str, ago: float, **said: Any) -> Told:
    """An order of several lines."""
    return Told(lines, customer, until, ago, **said)


def project(number: int) -> dict[str, Any]:
    """The head of a project order."""
    return {"fields": {"is_project": True, "project_name": phrases()["projects"][number]}}


def ticking(ago: float) -> dict[str, Any]:
    """A clock runs since so many hours."""
    return {"ago": ago, "on_the_clock": True}


# By the state in which each order stands; the first of each state makes the small demo of the tests.
PRESENT: dict[str, tuple[Told, ...]] = {
    "received": (
        one(GCK, 12, "C005", "received", **ticking(0.4)),
        one(KYN, 6, "C001", "received", 5),
    ),
    "confirmed": (
        one(VS1, 12, "D001", "confirmed", 2),
        several(((YBM, 2), (GGD, 8)), "C007", "confirmed", 6, **project(3)),
    ),
    "in_review": (
        one(CT, 60, "C003", "in_review", **ticking(2.5)),
        one(GGD, 10, "C009", "in_review", 30),
        several(((KYN, 8), (GGD, 14)), "C005", "opinions", 5, **project(1)),
        one(YBM, 1, "C010", "in_review", 3, **ODD),
        one(GGD, 6, "C006", "in_review", 5, tail=t.AGREED),
    ),
    "returned": (several(((KYN, 2), (XGN, 1)), "C004", "in_review", 4, tail=t.SENT_BACK),),
    "postponing": (one(XGN, 3, "D002", "in_review", 6, tail=t.POSTPONING),),
    "decline_pending": (one(KYN, 12, "C004", "in_review", 3, tail=t.DECLINE_ASKED),),
    "declined": (one(XGN, 8, "D002", "in_review", 50, tail=t.DECLINED),),
    "approved": (
        one(PT, 30, "C002", "approved", 4),
        one(GCK, 5, "C010", "approved", 7, conditions="断路器改用国产型号; 交期延后十天", **ODD),
    ),
    "quoted": (
        one(PCM, 10, "C006", "quoted", 9, discount=3, tail=t.REQUOTED),
        one(VS1, 4, "D001", "quoted", 6),
    ),
    "lost": (
        one(VS1, 40, "C004", "quoted", 40, tail=t.LOST),
        one(LOCK, 60, "D003", "quoted", 90, tail=t.LOST),
    ),
    "contracting": (
        one(FZW, 6, "C007", "contracted", 12),
        one(KYN, 3, "C001", "contracted", 5, **IMPORTANT),
    ),
    "signed": (
        one(XGN, 2, "C003", "signed", 6),
        several(((KYN, 4), (GGD, 6)), "C003", "signed", 10, prepaid=20, **project(0)),
    ),
    "effective": (
        one(GGD, 4, "D003", "effective", **ticking(26)),
        one(CT, 24, "C001", "effective", **ticking(0.8)),
        one(KYN, 2, "C002", "effective", **ticking(3.3)),
        one(PCM, 6, "C008", "effective", **ticking(4.8)),
    ),
    "instructed": (
        one(FZW, 4, "C006", "acknowledged", **ticking(3.4)),
        one(PT, 12, "D001", "instructed", tail=c.TAKEN, **ticking(0.3)),
        one(LOCK, 30, "C009", "acknowledged", **ticking(7)),
        one(GCK, 4, "C005", "instructed", **ticking(21)),
    ),
    "planned": (
        one(VS1, 3, "C003", "planned", **ticking(3)),
        one(XGN, 4, "C010", "planned", 3, hurry=6, tail=c.TO_CUSTOMER),
        one(KYN, 2, "C001", "tasks_accepted", 20, tail=t.OBJECTED, late_tasks=("assemble",)),
    ),
    "procuring": (
        one(FZW, 3, "D001", "goods_arrived", **ticking(20)),
        one(YBM, 1, "C007", "requested", 6),
        one(GCK, 2, "C001", "requested", 4, tail=t.TO_APPROVE),
        one(GGD, 3, "C008", "ordered", 5, tail=c.IN_REVIEW),
        one(XGN, 2, "C001", "supplier_confirmed", 6),
        several(((KYN, 2), (XGN, 2)), "C002", "supplier_called", 90, discount=4, hurry=8),
        one(CT, 9, "C003", "goods_arrived", **ticking(2), company="HG"),
        one(PCM, 5, "C002", "goods_arrived", **ticking(6.6)),
        one(VS1, 4, "C010", "goods_arrived", 5, tail=t.SOME_FAILED),
        one(GGD, 2, "C006", "materials_stocked", 6),
        one(KYN, 1, "C002", "parts_started", 4),
    ),
    "producing": (
        one(VS1, 5, "C002", "product_started", 7, tail=c.COLOUR_CHANGED),
        one(GCK, 2, "C009", "parts_made", 8, tail=t.SHORT),
        one(YBM, 1, "C006", "product_started", 80, slow={"goods_arrived": 40}, hurry=8),
        one(XGN, 1, "D003", "product_submitted", 4, tail=t.SENT_TO_SHOP),
    ),
    "inspecting": (
        one(VS1, 2, "C004", "product_submitted", 4),
        one(FZW, 2, "C007", "product_passed", 50, slow={"product_submitted": 24}, hurry=8),
    ),
    "stocked": (
        one(LOCK, 20, "D002", "effective", 6, tail=t.FROM_STOCK),
        one(CT, 9, "C003", "products_stocked", 6, company="HG"),
        one(PT, 6, "C006", "products_stocked", 5, tail=t.NOTICE_DRAFT, hurry=9),
    ),
    "shipping": (
        one(PT, 6, "D001", "notice_issued", 4),
        one(GGD, 2, "C005", "notice_issued", 6, tail=t.DELAYED),
    ),
    "partially_shipped": (one(VS1, 2, "C001", "products_stocked", 5, tail=t.HALF_GONE),),
    "shipped": (
        one(PCM, 2, "D003", "carrier_signed", **ticking(27)),
        one(PT, 3, "C002", "sent_off", 3),
        one(CT, 12, "C008", "carrier_signed", **ticking(0.6), company="HG"),
        one(XGN, 1, "C004", "customer_told", 20, slow={"goods_arrived": 24}, hurry=8),
    ),
    "after_sales": (
        one(VS1, 1, "C003", "customer_signed_receipt", tail=t.CALLED, **ticking(0.5)),
        one(FZW, 1, "D001", "shipments_closed", tail=t.CALLED, **ticking(2.2)),
        one(LOCK, 16, "C001", "shipments_closed", tail=t.HANDED_OVER, **ticking(1.7)),
        one(PT, 4, "C005", "shipments_closed", 5, tail=t.CONTACTED),
        one(KYN, 1, "C001", "shipments_closed", 6),
        one(GGD, 1, "C010", "invoice_asked", 4),
        one(PCM, 3, "C001", "invoice_sent", 60),
    ),
    "completed": (
        one(CT, 6, "C002", "completed", 6),
        one(VS1, 2, "D003", "answered", 5),
    ),
    "closed": (one(VS1, 1, "C004", "archived", 6, slow={"instructed": 5}, late_tasks=("purchase",)),),
    "cancelled": (
        one(XGN, 1, "D002", "quoted", 30, tail=t.CANCELLED),
        one(FZW, 2, "C010", "requested", 40, tail=t.CANCELLED),
    ),
}
# What the group delivered in the last months, with how many of it at most.
SOLD = ((VS1, 4), (CT, 24), (PT, 12), (PCM, 6), (LOCK, 20), (FZW, 3), (GGD, 2), (XGN, 2), (CT, 30), (PT, 18))
# What was late now and then, a department each: by how many hours, and in what share of the orders.
LATENESS: tuple[tuple[str, float, float], ...] = (
    ("second_opinions", 23, 0.3), ("instructed", 4.2, 0.16), ("planned", 4, 0.2),
    ("supplier_called", 22, 0.3), ("goods_inspected", 7, 0.14), ("customer_told", 17, 0.3),
    ("goods_arrived", 30, 0.2), ("product_submitted", 26, 0.2),
)  # fmt: skip
# In what share of the orders a department answers late to its task.
LATE_TASKS = 0.15
KINDS = ("purchase", "produce", "assemble", "inspect", "pack")
# How an order ends that was served before it was paid.
AFTER_SERVICE = LINE[next(n for n, part in enumerate(LINE) if "invoice_asked" in part.names) :]


def past(luck: Random) -> Iterator[Told]:
    """Orders that were carried out to the end, each with what was late in it."""
    customers = [f"C{n:03d}" for n in range(1, 11)] + ["D001", "D002", "D003"]
    for n in range(CLOSED):
        item, most = luck.choice(SOLD)
        tail = t.SERVED if n % 5 == 2 else ()
        yield one(
            item,
            luck.randint(1, most),
            luck.choice(customers),
            "shipments_closed" if tail else "archived",
            ago=8 + n * 11 + luck.randint(0, 6),
            tail=(*tail, *AFTER_SERVICE) if tail else (),
            discount=luck.choice((0, 0, 0, 2, 3)),
            hurry=luck.choice((0, 0, 4, 7)),
            prepaid=luck.choice((20, 30, 30, 50)),
            company="HG" if item in (CT, PT) and luck.random() < 0.6 else "KG",
        )


def everything(luck: Random, *, small: bool = False) -> list[tuple[str, Told]]:
    """The orders with the states they are to end in; the small demo has one of each state."""
    if small:
        return [(state, group[0]) for state, group in PRESENT.items()]
    closed = [("closed", told) for told in past(luck)]
    present = [(state, told) for state, group in PRESENT.items() for told in group]
    return [(state, with_lateness(told, luck)) for state, told in (*closed, *present)]


def with_lateness(told: Told, luck: Random) -> Told:
    """The order with what happened to be late in it; what its row says itself stays."""
    late = {name: hours for name, hours, share in LATENESS if luck.random() < share}
    tasks = tuple(kind for kind in KINDS if luck.random() < LATE_TASKS)
    return replace(told, slow=late | dict(told.slow), late_tasks=told.late_tasks or tasks)


@dataclass(frozen=True, order=True)
class Step:
    """A deed of an order at its moment; orders that act at the same moment follow each other as listed."""

    at: datetime
    order: int
    place: int
    deed: str = field(compare=False)


def plan(*, now: datetime, small: bool = False, seed: int = SEED) -> tuple[list[Told], list[Step]]:
    """The orders, and all their deeds in the order of time. Pure but for the calendars it reads."""
    told = [one for _state, one in everything(Random(seed), small=small)]
    calendars = {company.code: worktime(company) for company in Company.objects.exclude(parent=None)}
    steps = []
    for number, one in enumerate(told):
        luck = Random(f"{seed}/{number}")
        moments = one.moments(worktime=calendars[one.company], now=now, luck=luck)
        steps += [Step(at, number, place, deed) for place, (at, deed) in enumerate(moments)]
    if not small:
        by_hand = errands.moments(worktime=calendars["KG"], now=now)
        steps += [Step(at, len(told), place, deed) for place, (at, deed) in enumerate(by_hand)]
    return told, sorted(steps)


def walk(*, now: datetime, small: bool = False, seed: int = SEED) -> list[Order]:
    """Tell all orders together up to `now`, while the clocks ring as they did then. Returns the orders.

    Raises the refusal of whatever could not be done.
    """
    told, steps = plan(now=now, small=small, seed=seed)
    factory, clocks = DemoFactory(), Clocks()
    stories = [
        DemoStory(factory, one, now=now, luck=Random(f"{seed}/story/{number}"))
        for number, one in enumerate(told)
    ]
    tellers: list[Any] = [*stories, errands.Errands(factory)]
    for step in steps:
        clocks.ring_until(step.at)
        teller = tellers[step.order]
        teller.at = max(step.at, teller.at) if step.place else step.at
        getattr(teller, step.deed)()
        teller.remark(step.deed)
    clocks.ring_until(now)
    read_up_to(now - READ)
    return [story.order for story in stories]


def read_up_to(at: datetime) -> None:
    """What is older was read long ago."""
    for person in Person.objects.filter(pk__in=Notice.objects.values("person")):
        old = Notice.objects.filter(person=person, at__lt=at).values_list("pk", flat=True)
        notices.mark_read(person, at=at, ids=old)
