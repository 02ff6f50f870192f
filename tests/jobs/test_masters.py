"""Master data from sheets: tried first, all or only the good ones, changed by their key, taken back."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import BomLine, BomVersion, Customer, Item, PriceListLine
from integration import working
from integration.models import Job, JobEffect
from integration.outbox import Times
from org.history import past_of
from org.models import Person
from tests.goods import Factory
from tests.jobs.conftest import sent, workbook
from tests.people import NINE

pytestmark = pytest.mark.django_db
HEAD = ["code", "name", "unit", "make_or_buy", "lead_time_days", "lot_tracked"]
GOOD = ["NEW-1", "新物料", "pcs", "Bought", 12, "yes"]


@pytest.fixture
def admin(administrator: Person) -> Client:
    """The administrator's browser."""
    client = Client()
    client.force_login(administrator)
    return client


def hand_in(client: Client, kind: str, *rows: Sequence[Any], name: str = "sheet.xlsx") -> Job:
    """Hand a sheet in; the trial."""
    answer = client.post(f"/imports/{kind}/", {"file": sent(workbook(*rows), name)})
    assert answer.status_code == 302, answer.content.decode()
    return Job.objects.latest("pk")


def apply(client: Client, checked: Job, mode: str = "good") -> Job:
    client.post(f"/{checked.path}/apply/", {"mode": mode})
    return Job.objects.latest("pk")


def undo(client: Client, imported: Job) -> Job:
    client.post(f"/{imported.path}/undo/")
    return Job.objects.latest("pk")


def reasons(job: Job) -> list[tuple[int, str, str]]:
    return [(one["row"], one.get("column", ""), one["reason"]) for one in job.errors]


def test_a_trial_writes_nothing_and_says_what_would_become_of_each_row(
    admin: Client, factory: Factory
) -> None:
    before = Item.objects.count()
    job = hand_in(
        admin, "catalog.item", HEAD, GOOD,
        [],
        ["NEW-2", "", "pcs", "Bought", 1, "no"],
        ["NEW-3", "x", "stone", "Bought", 1, "no"],
        ["NEW-4", "x", "pcs", "Bougt", "many", "perhaps"],
        ["NEW-1", "again", "pcs", "Bought", 1, "no"],
        ["VS1-12", "真空断路器", "pcs", None, 11, None],
        ["COPPER-BAR", "铜排", None, None, None, None],
    )  # fmt: skip
    assert job.figures == {"made": 1, "changed": 1, "same": 1, "wrong": 4}
    assert [row for row, _c, _r in reasons(job)] == [4, 5, 6, 6, 6, 7]
    told = {(row, column): reason for row, column, reason in reasons(job)}
    assert "needed" in told[4, "Name"] or "required" in told[4, "Name"]
    assert told[5, "Unit"] == "There is no such entry."
    assert "none of the choices" in told[6, "Make or buy"]
    assert "whole number" in told[6, "Lead time in working days"]
    assert told[7, "Code"] == "The same entry stands in row 2."
    wrong = next(one for one in job.errors if one.get("column") == "Make or buy")
    assert (wrong["value"], wrong["hint"], wrong["sheet"]) == ("Bougt", "Bought", "data")
    assert Item.objects.count() == before
    assert JobEffect.objects.count() == 0
    page = admin.get(f"/{job.path}/").content.decode()
    assert "Read in what is in order" in page
    assert "Read in all, or nothing" not in page


def test_the_good_ones_are_read_in_and_taken_back(
    admin: Client, factory: Factory, administrator: Person
) -> None:
    checked = hand_in(
        admin, "catalog.item", HEAD, GOOD, ["NEW-2", "x", "stone", "Bought", 1, "no"],
        ["VS1-12", None, None, None, 11, None],
    )  # fmt: skip
    job = apply(admin, checked)
    assert job.figures == {"made": 1, "changed": 1, "same": 0, "wrong": 1}
    made = Item.objects.get(code="NEW-1")
    assert (made.unit.code, made.make_or_buy, made.lead_time_days, made.lot_tracked) == (
        "pcs",
        "buy",
        12,
        True,
    )
    assert Item.objects.get(code="VS1-12").lead_time_days == 11
    row = past_of(Item)._default_manager.filter(code="NEW-1").latest("pk")
    assert row.history_user == administrator
    undone = undo(admin, job)
    assert "2 undone, 0 left" in undone.message
    assert not Item.objects.filter(code="NEW-1").exists()
    assert Item.objects.get(code="VS1-12").lead_time_days == 10
    assert "Take this import back" not in admin.get(f"/{job.path}/").content.decode()


def test_what_was_used_or_changed_since_stays(admin: Client, factory: Factory) -> None:
    rows = [GOOD, ["NEW-2", "x", "pcs", "Bought", 1, "no"], ["VS1-12", None, None, None, 11, None]]
    job = apply(admin, hand_in(admin, "catalog.item", HEAD, *rows))
    factory.bill(factory.wire, (Item.objects.get(code="NEW-1"), 1))
    Item.objects.filter(code="VS1-12").update(lead_time_days=30)
    undone = undo(admin, job)
    assert undone.refused == 2
    told = {one["what"]: one["reason"] for one in undone.errors}
    assert any("in use already" in reason for what, reason in told.items() if what.startswith("NEW-1"))
    assert any("changed again" in reason for what, reason in told.items() if what.startswith("VS1-12"))
    assert not Item.objects.filter(code="NEW-2").exists()


def test_all_or_nothing_leaves_nothing_where_one_row_is_wrong(admin: Client, factory: Factory) -> None:
    checked = hand_in(admin, "catalog.item", HEAD, GOOD)
    Job.objects.filter(pk=checked.pk).update(params=checked.params)
    bad = hand_in(admin, "catalog.item", HEAD, GOOD, ["NEW-2", "x", "stone", "Bought", 1, "no"])
    job = apply(admin, bad, "whole")
    assert job.state == "failed"
    assert "Nothing was read in" in job.message
    assert not Item.objects.filter(code="NEW-1").exists()
    job = apply(admin, checked, "whole")
    assert (job.state, job.figures["made"]) == ("done", 1)


def test_a_sheet_is_read_in_once(admin: Client, factory: Factory) -> None:
    checked = hand_in(admin, "catalog.item", HEAD, GOOD)
    apply(admin, checked)
    count = Job.objects.count()
    assert apply(admin, checked).pk
    assert Job.objects.count() == count
    again = hand_in(admin, "catalog.item", HEAD, GOOD)
    assert again.figures["same"] == 1


def test_the_same_file_is_recognised(admin: Client, factory: Factory) -> None:
    content = workbook(HEAD, GOOD)
    for _ in range(2):
        admin.post("/imports/catalog.item/", {"file": sent(content)})
        last = Job.objects.latest("pk")
        apply(admin, last)
    assert "same file was read in already" in last.message


def test_a_killed_import_goes_on_where_it_was(admin: Client, factory: Factory, times: Times) -> None:
    job = apply(admin, hand_in(admin, "catalog.item", HEAD, GOOD, ["NEW-2", "x", "pcs", "Bought", 1, "no"]))
    JobEffect.objects.filter(job=job, row=3).delete()
    Item.objects.filter(code="NEW-2").delete()
    Job.objects.filter(pk=job.pk).update(state="running", ended_at=None, leased_until=NINE)
    assert working.drain(times) == 1
    job = Job.objects.get(pk=job.pk)
    assert job.figures == {"made": 2, "changed": 0, "same": 0, "wrong": 0}
    assert Item.objects.filter(code__startswith="NEW-").count() == 2


def test_the_template_comes_back_without_its_example(admin: Client, factory: Factory) -> None:
    answer = admin.get("/imports/catalog.customer/template.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.getvalue()))
    page = book["data"]
    assert page["A1"].value == "Code *"
    assert [cell.value for cell in page[3]][:2] == ["C1001", "华东电力公司"]
    assert book.sheetnames[1] == "Explanation"
    page.cell(row=5, column=1, value="C7")
    page.cell(row=5, column=2, value="新客户")
    page.cell(row=5, column=4, value="Grade A: key customer")
    file = io.BytesIO()
    book.save(file)
    admin.post("/imports/catalog.customer/", {"file": sent(file.getvalue())})
    job = apply(admin, Job.objects.latest("pk"))
    assert job.figures["made"] == 1
    assert Customer.objects.get(code="C7").grade == "A"
    assert not Customer.objects.filter(code="C1001").exists()


def test_titles_are_known_in_both_languages_and_strange_ones_are_said(
    admin: Client, factory: Factory
) -> None:
    job = hand_in(admin, "catalog.unit", ["编码 *", "Name", "Colour"], ["m", "米", "red"])
    assert job.figures["made"] == 1
    assert "Not read: Colour" in job.message


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "empty"),
        ([["code", "name"]], "no row"),
        ([["name"], ["x"]], "missing: Code"),
        ([["code", "code", "name"], ["x", "y", "z"]], "twice"),
    ],
)
def test_a_sheet_without_sense_is_refused_in_words(
    admin: Client, factory: Factory, rows: list[list[str]], said: str
) -> None:
    job = hand_in(admin, "catalog.unit", *rows)
    assert job.state == "failed"
    assert said in job.message


def test_bills_grow_a_draft_version(admin: Client, factory: Factory) -> None:
    head = ["item", "number", "position", "component", "quantity", "scrap"]
    job = apply(
        admin,
        hand_in(
            admin, "catalog.bomline", head,
            ["KYN28A-12", None, None, "VS1-12", 2, None],
            ["铠装移开式开关柜", None, None, "BUSBAR-FRAME", 1, 0.05],
            ["KYN28A-12", 1, None, "VS1-12", 2, None],
            ["KYN28A-12", None, None, "KYN28A-12", 1, None],
            [None, None, None, "VS1-12", 1, None],
        ),
    )  # fmt: skip
    assert job.figures == {"made": 2, "changed": 0, "same": 0, "wrong": 3}
    version = BomVersion.objects.get(item=factory.cabinet, number=2)
    assert version.state == "draft"
    assert [(line.position, line.component.code, line.quantity) for line in version.lines.all()] == [
        (10, "VS1-12", Decimal(2)),
        (20, "BUSBAR-FRAME", Decimal(1)),
    ]
    undo(admin, job)
    assert not BomVersion.objects.filter(pk=version.pk).exists()


def test_an_issued_bill_is_not_taken_back(admin: Client, factory: Factory) -> None:
    head = ["item", "component", "quantity"]
    job = apply(admin, hand_in(admin, "catalog.bomline", head, ["COPPER-WIRE", "COPPER-BAR", 1]))
    BomVersion.objects.filter(item=factory.wire).update(
        state="issued", issued_by=factory.person("tech_leader"), issued_at=NINE
    )
    assert "issued meanwhile" in undo(admin, job).errors[0]["reason"]
    assert BomLine.objects.filter(version__item=factory.wire).count() == 1


def test_prices_are_known_by_list_item_and_day(admin: Client, factory: Factory) -> None:
    head = ["price_list", "item", "price", "valid_from"]
    job = apply(
        admin,
        hand_in(
            admin, "catalog.pricelistline", head,
            ["STD", "KYN28A-12", "39,000", "2026/1/1"], ["STD", "VS1-12", 9900, "2026-04-01"],
            ["STD", "VS1-12", -1, "2026-05-01"],
        ),
    )  # fmt: skip
    assert job.figures == {"made": 1, "changed": 1, "same": 0, "wrong": 1}
    assert PriceListLine.objects.get(item=factory.cabinet).price == 39000


def test_only_administrators_read_in_master_data(at_desk: Any, admin: Client, factory: Factory) -> None:
    assert at_desk("gm").get("/imports/catalog.item/").status_code == 404
    assert at_desk("gm").get("/imports/catalog.item/template.xlsx").status_code == 404
    assert "catalog.item" not in at_desk("gm").get("/imports/").content.decode()
    assert "catalog.item" in admin.get("/imports/").content.decode()
    checked = hand_in(admin, "catalog.item", HEAD, GOOD)
    assert at_desk("gm").post(f"/{checked.path}/apply/", {"mode": "good"}).status_code == 404
    assert at_desk("gm").post(f"/{checked.path}/undo/").status_code == 404


def test_the_queries_of_a_chunk_do_not_grow(admin: Client, factory: Factory) -> None:
    counted = []
    for start, count in ((0, 5), (100, 40)):
        rows = [[f"N-{start + n}", "x", "pcs", "Bought", 1, "no"] for n in range(count)]
        checked = hand_in(admin, "catalog.item", HEAD, *rows)
        with CaptureQueriesContext(connection) as queries:
            apply(admin, checked)
        counted.append(len(queries))
    assert abs(counted[1] - counted[0]) <= 2


def test_hostile_cells_are_only_text(admin: Client, factory: Factory) -> None:
    nasty = ["=cmd|'/c calc'!A0", "<script>alert(1)</script>", "x" * 5000, "𠮷\u202e", "'; DROP TABLE"]
    rows = [[word, word, word, word, word, word] for word in nasty]
    job = hand_in(admin, "catalog.item", HEAD, *rows)
    assert job.state == "done"
    assert job.figures["wrong"] == len(nasty)
    page = admin.get(f"/{job.path}/").content.decode()
    assert "<script>alert" not in page


def test_a_file_that_is_none_is_said_at_once(admin: Client, factory: Factory) -> None:
    page = admin.post("/imports/catalog.item/", {"file": sent(b"MZ", "a.exe")})
    assert page.status_code == 422
    assert "A table is an .xlsx, .xls or .csv file." in page.content.decode()
    admin.post("/imports/catalog.item/", {"file": sent(b"PK\x03\x04oh", "a.xlsx")})
    assert Job.objects.get().state == "failed"
    assert "cannot be read as a spreadsheet" in Job.objects.get().message
