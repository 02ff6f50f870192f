"""New documents and changed lists from sheets: by the actions themselves, with the errors of their forms."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from desk.imports import registry
from flow.models import Event
from flow.policy import Viewer
from integration import working
from integration.models import Job, JobEffect
from integration.outbox import Times
from orders.models import Order
from tests.goods import Factory
from tests.jobs.conftest import sent
from tests.jobs.test_masters import apply, hand_in, reasons, undo
from tests.people import NINE
from tests.story import Story

pytestmark = pytest.mark.django_db
RECEIVE, REQUEST, EDIT = "orders.order.receive", "procurement.requisition.create", "orders.order.edit"
HEAD = ["group", "customer", "channel", "delivery_on", "lines.item", "lines.quantity", "lines.unit_price"]
SOON = (timezone.localdate() + timedelta(days=200)).isoformat()


@pytest.fixture
def clerk(at_desk: Any, factory: Factory) -> Client:
    """The sales clerk's browser."""
    return at_desk("sales_clerk")  # type: ignore[no-any-return]


def orders() -> int:
    return Order.objects.count()


def test_rows_of_a_group_are_the_lines_of_one_order(clerk: Client) -> None:
    checked = hand_in(
        clerk, RECEIVE, HEAD,
        ["A", "C001", "Phone", SOON, "KYN28A-12", 2, 38000],
        ["A", None, None, None, "LZZBJ9-12", 3, None],
        [],
        ["B", "华东电力公司", "Phone", date.fromisoformat(SOON), "KYN28A-12", 1, None],
        [None, "C001", "Phone", SOON, "KYN28A-12", 1, None],
    )  # fmt: skip
    assert checked.errors == []
    assert checked.figures == {"made": 3, "changed": 0, "same": 0, "wrong": 0}
    assert orders() == 0
    assert Event.objects.count() == 0
    job = apply(clerk, checked, "whole")
    assert job.figures["made"] == 3
    first = Order.objects.order_by("pk").first()
    assert first is not None
    assert [(line.item.code, line.quantity) for line in first.lines.order_by("position")] == [
        ("KYN28A-12", 2),
        ("LZZBJ9-12", 3),
    ]
    assert Event.objects.filter(verb=RECEIVE).count() == 3


def test_errors_are_those_of_the_form_on_their_row_and_column(clerk: Client) -> None:
    job = hand_in(
        clerk, RECEIVE, HEAD,
        ["A", "C001", "Phone", SOON, "KYN28A-12", 2, None],
        ["A", "D001", None, None, "KYN28", 0, None],
        ["B", "C9", "Telegram", "yesterday", "KYN28A-12", 1, None],
        ["C", "C001", "Phone", None, None, None, None],
    )  # fmt: skip
    told = {(row, column) for row, column, _reason in reasons(job)}
    assert (3, "Line: Item") in told
    assert {(4, "Customer or dealer"), (4, "Channel")} <= told
    assert job.figures["wrong"] == 3
    item = next(one for one in job.errors if one.get("column") == "Line: Item")
    assert item["hint"] == "Do you mean KYN28A-12?"
    mended = hand_in(clerk, RECEIVE, HEAD, ["A", "C001", "Phone", SOON, "KYN28A-12", 0, None], ["A", "D001"])
    told = {(row, column) for row, column, _reason in reasons(mended)}
    assert {(2, "Line: Quantity"), (3, "Customer or dealer")} <= told


def test_only_the_good_ones_are_made(clerk: Client) -> None:
    rows = [
        ["A", "C001", "Phone", SOON, "KYN28A-12", 1, None],
        ["B", "C9", "Phone", SOON, "KYN28A-12", 1, None],
    ]
    job = apply(clerk, hand_in(clerk, RECEIVE, HEAD, *rows))
    assert (job.figures["made"], job.figures["wrong"], orders()) == (1, 1, 1)


def test_a_received_order_is_not_taken_back_and_that_is_said(clerk: Client) -> None:
    row = ["A", "C001", "Phone", SOON, "KYN28A-12", 1, None]
    job = apply(clerk, hand_in(clerk, RECEIVE, HEAD, row))
    undone = undo(clerk, job)
    assert undone.refused == 1
    assert "no way to take back" in undone.errors[0]["reason"]
    assert orders() == 1


def requested(client: Client, *rows: Sequence[Any]) -> Job:
    head = ["group", "kind", "reason", "lines.item", "lines.quantity", "lines.due_on"]
    return apply(client, hand_in(client, REQUEST, head, *rows))


def test_drafts_are_taken_back_by_their_own_step(at_desk: Any, factory: Factory) -> None:
    client = at_desk("mat_controller")
    rows = [[n, "Safety stock", "x", "COPPER-BAR", 5, SOON] for n in "12"]
    job = requested(client, *rows)
    assert job.figures["made"] == 2, job.errors
    model = registry.known()[REQUEST].creation.model  # type: ignore[attr-defined]
    first, second = model.objects.order_by("pk")
    from procurement import actions as procurement

    procurement.requisition.submit(second, by=factory.by("mat_controller", at=timezone.now()))
    undone = undo(client, job)
    assert undone.refused == 1
    assert "done to it since" in undone.errors[0]["reason"]
    assert model.objects.get(pk=first.pk).state == "cancelled"


def test_a_killed_import_makes_no_document_twice(clerk: Client, times: Times) -> None:
    rows = [[name, "C001", "Phone", SOON, "KYN28A-12", 1, None] for name in "AB"]
    job = apply(clerk, hand_in(clerk, RECEIVE, HEAD, *rows))
    for _ in range(2):
        Job.objects.filter(pk=job.pk).update(state="running", ended_at=None, leased_until=NINE)
        assert working.drain(times) == 1
    assert orders() == 2
    assert Job.objects.get(pk=job.pk).figures["made"] == 2
    assert JobEffect.objects.filter(job=job).count() == 2


def test_who_may_not_make_such_documents_finds_nothing(at_desk: Any, clerk: Client) -> None:
    assert at_desk("assembler").get(f"/imports/{RECEIVE}/").status_code == 404
    assert RECEIVE not in at_desk("assembler").get("/imports/").content.decode()
    assert RECEIVE in clerk.get("/imports/").content.decode()


def test_who_lost_the_post_meanwhile_reads_in_nothing(
    clerk: Client, factory: Factory, settings: Any, times: Times
) -> None:
    checked = hand_in(clerk, RECEIVE, HEAD, ["A", "C001", "Phone", SOON, "KYN28A-12", 1, None])
    settings.JOBS_APART = True
    apply(clerk, checked)
    factory.dismiss("sales_clerk")
    working.drain(times)
    job = Job.objects.latest("pk")
    assert (job.state, orders()) == ("failed", 0)
    assert "posts do not allow" in job.message


def test_every_kind_has_a_template_that_reads_back(
    at_desk: Any, factory: Factory, administrator: Any
) -> None:
    client = at_desk("gm")
    viewer = Viewer.of(factory.person("gm"), NINE)
    for target in registry.open_to(viewer):
        answer = client.get(f"/imports/{target.name}/template.xlsx")
        page = openpyxl.load_workbook(io.BytesIO(answer.getvalue()))["data"]
        keys = [cell.value for cell in page[2]][: len(target.columns(viewer))]
        assert keys == [column.key for column in target.columns(viewer)]
        titles = [column.title for column in target.columns(viewer)]
        assert len(titles) == len({title.casefold() for title in titles}), target.name
        assert client.get(f"/imports/{target.name}/").status_code == 200


# ---- lists read in again ----


def exported(client: Client, columns: str = "number,customer,customer_reference,delivery_on") -> Any:
    answer = client.get("/orders/order/", {"format": "xlsx", "columns": columns, "ordering": "number"})
    return openpyxl.load_workbook(io.BytesIO(answer.getvalue()))


def handed_in(client: Client, book: Any) -> Job:
    file = io.BytesIO()
    book.save(file)
    client.post(f"/imports/{EDIT}/", {"file": sent(file.getvalue())})
    return Job.objects.latest("pk")


def received(story: Story, count: int) -> list[Any]:
    said = {"delivery_on": date.fromisoformat(SOON)}
    stories = [Story(story.factory).received(customer_reference=f"old {n}", **said) for n in range(count)]
    return [one.order for one in stories]


def now(order: Any) -> Any:
    return Order.objects.get(pk=order.pk)


def test_a_list_comes_back_with_its_cells_changed(clerk: Client, story: Story) -> None:
    first, second = received(story, 2)
    lines = list(first.lines.values_list("item", "quantity"))
    book = exported(clerk)
    book["data"]["E3"] = "new"
    checked = handed_in(clerk, book)
    assert checked.errors == []
    assert checked.state == "done", checked.message
    assert checked.figures == {"made": 0, "changed": 1, "same": 1, "wrong": 0}
    job = apply(clerk, checked)
    assert now(first).customer_reference == "new"
    assert list(now(first).lines.values_list("item", "quantity")) == lines
    assert now(second).version == second.version
    undone = undo(clerk, job)
    assert undone.refused == 0, undone.errors
    assert now(first).customer_reference == "old 0"


def test_who_changed_a_document_since_keeps_the_last_word(clerk: Client, story: Story) -> None:
    order = received(story, 1)[0]
    book = exported(clerk)
    book["data"]["E3"] = "new"
    apply(clerk, handed_in(clerk, book))
    book["data"]["E3"] = "newer"
    stale = handed_in(clerk, book)
    assert stale.figures["wrong"] == 1
    assert "Somebody changed this document meanwhile" in stale.errors[0]["reason"]
    assert now(order).customer_reference == "new"


def test_what_is_not_seen_or_not_allowed_is_not_edited(at_desk: Any, clerk: Client, story: Story) -> None:
    received(story, 1)
    book = exported(clerk)
    book["data"]["E3"] = "new"
    stranger = at_desk(story.factory.stranger)
    job = handed_in(stranger, book)
    assert job.figures["wrong"] == 1
    assert "may not see it" in job.errors[0]["reason"]
    book["data"]["B3"] = None
    assert "version is missing" in handed_in(clerk, book).errors[0]["reason"]
