"""Each form of the line carries what the handbook names, for those who may read it (table B)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery import actions as delivery
from flow import events, plain_form, prints, typesetting
from flow.models import Document, Event
from flow.policy import Viewer
from flow.prints import Wanted
from flow.refusals import Denied
from orders.models import Order, OrderLine
from org.models import Company
from procurement import actions as procurement
from production.models import Instruction
from quality import actions as quality
from quality.models import Inspection
from tests.paper.conftest import ROOT
from tests.story import Story

pytestmark = pytest.mark.django_db
Printed = Callable[..., list[str]]


def flat(found: list[str]) -> str:
    """The words of all pages without gaps."""
    return "".join("".join(found).split())


@pytest.mark.rule("SYS-14", "WHS-05", "WHS-06", "QUA-03")
def test_an_inspection_request_prints_in_four_labelled_copies(
    to_inspect: Inspection, printed: Printed
) -> None:
    found = printed(to_inspect, "incoming", who="storekeeper")
    assert len(found) == 4
    wanted = ("第一联 质检部", "第二联 采购部", "第三联 物控员", "第四联 仓库")
    assert [label in page for label, page in zip(wanted, found, strict=True)] == [True] * 4
    receipt = to_inspect.receipt
    for page in (flat([one]) for one in found):
        for words in (
            to_inspect.number,
            receipt.supplier.name,
            receipt.delivery_note,
            "检验合格数",
            "一式四联",
        ):
            assert str(words) in page


@pytest.mark.rule("QUA-02")
def test_qualified_quantities_are_written_by_hand_until_they_are_entered(
    story: Story, to_inspect: Inspection, printed: Printed
) -> None:
    def table() -> Any:
        return next(part for part in quality_sheet().parts if hasattr(part, "blank"))

    def quality_sheet() -> Any:
        found = Inspection.objects.select_related("company", "case").get(pk=to_inspect.pk)
        form = prints.form_of(found, "incoming")
        assert form is not None
        return form.data(found, Viewer.of(story.by("gm").actor, story.at))

    assert table().rows[0][7:9] == (None, None)
    quality.pass_(to_inspect, by=story.by("inspector"), qualified_quantity=1)
    assert table().rows[0][7:9] == ("1", "1")


@pytest.mark.rule("ORD-20", "ORD-21")
def test_the_sales_slip_names_both_parties_and_the_amount_in_capitals(story: Story, printed: Printed) -> None:
    contract = story.signed().contract
    text = flat(printed(contract, "sales_slip", who="sales_clerk"))
    for words in (
        "订单购销单",
        contract.number,
        story.order.customer.name,
        "柒万陆仟元整",
        "76,000.00",
        "GB/T3906",
    ):
        assert str(words) in text


def test_prices_do_not_reach_paper_of_those_who_may_not_read_them(story: Story, printed: Printed) -> None:
    contract = story.signed().contract
    text = flat(printed(contract, "sales_slip", who="storekeeper"))
    assert str(contract.number) in text
    for secret in ("76,000", "38,000", "22,800", "柒万", "单价", "金额"):
        assert secret not in text


@pytest.mark.rule("PUR-19", "PUR-20")
def test_a_purchase_order_names_item_quantity_price_and_date(story: Story, printed: Printed) -> None:
    document = story.ordered()[0]
    line = document.lines.select_related("item").first()
    text = flat(printed(document, "order", who="buyer"))
    for words in (
        document.supplier.name,
        line.item.code,
        line.item.name,
        f"{line.arrival_on}",
        "元整",
        "单价",
    ):
        assert str(words) in text
    hidden = flat(printed(document, "order", who="storekeeper"))
    assert "单价" not in hidden
    assert "元整" not in hidden


@pytest.mark.rule("PUR-21")
def test_what_is_not_approved_is_marked_as_a_draft_and_what_is_cancelled_as_void(
    story: Story, printed: Printed
) -> None:
    story.requested()
    line = story.needs()[0]
    document = story.order_from(line.item.suppliers.get(is_preferred=True).supplier, line)
    assert "草稿" in flat(printed(document, "order"))
    verbs = procurement.purchase_order
    document = verbs.submit(document, by=story.by("buyer"))
    assert "草稿" in flat(printed(document, "order"))
    document = verbs.approve(document, by=story.by("purch_leader"))
    assert "草稿" not in flat(printed(document, "order"))
    document = verbs.cancel(document, by=story.by("buyer"), reason="不要了")
    assert "作废" in flat(printed(document, "order"))


@pytest.mark.rule("PUR-36", "WHS-02")
def test_a_purchase_order_prints_the_delivery_note_for_its_supplier(story: Story, printed: Printed) -> None:
    document = story.ordered()[0]
    text = flat(printed(document, "delivery_note", who="buyer"))
    for words in (
        "材料送货单",
        "送货单号",
        document.number,
        document.lines.first().item.name,
        "未交数",
        "送货数",
    ):
        assert str(words) in text


@pytest.mark.rule("PRD-01")
def test_the_production_instruction_is_what_was_contracted(story: Story, printed: Printed) -> None:
    instruction: Instruction = story.instructed().instruction
    text = flat(printed(instruction, "instruction", who="prod_mgr"))
    for words in (
        "生产指令单",
        story.order.number,
        "铠装移开式开关柜",
        "GB/T3906",
        "出厂试验合格",
        "包装要求",
    ):
        assert str(words) in text


@pytest.mark.rule("WHS-12", "QUA-27")
def test_pick_list_and_product_inspection_of_a_work_order(story: Story, printed: Printed) -> None:
    story.with_material().released()
    part = next(one for one in story.work_orders if not one.is_final)
    text = flat(printed(story.pick(part), "pick_list", who="storekeeper"))
    for words in ("领料单", part.number, "COPPER-BAR", "25", "领料员清点"):
        assert str(words) in text
    inspection = story.inspect(story.make(story.again(part)))
    text = flat(printed(inspection, "final", who="inspector"))
    assert "产品送检单" in text
    assert str(part.number) in text


@pytest.mark.rule("DLV-02", "DLV-04")
def test_the_shipping_notice_goes_to_the_store_and_to_transport(story: Story, printed: Printed) -> None:
    shipment = story.with_material().in_stock().draft_shipment()
    found = printed(shipment, "notice", who="order_desk")
    assert ["成品库" in page for page in found] == [True, True]
    assert "第二联 储运部" in found[1]
    text = flat(found)
    assert "草稿" in text
    for words in (
        "发货通知单",
        story.order.customer.name,
        shipment.address,
        str(shipment.arrival_on),
        "备件与配套件",
    ):
        assert words.replace(" ", "") in text
    issued = delivery.issue(shipment, by=story.by("order_desk"))
    assert "草稿" not in flat(printed(issued, "notice"))


@pytest.mark.rule("AFS-01")
def test_a_ticket_prints_as_the_feedback_form(story: Story, printed: Printed) -> None:
    ticket = story.effective().ticket()
    text = flat(printed(ticket, "feedback", who="service_leader"))
    for words in ("用户服务、质量信息反馈接受单", "QR/JY-2005", ticket.customer.name, ticket.problem):
        assert str(words) in text


def test_the_letterhead_is_the_company_s(story: Story, printed: Printed) -> None:
    Company.objects.filter(code="KG").update(address="扬中市新坝", phone="0511-88002216")
    assert "扬中市新坝·0511-88002216" in flat(printed(story.received().order, "plain"))


@pytest.mark.parametrize("label", sorted(Document.registry))
def test_every_kind_of_document_prints(label: str) -> None:
    """Its form is declared, or made of its screen; the event has a name."""
    model = Document.registry[label]
    assert prints.forms_of(model()) if label != "quality.inspection" else True
    assert str(events.labels[prints.verb_of(label)]) == "Printed"


def test_the_plain_form_shows_what_the_page_shows_and_hides_what_it_hides(
    story: Story, printed: Printed
) -> None:
    order = story.received().order
    assert "38,000.00" in flat(printed(order, "plain", who="sales_clerk"))
    text = flat(printed(order, "plain", who="storekeeper"))
    assert "38,000" not in text
    assert "华东电力公司" in text


@pytest.mark.rule("SYS-03")
def test_each_print_is_recorded_and_a_later_one_says_so(to_inspect: Inspection, printed: Printed) -> None:
    version = to_inspect.version
    first = printed(to_inspect, "incoming", who="storekeeper", copies=["quality", "warehouse"])
    assert len(first) == 2
    assert "第 2 次打印" not in "".join(first)
    assert "第 2 次打印" in "".join(printed(to_inspect, "incoming", who="inspector"))
    rows = Event.objects.filter(verb="quality.inspection.print").order_by("pk")
    assert [(e.actor.username, e.version, e.data["copies"]) for e in rows] == [
        ("storekeeper", None, ["quality", "warehouse"]),
        ("inspector", None, ["quality", "purchasing", "material_control", "warehouse"]),
    ]
    assert Inspection.objects.get(pk=to_inspect.pk).version == version


def test_a_form_for_some_posts_is_refused_to_others(story: Story) -> None:
    order = story.received().order
    form = prints.Form(Order, "secret", "x", plain_form.data, may=frozenset({"gm"}))
    by = story.by("sales_clerk")
    wanted = [Wanted(order, form, [-1])]
    with pytest.raises(Denied, match="General manager"):
        prints.issue(wanted, by=by, viewer=Viewer.of(by.actor, by.at), root=ROOT)
    assert not Event.objects.filter(verb="orders.order.print").exists()
    by = story.by("gm")
    assert prints.issue(wanted, by=by, viewer=Viewer.of(by.actor, by.at), root=ROOT)


def test_the_qr_code_leads_to_the_record(story: Story) -> None:
    order = story.received().order
    form = prints.form_of(order, "plain")
    assert form is not None
    viewer = Viewer.of(story.by("gm").actor, story.at)
    sheet = prints.compose(Wanted(order, form, [-1]), viewer=viewer, root=ROOT, stamp="")
    assert sheet["qr"] == typesetting.qr(f"https://erp.example.com/orders/order/{order.public_id}/")


def test_more_lines_ask_no_more_of_the_database(story: Story) -> None:
    order = story.confirmed().order
    viewer = Viewer.of(story.by("gm").actor, story.at)

    def asked() -> int:
        again = Order.objects.select_related("company", "case", "customer", "end_customer", "created_by")
        document = again.get(pk=order.pk)
        wanted = Wanted(document, prints.forms_of(document)[0], [-1])
        with CaptureQueriesContext(
            connection,
        ) as seen:
            prints.compose(wanted, viewer=viewer, root=ROOT, stamp="")
        return len(seen)

    few = asked()
    line = order.lines.get()
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=n,
            item=line.item,
            quantity=n,
            delivery_on=line.delivery_on,
        )
        for n in range(2, 1002)
    )
    assert asked() == few
