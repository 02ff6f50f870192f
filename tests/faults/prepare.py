"""What stands in the house before the fire: the demo factory, and orders of which the clocks run."""

from __future__ import annotations

from datetime import datetime, timedelta

from catalog.models import Customer, Item
from config.demo import house as demo
from flow.events import By
from org.models import Company, Person
from tests.story import Story

DELIVERY_IN_DAYS = 200


class Factory:
    """The demo factory as a story asks for it; there a person's log-in name is their role."""

    def __init__(self) -> None:
        self.kg = Company.objects.get(code="KG")
        self.customer = Customer.objects.get(code="C001")
        self.cabinet = Item.objects.get(code="VS1-12-1250")

    def by(self, role: str, *, at: datetime, company: Company, **later: float) -> By:
        """The holder of the role, acting at `at` or a little later."""
        return By(Person.objects.get(username=role), at + timedelta(**later))


def house(*, at: datetime) -> None:
    """The companies, people and goods of the demo, who hold their posts from the day before `at`."""
    demo.build(at=at, since=at.date() - timedelta(days=1))


def effective(*, at: datetime, issued_at: datetime | None = None) -> int:
    """The id of an order that took effect at `at`; its instruction was issued at `issued_at`, if at all."""
    story = Story(Factory(), at=at)  # type: ignore[arg-type]
    story.received(delivery_on=at.date() + timedelta(days=DELIVERY_IN_DAYS))
    story.effective()
    if issued_at is not None:
        story.at = issued_at
        story.instructed()
    return story.order.pk
