"""What is done until an order is planned: received, reviewed, quoted, signed, instructed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.models import Customer
from config.demo import scans
from config.demo.factory import DemoFactory, phrases
from config.demo.story import Story
from config.demo.told import Told
from desk import comments
from flow.events import By
from orders import actions as orders
from orders.models import Payment
from org.calendars import worktime
from org.models import Person
from production import actions as production
from production.models import Task
from review import actions as review
from review.models import Seat


class Front(Story):
    """An order as the list of the demo has it, from the first word to its plan."""

    factory: DemoFactory

    def __init__(self, factory: DemoFactory, said: Told, *, now: datetime, luck: Random) -> None:
        super().__init__(factory, at=now, company=factory.companies[said.company])
        self.said, self.now, self.luck = said, now, luck
        self.worktime = worktime(self.company)
        self.words = phrases()
        self._people: dict[str, Person] = {}

    # -- who, when, with which papers -----------------------------------------------------------------

    def by(self, role: str, **later: float) -> By:
        """Who holds the role, a few minutes after what was done before, never ahead of the present."""
        pause = timedelta(minutes=self.luck.randint(1, 4), **later)
        self.at = min(self.at + pause, self.now)
        return By(self._holder(role), self.at)

    def _holder(self, role: str) -> Person:
        """Of several who hold a post one looks after this order."""
        if role not in self._people:
            self._people[role] = self.luck.choice(self.factory.holders(role, self.company))
        return self._people[role]

    @property
    def customer(self) -> Customer:
        """Who ordered."""
        return self.factory.customers[self.said.customer]

    @property
    def signer(self) -> str:
        """The customer's man."""
        return self.customer.contact

    def scan(self, name: str) -> SimpleUploadedFile:
        """A paper about this customer."""
        return scans.paper(name, customer=self.customer.name, maker=self.company.name)

    def call(self, content: str) -> dict[str, str]:
        """A word with the customer's man."""
        party = f"{self.customer.name} {self.customer.contact}"
        return {
            "party": party,
            "channel": self.luck.choice(("phone", "phone", "message")),
            "content": content,
        }

    def workdays(self, later: int) -> date:
        """The day so many working days after the present one of the story."""
        return self.worktime.workdays_after(self.worktime.day_of(self.at), later)

    def one_of(self, name: str) -> Any:
        """One of the phrases of this name."""
        return self.luck.choice(self.words[name])

    def remark(self, deed: str) -> None:
        """Sometimes somebody has something to say about what was just done."""
        said = self.words["comments"].get(deed)
        if said and self.company == self.factory.kg and self.luck.random() < 0.45:
            role, text = self.luck.choice(said)
            comments.write(self.order, text=text, by=self.by(role))

    # -- order and review -----------------------------------------------------------------------------

    def received(self) -> Any:
        """The order as the list has it."""
        family = self.factory.items[self.said.lines[0][0]].family
        technical = self.luck.choice(self.words["technical"][family])
        quality = self.one_of("quality")
        lines = [
            {
                "item": self.factory.items[code],
                "quantity": quantity,
                "technical_requirement": technical,
                "quality_requirement": quality,
            }
            for code, quantity in self.said.lines
        ]
        head = {
            "customer": self.customer,
            "delivery_on": self.workdays(self.said.promised - self.said.hurry + self.luck.randint(2, 5)),
            "channel": self.one_of("channels"),
            "customer_reference": f"{self.at:%Y%m}-{self.luck.randint(100, 999)}",
            "remark": self.one_of("remarks"),
            **self.said.fields,
        }
        return super().received(lines=lines, **head)

    def confirmed(self) -> Any:
        """The clerk goes through the five requirements with the customer."""
        return super().confirmed(order_class=self.said.order_class)

    def opinions(self) -> None:
        """The seats that are open answer; where the review is slow, the last of them waits."""
        waiting = self._open_seats()
        for seat in waiting[:-1] if "second_opinions" in self.said.slow else waiting:
            self._answer(seat)

    def second_opinions(self) -> None:
        """Those who waited, and those who answer after the others."""
        while seats := self._open_seats():
            self._answer(seats[0])

    def approved(self) -> Any:
        """Where the general manager decides, he does, perhaps with conditions."""
        if self.round.manager_decides and self.said.conditions:
            given = {"decision": "conditional", "conditions": self.said.conditions}
            review.decide(self.round, by=self.by("gm"), opinion="同意承接", **given)
        return super().approved()

    def _open_seats(self) -> list[Seat]:
        rows = self.round.seats.filter(answered_at=None).exclude(opened_at=None)
        return list(rows.select_related("person"))

    def _answer(self, seat: Seat) -> None:
        by = By(seat.person, self.by(seat.role).at)
        opinion = self.words["opinions"].get(seat.role, "")
        review.give_opinion(self.round, by=by, decision="feasible", opinion=opinion, seat=seat.role)

    # -- quotation, contract, payment -----------------------------------------------------------------

    def quoted(self) -> Any:
        """List prices, or a discount that the leader approves; conditions are agreed before."""
        if self.order.conditions and not self.order.conditions_agreed:
            said = self.call("客户同意评审提出的条件")
            orders.agree_conditions(self.order, by=self.by("sales_clerk"), **said)
        if not self.said.discount:
            return super().quoted()
        prices = [
            {"line": n, "unit_price": self._less(self.factory.items[code].standard_price)}
            for n, (code, _quantity) in enumerate(self.said.lines, start=1)
        ]
        return super().quoted(prices=prices, reason="长期合作客户, 批量优惠")

    def contracted(self) -> Any:
        """The contract as agreed."""
        terms = "交货地点: 需方现场; 质保期: 验收后 18 个月。"
        return super().contracted(prepayment_percent=self.said.prepaid, terms=terms)

    def pay(self, amount: Decimal | int, **later: float) -> Payment:
        """Finance books what the bank tells."""
        by = self.by("finance", **later)
        made = orders.payment.create(
            by=by,
            order=self.order,
            amount=amount,
            received_on=self.worktime.day_of(by.at),
            method=self.luck.choice(("transfer", "transfer", "acceptance")),
            reference=f"YH{by.at:%y%m%d}{self.order.pk:05d}{self.luck.randint(10, 99)}",
        )
        return orders.payment.record(made, by=by)

    def _less(self, price: Decimal) -> Decimal:
        return (price * (100 - self.said.discount) / 100).quantize(Decimal("0.01"))

    # -- plan and tasks -------------------------------------------------------------------------------

    def usual_tasks(self) -> list[dict[str, Any]]:
        """The tasks of the plan on the working days that such an order takes, none after its date."""
        latest = self.order.delivery_on
        bought, made = self.said.arrival + 3, self.said.arrival + self.said.making
        parts = (("produce", "SHOP", bought, bought + 4),) if self.said.is_assembly else ()
        work = (
            ("purchase", "PURCH", 1, bought),
            *parts,
            ("assemble", "SHOP", bought + 4, made + 7),
            ("inspect", "QC", made + 7, made + 8),
            ("pack", "PROD", made + 8, made + 9),
        )
        return [
            {
                "kind": kind,
                "department": self.department(code),
                "start_on": min(self.workdays(start), latest),
                "finish_on": min(self.workdays(finish), latest),
            }
            for kind, code, start, finish in work
        ]

    def tasks_accepted(self) -> None:
        """The leaders take their tasks; some perhaps only later."""
        for kind, task in self.tasks.items():
            if kind not in self.said.late_tasks:
                production.task.accept(task, by=self._leader(task))

    def last_task_accepted(self) -> None:
        """The leaders who were slow take theirs too."""
        for task in self.tasks.values():
            if task.state == Task.State.ISSUED:
                production.task.accept(task, by=self._leader(task))

    def begin(self, *kinds: str) -> None:
        """Departments begin with their tasks."""
        for kind, task in self.tasks.items():
            if kind in kinds and task.state == Task.State.ACCEPTED:
                production.task.start(task, by=self._leader(task))

    def finish(self, *kinds: str) -> None:
        """Departments report their tasks done; the planner confirms."""
        for kind, task in self.tasks.items():
            if kind not in kinds or task.state not in (Task.State.ACCEPTED, Task.State.IN_PROGRESS):
                continue
            if task.state == Task.State.ACCEPTED:
                task = production.task.start(task, by=self._leader(task))
            reported = production.task.report_done(task, by=self._leader(task), result="按计划完成")
            production.task.confirm_done(reported, by=self.by(self.planner))

    def _leader(self, task: Task) -> By:
        leader = task.department.leader
        if leader is None:
            raise LookupError(f"nobody leads {task.department}")
        return By(leader, self.by(self.planner).at)
