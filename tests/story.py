"""An order carried along by the people whose turn it is, in domain words: `story.effective()`.

Every step is done once; a step asks for the steps before it, so a test begins where its subject begins.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from flow.events import By
from flow.models import Document
from orders import actions as orders
from orders.models import Order
from org.models import Company
from tests.goods import Factory
from tests.people import NINE

DELIVERY = date(2026, 6, 30)


def scan(name: str = "scan.pdf") -> SimpleUploadedFile:
    """A file as a clerk uploads it."""
    return SimpleUploadedFile(name, b"%PDF-1.7 signed", content_type="application/pdf")


def call(content: str = "谈妥") -> dict[str, str]:
    """A telephone call as the contact form takes it."""
    return {"party": "华东电力公司 王工", "channel": "phone", "content": content}


def step(method: Callable[..., Any]) -> Callable[..., Any]:
    """Do the decorated step only once in a story; it always returns the story."""

    @wraps(method)
    def once(story: Story, *args: Any, **kwargs: Any) -> Story:
        if method.__name__ not in story.told:
            method(story, *args, **kwargs)
            story.told.add(method.__name__)
        return story

    return once


class Story:
    """One order of two cabinets (unless said otherwise) of company KG, told step by step."""

    def __init__(self, factory: Factory, *, at: datetime = NINE, company: Company | None = None) -> None:
        self.factory = factory
        self.at = at
        self.company = company or factory.kg
        self.told: set[str] = set()
        self._order_id = 0

    # -- telling ----------------------------------------------------------------------------------

    def by(self, role: str, **later: float) -> By:
        """The holder of `role` in the order's company, acting now in the story (or a little later)."""
        return self.factory.by(role, at=self.at, company=self.company, **later)

    def later(self, **span: float) -> Story:
        """Let time pass: `story.later(hours=4)`."""
        self.at += timedelta(**span)
        return self

    @property
    def order(self) -> Order:
        """The order as it stands now."""
        return Order.objects.select_related("company", "case").get(pk=self._order_id)

    @property
    def lines(self) -> list[Any]:
        """The lines of the order."""
        return list(self.order.lines.select_related("item"))

    def the(self, model: type[Document], **said: Any) -> Any:
        """The one document of that type in the order's case, as it stands now."""
        rows = model._default_manager.select_related("company", "case")
        return rows.get(case=self.order.case, **said)

    # -- orders: from the first word to the effect --------------------------------------------------

    @step
    def received(self, *, lines: list[dict[str, Any]] | None = None, **fields: Any) -> None:
        """A sales clerk registers the order."""
        given = {"customer": self.factory.customer, "channel": "phone", "delivery_on": DELIVERY, **fields}
        lines = lines or [{"item": self.factory.cabinet, "quantity": 2, "unit_price": 38000}]
        order = orders.receive(by=self.by("sales_clerk"), company=self.company, lines=lines, **given)
        self._order_id = order.pk

    @step
    def confirmed(self, *, order_class: str = "regular") -> None:
        """The clerk confirms the five requirements with the customer."""
        self.received()
        orders.confirm_requirements(
            self.order,
            by=self.by("sales_clerk"),
            order_class=order_class,
            confirmed_with="王工",
            channel="phone",
            technical_requirement="按 GB/T 3906",
            quality_requirement="出厂试验合格",
            confirmation=scan() if self.order.is_project else None,
        )

    @step
    def in_review(self) -> None:
        """The clerk asks for the review."""
        self.confirmed()
        orders.submit_review(self.order, by=self.by("sales_clerk"))
