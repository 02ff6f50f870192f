"""Many orders and deadlines at once, past the actions but as the actions would have left them."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localtime

from catalog.models import Customer
from deadlines.models import Deadline
from deadlines.terms import OWNER
from flow.events import By
from flow.models import Case, Event, Series
from orders import actions
from orders.models import Order, OrderLine
from org.models import Company, Person
from tests.goods import Factory

State = Order.State
BATCH = 5_000
# The remark of orders on which the measurements' own clocks run.
CLOCKED = "clocked"
# How each state is reached: the verbs and the states they lead to.
RECEIVED = (("receive", State.RECEIVED),)
CONFIRMED = (*RECEIVED, ("confirm_requirements", State.CONFIRMED))
CANCELLED = (*CONFIRMED, ("cancel", State.CANCELLED))
# As in a house that works for years: most orders are over, a few are new.
MIX = (*(CANCELLED, CONFIRMED, CANCELLED, CANCELLED, CANCELLED) * 2, RECEIVED, CANCELLED)


@dataclass
class Mill:
    """Makes orders of the test's people; `at` is when the first of them came in, a minute before the next."""

    factory: Factory
    at: datetime

    def orders(
        self, count: int, *, paths: Sequence[Any] = MIX, remark: str = "", branch_every: int = 0
    ) -> list[int]:
        """Insert so many orders of two lines, their states turn by turn from `paths`; their ids.

        Every `branch_every`th order belongs to the small business unit, the others to the main company.
        """
        ids: list[int] = []
        customers = list(Customer.objects.order_by("pk"))
        turns = zip(cycle(paths), cycle(customers), strict=False)
        for first in range(0, count, BATCH):
            part = list(islice(turns, min(BATCH, count - first)))
            companies = [self._company(first + n, branch_every) for n in range(len(part))]
            with transaction.atomic():
                ids += self._insert(part, companies, remark)
        return ids

    def _company(self, n: int, branch_every: int) -> Company:
        return self.factory.ct if branch_every and n % branch_every == 0 else self.factory.kg

    def _insert(self, part: list[Any], companies: list[Company], remark: str) -> list[int]:
        numbers = self._numbers(companies)
        moments = [self.at + n * timedelta(minutes=1) for n in range(len(part))]
        self.at = moments[-1] + timedelta(minutes=1)
        cases = Case.objects.bulk_create(
            Case(company=company, opened_at=at, title=str(customer))
            for (_path, customer), company, at in zip(part, companies, moments, strict=True)
        )
        orders = Order.objects.bulk_create(
            Order(
                case=case,
                company=case.company,
                number=number,
                version=len(path),
                state=path[-1][1],
                created_at=case.opened_at,
                created_by=self.factory.person("sales_clerk", case.company),
                customer=customer,
                channel=Order.Channel.PHONE,
                delivery_on=(case.opened_at + timedelta(days=60)).date(),
                order_class="" if path is RECEIVED else Order.OrderClass.REGULAR,
                remark=remark,
            )
            for (path, customer), case, number in zip(part, cases, numbers, strict=True)
        )
        OrderLine.objects.bulk_create(line for order in orders for line in self._lines(order))
        self._events(orders, [path for path, _customer in part])
        return [order.pk for order in orders]

    def _lines(self, order: Order) -> Iterator[OrderLine]:
        for position, item in enumerate((self.factory.cabinet, self.factory.transformer), start=1):
            yield OrderLine(
                order=order,
                position=position,
                item=item,
                quantity=2,
                unit_price=38000,
                delivery_on=order.delivery_on,
                technical_requirement="按 GB/T 3906" if order.order_class else "",
                quality_requirement="出厂试验合格" if order.order_class else "",
            )

    def _events(self, orders: list[Order], paths: list[Any]) -> None:
        Event.objects.bulk_create(
            Event(
                verb=f"orders.order.{verb}",
                at=order.created_at,
                actor_id=order.created_by_id,
                case_id=order.case_id,
                company_id=order.company_id,
                subject_type=Order.label(),
                subject_id=order.pk,
                version=version,
                state_from=path[version - 2][1] if version > 1 else "",
                state_to=state,
            )
            for order, path in zip(orders, paths, strict=True)
            for version, (verb, state) in enumerate(path, start=1)
        )

    def _numbers(self, companies: Iterable[Company]) -> list[str]:
        """The next numbers of the orders' series, as `flow.numbering` would have given them."""
        companies = list(companies)
        period = f"{localtime(self.at):%Y}"
        last: dict[int, int] = {}
        for company, wanted in Counter(companies).items():
            key: dict[str, Any] = {"company": company, "kind": Order.label(), "period": period}
            Series.objects.get_or_create(**key)
            Series.objects.filter(**key).update(last=F("last") + wanted)
            last[company.pk] = Series.objects.get(**key).last - wanted
        numbers = []
        for company in companies:
            last[company.pk] += 1
            numbers.append(f"{Order.prefix}{company.code}{period}-{last[company.pk]:04d}")
        return numbers

    def deadlines(
        self, order_ids: Sequence[int], *, owners: Sequence[Person | None], later: Iterable[timedelta]
    ) -> datetime:
        """Give each clocked order an open deadline like one that the engine made, moved by a turn of `later`.

        Its owner is the next of `owners`; None leaves it to the clerks' post. Returns when the first step
        of an unmoved one falls due.
        """
        sample = self._sample()
        steps = cycle([_moved(sample, by) for by in later])
        for first in range(0, len(order_ids), BATCH):
            ids = order_ids[first : first + BATCH]
            orders = Order.objects.in_bulk(ids)
            first_events = Event.objects.filter(subject_type=Order.label(), subject_id__in=ids, version=1)
            events = {event.subject_id: event for event in first_events}
            turns = zip(ids, steps, islice(cycle(owners), first, None), strict=False)
            Deadline.objects.bulk_create(
                _belonging(step, orders[pk], events[pk], owner) for pk, step, owner in turns
            )
        assert sample.next_at is not None
        return sample.next_at

    def _sample(self) -> Deadline:
        """The row that the engine makes when an order comes in; the order itself is taken back."""
        with transaction.atomic():
            order = actions.receive(
                by=By(self.factory.person("sales_clerk"), self.at),
                company=self.factory.kg,
                customer=self.factory.customer,
                channel="phone",
                delivery_on=(self.at + timedelta(days=60)).date(),
                remark=CLOCKED,
                lines=[{"item": self.factory.cabinet, "quantity": 2, "unit_price": 38000}],
            )
            row = Deadline.objects.get(subject_type=Order.label(), subject_id=order.pk)
            transaction.set_rollback(True)
        return row


def _moved(sample: Deadline, by: timedelta) -> Deadline:
    row = copy.copy(sample)
    row._state = copy.copy(sample._state)
    # Every step is told to the owner, so that each round of a sweep does the same work.
    row.ladder = [
        {**step, "to": [OWNER], "at": (datetime.fromisoformat(step["at"]) + by).isoformat()}
        for step in sample.ladder
    ]
    row.next_at = sample.next_at + by if sample.next_at else None
    row.due_at, row.opens_at, row.opened_at = sample.due_at + by, sample.opens_at + by, sample.opened_at + by
    return row


def _belonging(step: Deadline, order: Order, event: Event, owner: Person | None) -> Deadline:
    row = copy.copy(step)
    row._state = type(step._state)()
    row.pk = None
    row.case_id, row.company_id, row.subject_id = order.case_id, order.company_id, order.pk
    row.path, row.started_by = order.path, event
    row.owner, row.owner_roles = owner, "" if owner else "|sales_clerk|"
    return row
