"""Builds the organisation and the goods of the demo factory from the two fixtures beside this file."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from catalog import stock
from catalog.models import (
    BomLine,
    BomVersion,
    Carrier,
    Customer,
    Item,
    Location,
    Lot,
    PriceList,
    PriceListLine,
    Supplier,
    SupplierItem,
    Unit,
    Warehouse,
)  # fmt: skip
from catalog.stock.terms import Move, Opening
from deadlines.models import TimedRule
from flow.events import By
from org.models import Company, Department, Membership, Person
from org.roles import Role

HERE = Path(__file__).parent
PASSWORD = "demo-2026"
WAREHOUSES = {"raw": "原材料库", "finished": "成品库", "quarantine": "待检区", "in_process": "车间在制"}


def fixture(name: str) -> Any:
    """The content of a fixture file of the demo."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def build(*, at: datetime, since: date) -> None:
    """Set up companies, people, goods and opening stock, as of `at`; posts are held from the day `since`."""
    with transaction.atomic():
        _companies()
        _people(since)
        _goods(since, at)
        _opening_stock(at)
        # The house has kept its rules since its first day, so that its past can be checked against them.
        TimedRule.objects.update(since=at)


def _companies() -> None:
    for row in fixture("people")["companies"]:
        parent = Company.objects.get(code=row["parent"]) if "parent" in row else None
        kept = {name: value for name, value in row.items() if name != "parent"}
        Company.objects.create(parent=parent, **kept)


def _people(since: date) -> None:
    password = make_password(PASSWORD)
    leaders: list[tuple[Department, str]] = []
    for row in fixture("people")["departments"]:
        company = Company.objects.get(code=row.get("company", "KG"))
        department = Department.objects.create(
            company=company, code=row["code"], name=row["name"], alias=row["alias"]
        )
        leaders.append((department, row["leader"]))
        for username, name, roles in _staff(row):
            person = _person(username, name, roles, department, password)
            Membership.objects.bulk_create(
                Membership(
                    person=person, role=role, company=where, starts_on=since,
                    department=department if where == company else None,
                )
                for role in roles for where in _companies_of(role, company)
            )  # fmt: skip
    for department, username in leaders:
        department.leader = Person.objects.get(username=username)
        department.save(update_fields=["leader"])
    _direct_leaders()


def _staff(row: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """Who works in a department: log-in name, name and posts (in KG the post is the log-in name)."""
    single = [(role, name, [role]) for role, name in row.get("roles", {}).items()]
    return single + [(username, name, posts.split()) for username, name, posts in row.get("people", [])]


def _person(username: str, name: str, roles: list[str], department: Department, password: str) -> Person:
    return Person.objects.create(
        username=username,
        name=name,
        password=password,
        department=department,
        is_staff=Role.ADMIN in roles,
        email=f"{username}@example.com",
        phone=f"0510-8276{1000 + Person.objects.count() * 7}",
    )


def _companies_of(role: str, home: Company) -> list[Company]:
    """The project people work for the business unit too; the administrator looks after the whole group."""
    if role == Role.ADMIN:
        return [Company.objects.get(code="G")]
    return [home]


def _direct_leaders() -> None:
    """Everybody under the department's leader, those under the company's head, he under the group's."""
    departments = Department.objects.select_related("leader", "company__parent")
    heads = {department.company_id: department.leader for department in departments.filter(code="MGMT")}
    group = departments.get(code="GROUP").leader
    for department in departments:
        above = heads.get(department.company_id, group)
        for person in department.people.all():
            ranks = (department.leader, above, group)
            person.direct_leader = next((up for up in ranks if up not in (None, person)), None)
            person.save(update_fields=["direct_leader"])


def _goods(since: date, at: datetime) -> None:
    data = fixture("goods")
    units = {code: Unit.objects.create(code=code, name=name) for code, name in data["units"].items()}
    parties: tuple[tuple[Any, str], ...] = (
        (Supplier, "suppliers"),
        (Customer, "customers"),
        (Carrier, "carriers"),
    )
    for model, rows in parties:
        model._default_manager.bulk_create(model(**row) for row in data[rows])
    for row in data["items"]:
        _item(row, units)
    prices = PriceList.objects.create(code="STD", name="公司报价表")
    priced = Item.objects.filter(standard_price__gt=0, material_class=Item.MaterialClass.PRODUCT)
    PriceListLine.objects.bulk_create(
        PriceListLine(price_list=prices, item=item, price=item.standard_price, valid_from=since)
        for item in priced
    )
    issuer = Person.objects.get(username=Role.TECH_LEADER)
    for code, lines in data["bills"].items():
        _bill(code, lines, issuer, since, at)
    for company in Company.objects.exclude(parent=None):
        _warehouses(company)


def _item(row: dict[str, Any], units: dict[str, Unit]) -> None:
    bought = "supplier" in row
    item = Item.objects.create(
        code=row["code"],
        name=row["name"],
        spec=row["spec"],
        unit=units[row["unit"]],
        family=row.get("family", "none"),
        material_class=row["class"],
        make_or_buy=Item.Source.BUY if bought else Item.Source.MAKE,
        lead_time_days=row["lead"],
        lot_tracked=bought,
        standard_price=Decimal(str(row.get("cost") or row["price"])),
    )
    if bought:
        SupplierItem.objects.create(
            item=item,
            supplier=Supplier.objects.get(code=row["supplier"]),
            price=Decimal(str(row["cost"])),
            lead_time_days=row["lead"],
            is_preferred=True,
        )


def _bill(code: str, lines: list[list[Any]], issuer: Person, since: date, at: datetime) -> None:
    version = BomVersion.objects.create(
        item=Item.objects.get(code=code), number=1, state=BomVersion.State.ISSUED, valid_from=since,
        issued_by=issuer, issued_at=at,
    )  # fmt: skip
    BomLine.objects.bulk_create(
        BomLine(
            version=version,
            position=10 * n,
            component=Item.objects.get(code=part),
            quantity=Decimal(str(quantity)),
        )
        for n, (part, quantity) in enumerate(lines, start=1)
    )


def _warehouses(company: Company) -> None:
    for kind, name in WAREHOUSES.items():
        warehouse = Warehouse.objects.create(
            company=company, code=f"{company.code}-{kind}", name=name, kind=kind
        )
        Location.objects.create(warehouse=warehouse, code="01")


def _opening_stock(at: datetime) -> None:
    """What lies in the stores on the first day, by company: material, and finished products."""
    number = 0
    for kind, keeper, name in (
        ("raw", Role.STOREKEEPER, "opening_stock"),
        ("finished", Role.FG_KEEPER, "finished_stock"),
    ):
        for code, quantities in fixture("goods")[name].items():
            place = Location.objects.get(warehouse__company__code=code, warehouse__kind=kind)
            posts = Membership.objects.filter(role=keeper, company__code=code).select_related("person")
            holder = posts.order_by("pk")[0].person
            for item_code, quantity in quantities.items():
                number += 1
                _put(place, Item.objects.get(code=item_code), Decimal(quantity), number, By(holder, at))


def _put(place: Location, item: Item, quantity: Decimal, number: int, by: By) -> None:
    lot = Lot.objects.create(
        item=item, number=f"QC-{number}", status=Lot.Status.QUALIFIED, received_on=by.at.date()
    )
    stock.post([Move(item.pk, place.pk, quantity, "opening", lot.pk)], document=Opening(number), by=by)
