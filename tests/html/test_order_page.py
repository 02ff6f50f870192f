"""The whole of a document on one page: stages, why it is late, documents up and down, money, previews."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from deadlines.models import Deadline
from desk import stages
from flow import panels, papers
from flow.models import Event
from flow.panels import Asked
from flow.policy import Viewer
from orders.models import Order
from procurement import actions as procurement
from procurement.models import PurchaseOrder
from production.models import Task
from tests.people import NINE
from tests.story import Story

DUE = date(2026, 6, 30)


def opened(story: Story, client: Client, path: str = "", **asked: Any) -> str:
    """The page of the order, or another of its pages."""
    return client.get(f"/{story.order.path}/{path}", asked).content.decode()


def seen(story: Story, who: str, at: Any = NINE) -> Asked:
    """The order as somebody asks for it."""
    return Asked(story.order, Viewer.of(story.factory.person(who), at), at)


def bar_of(story: Story, at: Any = NINE) -> stages.Bar:
    found = stages.bar(seen(story, "gm", at))
    assert found is not None
    return found


class TestStages:
    """Where the order stands, by the state that it has and what the departments say."""

    def test_every_state_has_its_place(self) -> None:
        course = panels.course_of(Order.label())
        assert course is not None
        assert set(course.at) == set(Order.State.values)
        assert max(course.at.values()) == len(course.stages) == 12

    def test_what_was_done_is_told_with_who_and_when(self, story: Story) -> None:
        story.quoted()
        steps = bar_of(story).steps
        assert [step.shape for step in steps[:5]] == ["done", "done", "done", "now", "next"]
        assert str(steps[0].owner) == str(story.factory.person("sales_clerk"))
        assert steps[0].done == NINE
        assert steps[3].owner

    def test_a_stage_kept_late_says_by_how_much(self, story: Story) -> None:
        story.effective().later(hours=6)
        story.instructed()
        instruction = bar_of(story, story.at).steps[4]
        assert instruction.shape == "done"
        assert instruction.due == NINE + timedelta(hours=4)
        assert instruction.late == timedelta(hours=2)

    @pytest.mark.rule("PUR-31")
    def test_late_supply_moves_everything_after_it(self, story: Story) -> None:
        late_supply(story)
        bar = bar_of(story)
        purchase = bar.steps[6]
        assert purchase.shape == "risk"
        assert purchase.slips
        assert bar.promised == DUE
        assert bar.expected is not None
        assert bar.late_days == (bar.expected - DUE).days > 0

    def test_an_order_that_was_given_up_has_no_stage_in_hand(self, story: Story) -> None:
        story.received()
        order = story.order
        order.__dict__["state"] = Order.State.CANCELLED
        assert {dot.shape for dot in stages.dots(order)} == {""}

    def test_dots_need_no_query(self, story: Story, django_assert_num_queries: Any) -> None:
        order = story.effective().order
        with django_assert_num_queries(0):
            letters = "".join(dot.letter or "-" for dot in stages.dots(order))
        assert letters == "ddddn-------"

    def test_other_documents_have_none(self, story: Story) -> None:
        assert stages.dots(story.quoted().quotation) == []


def late_supply(story: Story) -> PurchaseOrder:
    """The first purchase order of the order comes a month and a half later than its parts are needed."""
    document = story.ordered()[0]
    needed = max(line.requisition_line.due_on for line in document.lines.all())
    return procurement.purchase_order.record_confirmation(
        document, by=story.by("buyer"), confirmed_on=needed + timedelta(days=45)
    )


class TestWhyLate:
    """One sentence names the department, on the page as in a list."""

    def test_nothing_is_said_of_an_order_in_time(self, story: Story, at_desk: Any) -> None:
        story.confirmed()
        assert panels.why_late([story.order], NINE) == {}

    @pytest.mark.rule("PUR-31")
    def test_late_supply_names_who_buys_what(self, story: Story, at_desk: Any) -> None:
        document = late_supply(story)
        reasons = panels.why_late([story.order], NINE)[story.order.pk]
        assert "采购部" in str(reasons[0])
        assert str(document) in str(reasons[0])
        assert reasons[0].moves
        with time_machine.travel(NINE):
            page = opened(story, at_desk("sales_clerk"))
        assert re.search(r'class="dept">采购部</b>', page)
        assert "Delivery is expected on" in page

    @pytest.mark.rule("SYS-08")
    def test_an_overdue_clock_names_the_department_of_its_owner(self, story: Story) -> None:
        story.effective()
        at = NINE + timedelta(hours=6)
        reasons = panels.why_late([story.order], at)[story.order.pk]
        assert [str(one.department) for one in reasons] == ["产品销售部"]
        assert reasons[0].by == timedelta(hours=2)

    def test_a_late_task_names_its_department(self, story: Story) -> None:
        story.planned()
        task = Task.objects.filter(plan__order=story.order).order_by("finish_on").first()
        assert task is not None
        at = NINE + timedelta(days=(task.finish_on - NINE.date()).days + 3)
        said = [str(one) for one in panels.why_late([story.order], at)[story.order.pk]]
        assert any(str(task) in one and str(task.department) in one for one in said)

    def test_many_orders_cost_what_one_costs(self, story: Story) -> None:
        several = [story, *(Story(story.factory) for _ in range(4))]
        orders = [one.effective().order for one in several]
        at = NINE + timedelta(days=200)
        with CaptureQueriesContext(connection) as one:
            panels.why_late(orders[:1], at)
        with CaptureQueriesContext(connection) as many:
            said = panels.why_late(orders, at)
        assert len(many) == len(one)
        assert set(said) == {order.pk for order in orders}

    def test_what_an_item_is_called_never_breaks_the_sentence(self) -> None:
        late = panels.Late("采购部", "{department} owes {item}.", timedelta(1), {"item": "{x} {department}"})
        assert str(late) == "采购部 owes {x} {department}."


class TestTree:
    """What each document was made from stands above it."""

    def test_the_order_shows_its_documents_under_it(self, story: Story, at_desk: Any) -> None:
        document = story.ordered()[0]
        page = opened(story, at_desk("gm"))
        rows = re.findall(r'<li class="in-(\d)[^>]*><span class="kind">[^<]*</span><[ab][^>]*>([^<]+)<', page)
        named = {name: int(number) for number, name in rows}
        assert named[story.order.number] == 0
        assert named[story.contract.number] == named[story.quotation.number] + 1
        assert named[story.plan.number] == named[story.instruction.number] + 1
        assert named[document.number] == named[story.requisition.number] + 1

    def test_a_document_shows_what_is_above_and_folds_the_rest(self, story: Story, at_desk: Any) -> None:
        story.planned()
        page = at_desk("gm").get(f"/{story.contract.path}/").content.decode()
        near, _fold, folded = page.partition("more documents of the case")
        assert story.quotation.number in near
        assert str(story.plan) not in near.partition('class="tree"')[2]
        assert str(story.plan) in folded

    def test_a_payment_is_not_in_it_for_who_may_not_see_payments(self, story: Story, at_desk: Any) -> None:
        story.effective()
        payment = str(story.order.payments.get())
        assert payment in opened(story, at_desk("finance"))
        assert payment not in opened(story, at_desk("storekeeper"))


class TestMoney:
    """Amounts are shown to those alone who may read them."""

    @pytest.mark.rule("ORD-56")
    def test_the_card_of_money_is_for_its_readers(self, story: Story, at_desk: Any) -> None:
        story.effective()
        amount = f"{story.contract.amount:,.0f}"
        page = opened(story, at_desk("sales_clerk"))
        assert amount in page
        assert "30 % paid" in page
        for who in ("storekeeper", "buyer", "inspector"):
            page = opened(story, at_desk(who))
            assert amount not in page
            assert "% paid" not in page
            assert "38,000" not in page


class TestTimeLine:
    """Events, remarks, calls and files, page by page."""

    def test_each_tab_tells_its_own(self, story: Story, at_desk: Any) -> None:
        story.received(is_project=True, project_name="变电站").confirmed()
        papers.log_contact(
            story.order, by=story.by("sales_clerk"), party="李工", channel="phone", content="图纸已寄"
        )
        client = at_desk("sales_clerk")
        client.post(f"/{story.order.path}/comment/", {"text": "铜排已催"})
        assert "图纸已寄" in opened(story, client, "timeline/", tab="contacts")
        assert "铜排已催" in opened(story, client, "timeline/", tab="comments")
        assert "铜排已催" in opened(story, client, "timeline/")
        assert "铜排已催" not in opened(story, client, "timeline/", tab="actions")
        assert papers.attached(story.order).get().name in opened(story, client, "timeline/", tab="files")
        assert "scan.pdf" in opened(story, client, "timeline/", tab="actions")

    def test_it_is_read_from_page_to_page_with_nothing_lost(self, story: Story, at_desk: Any) -> None:
        story.planned()
        client, path, told = at_desk("gm"), f"/{story.order.path}/timeline/", []
        asked: dict[str, Any] = {"tab": "actions"}
        while True:
            page = client.get(path, asked).content.decode()
            told += re.findall(r'data-verb="([^"]+)"', page)
            if not (following := re.search(r"before=(\d+)&amp;part=rows", page)):
                break
            asked = {"tab": "actions", "before": following.group(1), "part": "rows"}
        expected = Event.objects.filter(case=story.order.case, verb__in=set(told)).order_by("-pk")
        assert told == list(expected.values_list("verb", flat=True))
        assert len(told) > 20

    @pytest.mark.parametrize("word", ["0", "-1", "x", "9" * 30, "１", "%00"])
    def test_nonsense_in_the_address_is_harmless(self, story: Story, at_desk: Any, word: str) -> None:
        story.received()
        client = at_desk("gm")
        for path in ("", "timeline/"):
            answer = client.get(f"/{story.order.path}/{path}", {"before": word, "tab": word, "ask": word})
            assert answer.status_code == 200

    @pytest.mark.rule("SYS-03")
    def test_what_was_told_later_shows_both_times(self, story: Story, at_desk: Any) -> None:
        story.received()
        assert "recorded" in opened(story, at_desk("gm"), "timeline/")


class TestPreviews:
    """Files are shown as pictures drawn anew, and never as they are."""

    def _file(self, story: Story, name: str, content: bytes) -> Any:
        story.received()
        upload = SimpleUploadedFile(name, content)
        return papers.attach(story.order, "drawing", upload, by=story.by("engineer"))

    def _picture(self, form: str) -> bytes:
        drawn = io.BytesIO()
        Image.new("RGB", (900, 600), (10, 90, 200)).save(drawn, form)
        return drawn.getvalue()

    @pytest.mark.parametrize(("name", "form"), [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.pdf", "PDF")])
    def test_pictures_and_papers_are_drawn(self, story: Story, at_desk: Any, name: str, form: str) -> None:
        file = self._file(story, name, self._picture(form))
        client = at_desk("buyer")
        answer = client.get(f"/files/{file.public_id}/small/1.png")
        assert answer.status_code == 200
        drawn = Image.open(io.BytesIO(answer.content))
        assert drawn.format == "PNG"
        assert max(drawn.size) == 240
        assert "sandbox" in answer["Content-Security-Policy"]
        page = client.get(f"/files/{file.public_id}/preview/").content.decode()
        assert f"/files/{file.public_id}/large/1.png" in page
        assert f"/files/{file.public_id}/small/1.png" in opened(story, client)

    def test_what_cannot_be_drawn_is_said(self, story: Story, at_desk: Any) -> None:
        file = self._file(story, "broken.pdf", b"%PDF-1.4 nothing")
        client = at_desk("buyer")
        assert client.get(f"/files/{file.public_id}/large/1.png").status_code == 404
        assert "No picture of this file" in client.get(f"/files/{file.public_id}/preview/").content.decode()

    def test_a_picture_too_large_to_open_is_not_opened(self, story: Story, at_desk: Any) -> None:
        drawn = io.BytesIO()
        Image.new("1", (20_000, 20_000)).save(drawn, "PNG")
        file = self._file(story, "bomb.png", drawn.getvalue())
        assert at_desk("buyer").get(f"/files/{file.public_id}/small/1.png").status_code == 404

    @pytest.mark.parametrize("path", ["preview/", "small/1.png", "large/1.png"])
    def test_a_stranger_sees_nothing(self, story: Story, at_desk: Any, path: str) -> None:
        file = self._file(story, "a.png", self._picture("PNG"))
        assert at_desk("buyer").get(f"/files/{file.public_id}/{path}").status_code == 200
        assert at_desk(story.factory.stranger).get(f"/files/{file.public_id}/{path}").status_code == 404

    @pytest.mark.parametrize("path", ["small/2.png", "small/99.png", "huge/1.png"])
    def test_there_is_no_other_page_or_size(self, story: Story, at_desk: Any, path: str) -> None:
        file = self._file(story, "a.png", self._picture("PNG"))
        assert at_desk("buyer").get(f"/files/{file.public_id}/{path}").status_code == 404

    def test_a_confidential_scan_is_not_drawn_either(self, story: Story, at_desk: Any) -> None:
        story.signed()
        file = papers.attached(story.contract, "customer_signature").get()
        assert at_desk("sales_clerk").get(f"/files/{file.public_id}/preview/").status_code == 200
        assert at_desk("storekeeper").get(f"/files/{file.public_id}/preview/").status_code == 404
        assert file.name not in opened(story, at_desk("storekeeper"), "timeline/", tab="files")


class TestActBar:
    """What can be done, and who can do the rest."""

    def test_others_can_be_asked_with_one_click(self, story: Story, at_desk: Any) -> None:
        story.in_review()
        client = at_desk("buyer")
        page = client.get(f"/{story.round.path}/").content.decode()
        asked = re.search(r'href="([^"]+\?ask=[\d,]+&amp;about=[^"#]+)#comments"', page)
        assert asked is not None
        form = client.get(asked.group(1).replace("&amp;", "&")).content.decode()
        assert re.search(r"<textarea[^>]*>@", form)


def test_the_page_costs_the_same_with_a_long_history(story: Story, at_desk: Any) -> None:
    """From ten events and remarks to a thousand: the same number of queries."""
    order = story.planned().order
    client = at_desk("sales_clerk")
    client.get(f"/{order.path}/")
    with CaptureQueriesContext(connection) as few:
        client.get(f"/{order.path}/")
    by = story.by("buyer")
    for n in range(30):
        papers.comment(order, text=f"第 {n} 次", by=by)
        papers.log_contact(order, by=by, party="李工", channel="phone", content=str(n))
    last = Event.objects.filter(case=order.case).latest("pk")
    copies = [
        Event(
            verb=last.verb, at=last.at, actor_id=last.actor_id, case_id=last.case_id,
            company_id=last.company_id, subject_type=last.subject_type, subject_id=last.subject_id, data={},
        )
        for _ in range(1000)
    ]  # fmt: skip
    Event.objects.bulk_create(copies)
    clock = Deadline.objects.filter(case=order.case, stopped_by__isnull=False).first()
    assert clock is not None
    for n in range(40):
        clock.pk, clock.slot = None, str(n)
        clock.save(force_insert=True)
    with CaptureQueriesContext(connection) as many:
        client.get(f"/{order.path}/")
    assert len(many) <= len(few), {q["sql"] for q in many} - {q["sql"] for q in few}
