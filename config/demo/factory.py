"""The demo factory as the story asks for it: who holds a role, and where things lie."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from catalog.models import Customer, Item
from flow.events import By
from org.models import Company, Membership, Person


class DemoFactory:
    """The companies of the demo; a person is found by the role they hold there, else at the group."""

    def __init__(self) -> None:
        self.companies = {company.code: company for company in Company.objects.all()}
        self.kg = self.companies["KG"]
        self.customers = {customer.code: customer for customer in Customer.objects.all()}
        self.items = {item.code: item for item in Item.objects.all()}
        rows = Membership.objects.select_related("person__department", "company").order_by("pk")
        self._people: dict[tuple[int | None, str], list[Person]] = defaultdict(list)
        for row in rows:
            place = None if row.company.kind == Company.Kind.GROUP else row.company_id
            self._people[place, row.role].append(row.person)

    @property
    def customer(self) -> Customer:
        """Whose orders they are unless said otherwise."""
        return self.customers["C001"]

    @property
    def cabinet(self) -> Item:
        """What is ordered unless said otherwise."""
        return self.items["KYN28A-12-1250"]

    def holders(self, role: str, company: Company) -> list[Person]:
        """Who holds the role in the company, else at the group. Raises LookupError for an empty post."""
        found = self._people.get((company.pk, role)) or self._people.get((None, role))
        if not found:
            raise LookupError(f"nobody is {role} in {company}")
        return found

    def by(self, role: str, *, at: datetime, company: Company | None = None, **later: float) -> By:
        """The holder of `role`, acting at `at` or a little later."""
        return By(self.holders(role, company or self.kg)[0], at + timedelta(**later))


@cache
def phrases() -> dict[str, Any]:
    """What people of the factory say."""
    return json.loads((Path(__file__).parent / "phrases.json").read_text(encoding="utf-8"))
