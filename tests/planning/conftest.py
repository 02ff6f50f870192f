"""A company with a calendar of plain days, a planner, items, bills and stock, in the words of the shop."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import (
    Balance,
    BomLine,
    BomVersion,
    Item,
    Location,
    Lot,
    Reservation,
    Unit,
    Warehouse,
)
from catalog.stock import Subject
from flow.events import By
from flow.models import Case
from org.models import Company, Person
from planning import ledger, needs
from planning.ledger import Announcement
from planning.models import Kind

ON = date(2026, 3, 2)
DUE = date(2026, 6, 30)
ORDER = Subject("procurement.purchase_order_line", 1)
AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


class EveryDay:
    """A calendar in which every day is a working day."""

    def workdays_before(self, day: date, days: int) -> date:
        return day - timedelta(days)


def line(number: int) -> Subject:
    """An order line, as the ledger and reservations name it."""
    return Subject("orders.order_line", number)


@dataclass
class Shop:
    """One company of the group, with short words for what the tests set up."""

    company: Company
    by: By
    unit: Unit
    case: Case
    items: dict[str, Item] = field(default_factory=dict)

    def item(self, code: str, source: str = "buy", **facts: object) -> Item:
        self.items[code] = Item.objects.create(
            code=code, name=code, unit=self.unit, make_or_buy=source, **facts
        )
        return self.items[code]

    def bill(
        self, code: str, parts: dict[str, str], *, number: int = 1, issued: bool = True, **dates: object
    ) -> None:
        said = {"state": "issued", "issued_by": self.by.actor, "issued_at": AT} if issued else {}
        version = BomVersion.objects.create(item=self.items[code], number=number, **said, **dates)
        for part, quantity in parts.items():
            BomLine.objects.create(version=version, component=self.items[part], quantity=Decimal(quantity))

    def stock(
        self,
        code: str,
        quantity: str,
        *,
        company: Company | None = None,
        kind: str = "raw",
        status: str | None = None,
        held: dict[Subject, str] | None = None,
    ) -> Balance:
        company = company or self.company
        store = f"{company.code}-{kind}"
        warehouse, _ = Warehouse.objects.get_or_create(
            code=store, defaults={"company": company, "name": store, "kind": kind}
        )
        number = f"L{Balance.objects.count()}"
        location = Location.objects.create(warehouse=warehouse, code=number)
        lot = None
        if status:
            lot = Lot.objects.create(item=self.items[code], number=number, status=status, received_on=ON)
        taken = {subject: Decimal(part) for subject, part in (held or {}).items()}
        balance = Balance.objects.create(
            item=self.items[code],
            location=location,
            lot=lot,
            quantity=Decimal(quantity),
            reserved=sum(taken.values(), Decimal(0)),
        )
        for subject, part in taken.items():
            Reservation.objects.create(
                balance=balance,
                subject_type=subject.type,
                subject_id=subject.id,
                quantity=part,
                left=part,
                by=self.by.actor,
                at=AT,
            )
        return balance

    def announcement(
        self,
        code: str,
        quantity: str,
        *,
        kind: Kind = Kind.ON_ORDER,
        due_on: date = DUE,
        source: Subject = ORDER,
        peg: Subject | None = None,
    ) -> Announcement:
        return Announcement(
            kind=kind,
            item_id=self.items[code].pk,
            quantity=Decimal(quantity),
            due_on=due_on,
            source=source,
            case_id=self.case.pk,
            peg=peg,
        )

    def announce(self, code: str, quantity: str, **rest: Any) -> None:
        ledger.post(
            company=self.company, announcements=[self.announcement(code, quantity, **rest)], by=self.by
        )

    def open(self) -> list[tuple[str, str, Decimal, date]]:
        rows = ledger.open_by_item(company=self.company, item_ids=[item.pk for item in self.items.values()])
        return [
            (row.item.code, row.kind, row.quantity, row.due_on) for found in rows.values() for row in found
        ]

    def needs(self, *demands: tuple[int, str, str], on: date = ON) -> needs.NetNeeds:
        return needs.net_needs(
            company=self.company,
            demands=[
                (line(number), self.items[code].pk, Decimal(quantity), DUE)
                for number, code, quantity in demands
            ],
            on=on,
            calendar=EveryDay(),
        )

    def named(self, suggestions: list) -> dict[str, Decimal]:
        codes = {item.pk: code for code, item in self.items.items()}
        sums: dict[str, Decimal] = {}
        for suggestion in suggestions:
            code = codes[suggestion.item]
            sums[code] = sums.get(code, Decimal(0)) + suggestion.quantity
        return sums


@pytest.fixture
def shop(db) -> Shop:
    company = Company.objects.create(code="SW", name="成套事业部", kind=Company.Kind.values[0])
    planner = Person.objects.create(username="planner", name="王计划")
    case = Case.objects.create(company=company, opened_at=AT)
    return Shop(company, By(planner, AT), Unit.objects.create(code="pc", name="台"), case)


@pytest.fixture
def cabinet(shop: Shop) -> Shop:
    """A cabinet of a welded frame and two breakers; steel for the frame; screws in a set never stored."""
    shop.item("KYN28", "make", lead_time_days=10)
    shop.item("frame", "make", lead_time_days=5)
    shop.item("VS1", "buy", lead_time_days=30)
    shop.item("steel", "buy", lead_time_days=20)
    shop.item("screw set", "phantom")
    shop.item("screw", "buy", min_lot=Decimal(100), lot_multiple=Decimal(50))
    shop.bill("KYN28", {"frame": "1", "VS1": "2", "screw set": "3"})
    shop.bill("frame", {"steel": "12.5"})
    shop.bill("screw set", {"screw": "8"})
    return shop
