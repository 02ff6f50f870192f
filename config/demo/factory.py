"""The demo factory as the story asks for it: who holds a role, and where things lie."""

from __future__ import annotations

from datetime import datetime, timedelta

from catalog.models import Customer, Item
from flow.events import By
from org.models import Company, Person


class DemoFactory:
    """The company KG of the demo; its people are found by the code of their role."""

    def __init__(self) -> None:
        self.kg = Company.objects.get(code="KG")
        self.customer = Customer.objects.get(code="C001")
        self.cabinet = Item.objects.get(code="KYN28A-12-1250")

    def by(self, role: str, *, at: datetime, company: Company | None = None, **later: float) -> By:
        """The holder of `role`, acting at `at` or a little later."""
        return By(Person.objects.get(username=role), at + timedelta(**later))
