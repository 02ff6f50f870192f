"""The orders of the demo factory, each walked to its state through the real actions alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from catalog.models import Customer, Item
from config.demo.factory import DemoFactory
from config.demo.story import Story, call, scan
from flow.events import By
from orders import actions as orders
from orders.models import Order
from production import actions as production
from review import actions as review

# The main line: what is told, and how long it takes until the next thing.
LINE: tuple[tuple[str, timedelta], ...] = (
    ("received", timedelta(minutes=40)),
    ("confirmed", timedelta(minutes=30)),
    ("in_review", timedelta(hours=3)),
    ("approved", timedelta(hours=1)),
    ("quoted", timedelta(hours=20)),
    ("accepted", timedelta(hours=1)),
    ("contracted", timedelta(hours=5)),
    ("signed", timedelta(hours=3)),
    ("effective", timedelta(hours=2)),
    ("instructed", timedelta(minutes=30)),
    ("acknowledged", timedelta(hours=2)),
    ("planned", timedelta(hours=2)),
    ("tasks_accepted", timedelta(hours=1)),
    ("ordered_and_arrived", timedelta(hours=6)),
    ("materials_stocked", timedelta(hours=20)),
    ("made", timedelta(hours=4)),
    ("in_stock", timedelta(hours=20)),
    ("shipped", timedelta(hours=30)),
    ("settle", timedelta(hours=2)),
    ("completed", timedelta(hours=20)),
    ("archived", timedelta()),
)


@dataclass(frozen=True)
class Told:
    """One order of the demo: since when, what, for whom, how far, and what happened beside the main line."""

    days_ago: float
    lines: tuple[tuple[str, int], ...]
    customer: str
    until: str
    then: Callable[[Story], Any] | None = None
    fields: dict[str, Any] = field(default_factory=dict)


def refused_by_production(story: Story) -> None:
    """Production cannot make the date; the chair says so and sales asks the customer to wait."""
    round_, chair = story.round, story.by("order_desk")
    round_ = review.give_opinion(round_, by=chair, decision="feasible", seat="order_desk")
    late = story.order.delivery_on + timedelta(days=20)
    review.give_opinion(
        round_,
        by=story.by("prod_mgr"),
        decision="infeasible",
        seat="prod_mgr",
        earliest_on=late,
        opinion="产能已满",
    )
    review.decide(story.round, by=chair, decision="infeasible", opinion="生产部无法按期")
    orders.start_postpone(
        story.order, by=story.by("sales_clerk", hours=1), proposed_on=late, reason="装配线产能已排满"
    )


def decline_asked(story: Story) -> None:
    """The customer cannot wait; the general manager is asked not to take the order."""
    refused_by_production(story)
    orders.request_decline(story.order, by=story.by("sales_clerk", hours=3), **call("客户无法延期"))


def declined(story: Story) -> None:
    """The general manager lets the order go."""
    decline_asked(story)
    orders.approve_decline(story.order, by=story.by("gm", hours=5), opinion="同意不接")


def sent_back(story: Story) -> None:
    """The chair sends the order back to the clerk."""
    reasons = "图号与型号不一致,请核对后重新提交"
    review.return_for_rework(story.round, by=story.by("order_desk"), reasons=reasons)


def lost(story: Story) -> None:
    """Another manufacturer was cheaper."""
    orders.mark_lost(story.order, by=story.by("sales_clerk"), reason="客户选择了报价更低的厂家")


def cancelled(story: Story) -> None:
    """The customer's project was put off."""
    orders.cancel(story.order, by=story.by("sales_leader"), reason="用户项目缓建", proof=scan("取消函.pdf"))


def one_shipped(story: Story) -> None:
    """Half of it is on its way."""
    story.receipted(story.dispatched(story.notified(1)))


def notice_out(story: Story) -> None:
    """The shipping notice is with the finished goods store."""
    story.notified()


def all_gone(story: Story) -> None:
    """Everything has left; no receipt is back yet."""
    story.dispatched(story.notified())


def on_the_bench(story: Story) -> None:
    """The product has its material and is being assembled."""
    story.released()
    story.pick(story.product)
    production.work_order.start(story.product, by=story.by("team_leader"))


def complained(story: Story) -> None:
    """The customer calls: the service is asked for."""
    story.ticket(problem="柜门闭锁卡涩,请派人检查")


ORDERS: tuple[Told, ...] = (
    Told(0.02, (("KYN28A-12-1250", 6),), "C001", "received"),
    Told(0.1, (("VS1-12-1250", 12),), "D001", "confirmed"),
    Told(0.2, (("LZZBJ9-10-600", 60),), "C003", "in_review"),
    Told(1.2, (("KYN28A-12-1250", 2), ("XGN66-12-630", 1)), "C004", "in_review", sent_back),
    Told(1.5, (("XGN66-12-630", 3),), "D002", "in_review", refused_by_production),
    Told(4, (("XGN66-12-630", 8),), "D002", "in_review", declined),
    Told(1.4, (("KYN28A-12-1250", 12),), "C004", "in_review", decline_asked),
    Told(0.6, (("JDZ10-10", 30),), "C002", "approved"),
    Told(1.1, (("VS1-12-1250", 4),), "D001", "quoted"),
    Told(6, (("VS1-12-1250", 40),), "C004", "quoted", lost),
    Told(2.1, (("KYN28A-12-1250", 3),), "C001", "contracted"),
    Told(2.3, (("XGN66-12-630", 2),), "C003", "signed"),
    Told(1.9, (("LZZBJ9-10-600", 24),), "C001", "effective"),
    Told(2.2, (("KYN28A-12-1250", 2),), "C002", "effective"),
    Told(2.4, (("JDZ10-10", 12),), "D001", "instructed"),
    Told(2.6, (("VS1-12-1250", 3),), "C003", "planned"),
    Told(4, (("XGN66-12-630", 2),), "C001", "ordered_and_arrived"),
    Told(6, (("VS1-12-1250", 5),), "C002", "materials_stocked", on_the_bench),
    Told(7, (("KYN28A-12-1250", 1),), "C002", "materials_stocked"),
    Told(7, (("VS1-12-1250", 2),), "C004", "made"),
    Told(8, (("LZZBJ9-10-600", 9),), "C003", "in_stock"),
    Told(9, (("JDZ10-10", 6),), "D001", "in_stock", notice_out),
    Told(9, (("VS1-12-1250", 2),), "C001", "in_stock", one_shipped),
    Told(9, (("JDZ10-10", 3),), "C002", "in_stock", all_gone),
    Told(11, (("KYN28A-12-1250", 1),), "C001", "shipped"),
    Told(12, (("VS1-12-1250", 1),), "C003", "shipped", complained),
    Told(14, (("LZZBJ9-10-600", 6),), "C002", "completed"),
    Told(20, (("VS1-12-1250", 1),), "C004", "archived"),
    Told(3, (("XGN66-12-630", 1),), "D002", "quoted", cancelled),
)


def walk(*, at: datetime) -> list[Order]:
    """Walk every order to its state so that none of its moments lies after `at`. Returns the orders."""
    factory = DemoFactory()
    return [tell(factory, told, at) for told in ORDERS]


def tell(factory: DemoFactory, told: Told, at: datetime) -> Order:
    """Walk one order."""
    story = DemoStory(factory, told, at)
    for name, pause in LINE:
        getattr(story, name)()
        if name == told.until:
            break
        story.at = min(story.at + pause, at)
    if told.then:
        story.at = min(story.at + timedelta(hours=1), at - timedelta(hours=6) if told.days_ago > 1 else at)
        told.then(story)
    return story.order


class DemoStory(Story):
    """A story told with the goods and customers of the demo, its dates counted from its own first day."""

    def __init__(self, factory: DemoFactory, told: Told, at: datetime) -> None:
        super().__init__(factory, at=at - timedelta(days=told.days_ago), company=factory.kg)
        self.said, self.starts = told, at - timedelta(days=told.days_ago)

    def received(self) -> Any:
        """The order as the list of the demo has it."""
        lines = [{"item": Item.objects.get(code=code), "quantity": n} for code, n in self.said.lines]
        customer = Customer.objects.get(code=self.said.customer)
        return super().received(lines=lines, customer=customer, delivery_on=self.day(35), **self.said.fields)

    def day(self, later: int) -> date:
        """So many days after the order came in."""
        return (self.starts + timedelta(days=later)).date()

    def ordered_and_arrived(self) -> Any:
        """What has to be bought is bought and comes."""
        if self.order.requisitions.exists():
            self.arrived()

    def tasks_accepted(self) -> None:
        """Every department takes its task."""
        for task in self.plan.tasks.select_related("department__leader"):
            leader = task.department.leader
            if leader is None:
                raise LookupError(f"nobody leads {task.department}")
            production.task.accept(task, by=By(leader, self.at))

    def usual_tasks(self) -> list[dict[str, Any]]:
        """The tasks of the plan, counted from the day the order came in."""
        work = [("purchase", "PURCH", 3, 14), ("produce", "SHOP", 14, 22), ("assemble", "SHOP", 22, 28),
                ("inspect", "QC", 28, 30), ("pack", "PROD", 30, 32)]  # fmt: skip
        return [
            {
                "kind": kind,
                "department": self.department(code),
                "start_on": self.day(start),
                "finish_on": self.day(finish),
            }
            for kind, code, start, finish in work
        ]
