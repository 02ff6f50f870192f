"""No price, amount or scan with prices reaches anybody who may not read it, whichever way he looks (P12)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from catalog.models import SupplierItem
from delivery import actions as delivery
from flow.models import Attachment, Document
from flow.screens import Screen
from integration import tokens
from org.models import Membership, Person
from procurement import actions as procurement
from procurement.models import PurchaseOrder
from tests.goods import Factory
from tests.people import SINCE
from tests.story import Story, scan

pytestmark = pytest.mark.django_db
# What the customer pays: asked, offered, listed, in all, paid before, paid after.
SOLD = ("39876.54", "36543.21", "38000", "73086.42", "21925.93", "51160.49")
# What the house pays: the breaker, two of them, the copper, all of it.
PAID = ("8211.37", "16422.74", "68.19", "1704.75")


@pytest.fixture
def told(factory: Factory) -> Story:
    """An order that went the whole way, with figures that nothing else looks like."""
    for item, price in ((factory.breaker, "8211.37"), (factory.copper, "68.19")):
        SupplierItem.objects.filter(item=item).update(price=Decimal(price))
    story = Story(factory)
    line = {"item": factory.cabinet, "quantity": 2, "unit_price": Decimal("39876.54")}
    story.received(lines=[line])
    story.quoted(prices=[{"line": 1, "unit_price": Decimal("36543.21")}], reason="批量")
    story.contracted(prepayment_percent=30, payment_before_shipping=True)
    story.effective()
    for document in PurchaseOrder.objects.all() if story.arrived() else ():
        procurement.purchase_order.settle(
            document,
            by=story.by("finance"),
            invoice_number=f"GYS-{document.pk}",
            invoice_amount=document.amount,
            file=scan("supplier.pdf"),
        )
    story.materials_stocked().made()
    story.in_stock()
    shipment = story.draft_shipment()
    delivery.release_payment(shipment, by=story.by("sales_leader"), reason="老客户")
    story.settle()
    return story


@pytest.mark.crawl
def test_no_figure_reaches_who_may_not_read_it(told: Story) -> None:
    person = told.factory.person
    closed = {"assembler": SOLD + PAID, "shipper": SOLD + PAID, "sales_clerk": PAID, "buyer": SOLD}
    for role, figures in closed.items():
        looked = list(everything(told, person(role)))
        assert len(looked) > 60
        assert [(where, f) for where, text in looked if (f := figures_in(text, figures))] == [], role
    # A post opens prices in its own company only: who sells elsewhere and assembles here reads none here.
    both = person("assembler")
    Membership.objects.create(person=both, role="salesperson", company=told.factory.hg, starts_on=SINCE)
    assert [(where, f) for where, text in everything(told, both) if (f := figures_in(text, SOLD))] == []
    # And they are there to be found.
    text = "".join(text for _where, text in everything(told, person("gm")))
    assert figures_in(text, (*SOLD, *PAID)) == [*SOLD, *PAID]


@pytest.mark.rule("ORD-21", "PUR-40")
def test_a_paper_with_prices_is_open_to_who_may_read_them(told: Story) -> None:
    for kind, readers, others in (
        ("customer_signature", ("sales_clerk", "finance"), ("assembler", "buyer", "admin")),
        ("invoice", ("buyer", "finance"), ("storekeeper", "sales_clerk", "admin")),
    ):
        file = Attachment.objects.filter(kind=kind).first()
        assert file is not None
        for role in (*readers, *others):
            person, status = told.factory.person(role), 200 if role in readers else 404
            for answer in (
                desk(person).get(f"/files/{file.public_id}/"),
                Client().get(f"/api/v1/attachments/{file.public_id}/", headers=program(person)),
            ):
                assert answer.status_code == status, (kind, role)
                if status == 200:
                    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def everything(story: Story, person: Person) -> Iterator[tuple[str, str]]:
    """All that a person can see of the house: pages, lists, exports, events, notices, as (address, text)."""
    with time_machine.travel(story.at, tick=False):
        page, token = desk(person), program(person)
        for label, screen in Screen.registry.items():
            root = label.replace(".", "/")
            for where in (f"/{root}/", f"/{root}/?format=csv", f"/api/v1/{root}/"):
                yield where, words(page, token, where)
            for document in screen.model._default_manager.all():
                for where in ways(root, document):
                    yield where, words(page, token, where)
        for where in ("/", "/notices/", "/api/v1/events/?page_size=200"):
            yield where, words(page, token, where)


def ways(root: str, document: Document) -> tuple[str, ...]:
    """The addresses at which one document is shown."""
    return (
        f"/{root}/{document.public_id}/",
        f"/api/v1/{root}/{document.public_id}/",
        f"/api/v1/events/?subject={document.label()}:{document.public_id}",
    )


def words(page: Client, token: dict[str, str], where: str) -> str:
    """What is answered there; a list that one may not see holds nothing."""
    answer = Client().get(where, headers=token) if where.startswith("/api/") else page.get(where)
    assert answer.status_code in (200, 404), (where, answer.status_code)
    if answer.status_code == 404:
        return ""
    text = answer.getvalue().decode() if answer.streaming else answer.content.decode()
    return json.dumps(json.loads(text), ensure_ascii=False) if where.startswith("/api/") else text


def figures_in(text: str, figures: tuple[str, ...]) -> list[str]:
    """Those of the figures that stand in the text, as programs write them or as people do."""
    found = []
    for figure in figures:
        written = "|".join(re.escape(way) for way in (figure, f"{Decimal(figure):,}"))
        if re.search(rf"(?<![\w.-])({written})(?!\d)", text):
            found.append(figure)
    return found


def desk(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def program(person: Person) -> dict[str, str]:
    return {"Authorization": f"Token {tokens.issue(person)[1]}"}
