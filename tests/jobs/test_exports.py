"""A list leaves as CSV or as a workbook that can be read in again: filters, columns, nobody's secrets."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from desk import exports, workbook
from integration.models import Job
from org.models import Person
from tests.goods import Factory
from tests.story import Story

pytestmark = pytest.mark.django_db
LIST = "/orders/order/"


def told(story: Story, count: int, **fields: Any) -> list[Any]:
    """So many more orders in the first state."""
    return [Story(story.factory).received(**fields).order for _ in range(count)]


def sheet(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))[workbook.SHEET]


def body(answer: Any) -> bytes:
    content: bytes = answer.getvalue()
    return content


def test_a_workbook_has_titles_hidden_keys_and_true_values(at_desk: Any, story: Story) -> None:
    order = told(story, 1)[0]
    answer = at_desk("sales_clerk").get(
        LIST, {"format": "xlsx", "columns": "number,customer,delivery_on,state"}
    )
    page = sheet(body(answer))
    keys = [cell.value for cell in page[2]]
    assert keys == ["id", "version", "number", "customer", "delivery_on", "state"]
    assert page.row_dimensions[2].hidden
    assert page.column_dimensions["A"].hidden
    row = dict(zip(keys, (cell.value for cell in page[3]), strict=True))
    assert row["id"] == str(order.public_id)
    assert row["version"] == order.version
    assert row["customer"] == "华东电力公司"
    assert row["delivery_on"].date() == order.delivery_on
    assert page.max_row == 3


def test_no_cell_of_a_workbook_is_a_formula(at_desk: Any, story: Story) -> None:
    told(story, 1, customer_reference='=HYPERLINK("http://x")')
    page = sheet(body(at_desk("sales_clerk").get(LIST, {"format": "xlsx", "columns": "customer_reference"})))
    cell = page["C3"]
    assert cell.value == '=HYPERLINK("http://x")'
    assert cell.data_type == "s"


def test_closed_columns_are_left_out_whatever_is_asked_for(at_desk: Any, story: Story) -> None:
    story.effective()
    address = "/orders/contract/"
    amount = {"format": "csv", "columns": "number,amount"}
    open_to = body(at_desk("sales_clerk").get(address, amount)).decode()
    closed = body(at_desk("buyer").get(address, amount)).decode()
    assert len(open_to.splitlines()[0].split(",")) == 2
    assert len(closed.splitlines()[0].split(",")) == 1
    page = at_desk("buyer").get("/export/", {"label": "orders.contract"}).content.decode()
    assert 'value="amount"' not in page
    assert 'value="number"' in page


def test_an_export_in_the_background_is_made_with_the_posts_of_its_person(
    at_desk: Any, story: Story, factory: Factory
) -> None:
    told(story, 3)
    posted = {"label": "orders.order", "query": "state=received", "format": "csv", "column": ["number"]}
    client = at_desk("sales_clerk")
    answer = client.post("/export/", posted)
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/{job.path}/"
    assert (job.state, job.message) == ("done", "3 rows")
    assert len(body(client.get(f"/{job.path}/result/")).splitlines()) == 4
    at_desk(factory.stranger).post("/export/", posted)
    assert Job.objects.latest("pk").message == "0 rows"


def test_a_long_list_is_written_in_the_background(
    at_desk: Any, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    told(story, 3)
    client = at_desk("sales_clerk")
    page = client.get(LIST, {"format": "csv", "state": "received"})
    assert "written in the background" in page.content.decode()
    assert Job.objects.count() == 0, "looking at an address starts nothing"


def test_what_a_filter_does_not_know_is_no_export(at_desk: Any, story: Story) -> None:
    client = at_desk("sales_clerk")
    assert client.get(LIST, {"format": "csv", "state": "nonsense"}).status_code == 404
    assert client.get(LIST, {"format": "pdf"}).status_code == 404
    assert client.get("/export/", {"label": "orders.nothing"}).status_code == 404
    client.post("/export/", {"label": "orders.order", "query": "state=nonsense", "format": "csv"})
    assert Job.objects.get().state == "failed"


def test_more_rows_cost_no_more_queries(at_desk: Any, story: Story) -> None:
    client = at_desk("sales_clerk")
    counted = []
    for count in (2, 20):
        told(story, count)
        with CaptureQueriesContext(connection) as queries:
            body(client.get(LIST, {"format": "xlsx"}))
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_numbers_and_days_are_written_as_such() -> None:
    file = io.BytesIO()
    heads = [workbook.Head("a", "A"), workbook.Head("b", "B")]
    rows = [[date(2026, 3, 2), 5], ["x" * 40_000, 12345678901234567890], [True, None]]
    assert workbook.write(file, heads, rows, notes=("More", [["n"]])) == 3
    page = sheet(file.getvalue())
    assert page["A3"].value.date() == date(2026, 3, 2)
    assert page["B3"].value == 5
    assert len(page["A4"].value) == workbook.LONGEST
    assert page["B4"].value == "12345678901234567890"


def test_an_administrator_does_not_get_the_file_of_another(
    at_desk: Callable[..., Client], story: Story, administrator: Person
) -> None:
    story.effective()
    at_desk("sales_clerk").post("/export/", {"label": "orders.contract", "query": "", "format": "csv"})
    job = Job.objects.get()
    assert at_desk(administrator).get(f"/{job.path}/").status_code == 200
    assert at_desk(administrator).get(f"/{job.path}/result/").status_code == 404
