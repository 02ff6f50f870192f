"""The demo factory as the story asks for it: who holds a role, and where things lie."""

from __future__ import annotations

from datetime import datetime, timedelta

from flow.events import By
from org.models import Company, Person


class DemoFactory:
    """The company KG of the demo; its people are found by the code of their role."""

    def __init__(self) -> None:
        self.kg = Company.objects.get(code="KG")

    def by(self, role: str, *, at: datetime, company: Company | None = None, **later: float) -> By:
        """The holder of `role`, acting at `at` or a little later."""
        return By(Person.objects.get(username=role), at + timedelta(**later))
