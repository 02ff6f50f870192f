"""One purchase order for several orders: bundled, approved, never more than was requested."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flow import binding, cases, policy, render
from flow.actions import Action
from flow.models import Event, Signature
from flow.policy import Viewer
from flow.refusals import Denied, Invalid, Refused
from integration import later
from integration.models import Notice
from orders import actions as orders
from org.models import Membership
from planning.models import Kind, OpenQuantity
from procurement import actions as procurement
from procurement.models import PurchaseOrder, Requisition, RequisitionLine
from tests.people import NINE, SINCE
from tests.procurement.conftest import Two
from tests.story import Story, scan

pytestmark = pytest.mark.django_db
State = PurchaseOrder.State


def on_order(item: Any) -> dict[tuple[str, int], Decimal]:
    """What is on order of the item, by for whom."""
    rows = OpenQuantity.objects.filter(item=item, kind=Kind.ON_ORDER, quantity__gt=0)
    return {(row.peg_type, row.peg_id): row.quantity for row in rows}


def requested(item: Any) -> Decimal:
    """What is still only requested of the item."""
    rows = OpenQuantity.objects.filter(item=item, kind=Kind.REQUESTED, quantity__gt=0)
    return sum((row.quantity for row in rows), Decimal())


@pytest.mark.rule("PUR-13", "PUR-20", "E-67")
def test_two_orders_are_bundled_in_one_purchase_order(two: Two, sound: Callable[[], None]) -> None:
    document = two.bundled()
    cases = {two.first.order.case_id, two.second.order.case_id}
    assert document.case_id not in cases
    assert set(document.case.serves.values_list("served", flat=True)) == cases
    assert [(row.quantity, row.unit_price, row.arrival_on) for row in document.lines.all()] == [
        (25, 68, line.due_on) for line in two.copper
    ]
    assert document.amount == 3400
    for story in (two.first, two.second):
        assert on_order(two.factory.copper)["orders.order", story.order.pk] == 25
    assert requested(two.factory.copper) == 0
    sound()


def test_a_requisition_is_wholly_ordered_with_its_last_line(two: Two) -> None:
    two.bundled()
    assert two.first.requisition.state == Requisition.State.APPROVED
    document = two.first.order_from(two.factory.breaker_supplier, *two.first.needs(two.factory.breaker))
    assert two.first.requisition.state == Requisition.State.CONVERTED
    assert two.second.requisition.state == Requisition.State.APPROVED
    procurement.purchase_order.discard(document, by=two.factory.by("buyer"))
    assert two.first.requisition.state == Requisition.State.APPROVED


@pytest.mark.rule("PUR-14")
def test_more_than_requested_is_refused_with_figures(two: Two, sound: Callable[[], None]) -> None:
    two.bundled(20, 25)
    with pytest.raises(Refused) as refusal:
        two.bundled(6, 1)
    assert [str(reason) for reason in refusal.value.reasons] == [
        f"{two.copper[0]}, {two.factory.copper}: 6 wanted, but 20 of 25 are ordered already: 5 left.",
        f"{two.copper[1]}, {two.factory.copper}: 1 wanted, but 25 of 25 are ordered already: 0 left.",
    ]
    assert PurchaseOrder.objects.count() == 1
    sound()


def test_a_line_may_arrive_in_two_parts_but_not_in_more(two: Two) -> None:
    line = two.copper[0]
    by, company, supplier = two.factory.by("buyer"), two.factory.kg, two.factory.copper_supplier
    lines = [{"requisition_line": line, "quantity": Decimal(20)}, {"requisition_line": line}]
    document = procurement.purchase_order.create(by=by, company=company, supplier=supplier, lines=lines)
    assert [row.quantity for row in document.lines.all()] == [20, 5]
    with pytest.raises(Refused, match="0 left"):
        procurement.purchase_order.create(
            by=by, company=company, supplier=supplier, lines=[{"requisition_line": line}]
        )


def test_only_approved_lines_with_a_price_are_ordered(two: Two, story: Story) -> None:
    story.planned()
    line = story.needs(two.factory.copper)[0]
    with pytest.raises(Invalid) as wrong:
        story.order_from(two.factory.breaker_supplier, line, arrival_on=date(2026, 3, 1))
    assert set(wrong.value.lines[0]) == {"requisition_line", "unit_price", "arrival_on"}


def test_lines_are_named_by_id_or_by_number_and_line(two: Two) -> None:
    action = Action.registry["procurement.purchase_order.create"]
    viewer = Viewer.of(two.factory.person("buyer"), NINE)
    line = two.copper[0]
    for name in (line.pk, str(line.pk), f"{line.requisition.number}/{line.position}"):
        bound = binding.bind(
            action,
            viewer=viewer,
            at=NINE,
            fields={"supplier": "S001"},
            lines=[{"requisition_line": name}],
            strict=True,
        )
        assert bound.ok, bound.errors
        assert bound.data["lines"][0]["requisition_line"] == line
    for name in ("nonsense", "QGKG2026-0001/9999", "/1", ""):
        bound = binding.bind(
            action, viewer=viewer, at=NINE, fields={"supplier": "S001"}, lines=[{"requisition_line": name}]
        )
        assert not bound.ok or bound.data["lines"] == []
    stranger = Viewer.of(two.factory.stranger, NINE)
    bound = binding.bind(
        action, viewer=stranger, at=NINE, fields={"supplier": "S001"}, lines=[{"requisition_line": line.pk}]
    )
    assert not bound.ok, "a line of another company is not even seen"


def test_editing_a_draft_gives_back_what_it_no_longer_takes(two: Two, sound: Callable[[], None]) -> None:
    document = two.bundled()
    lines = [{"requisition_line": two.copper[1], "quantity": Decimal(10), "unit_price": Decimal(70)}]
    document = procurement.purchase_order.edit(
        document, by=two.factory.by("buyer"), supplier=two.factory.copper_supplier, lines=lines
    )
    assert [line.ordered for line in two.copper] == [0, 10]
    assert (document.amount, requested(two.factory.copper)) == (700, 40)
    assert on_order(two.factory.copper) == {("orders.order", two.second.order.pk): 10}
    sound()


def test_discarding_a_draft_gives_back_everything(two: Two, sound: Callable[[], None]) -> None:
    procurement.purchase_order.discard(two.bundled(), by=two.factory.by("buyer"))
    assert [line.ordered for line in two.copper] == [0, 0]
    assert (requested(two.factory.copper), on_order(two.factory.copper)) == (50, {})
    sound()


@pytest.mark.rule("PUR-21", "SYS-11")
def test_the_leader_approves_and_never_what_he_made_himself(two: Two) -> None:
    leader = two.factory.person("purch_leader")
    document = procurement.purchase_order.submit(two.bundled(), by=two.factory.by("buyer"))
    assert document.number == "CGKG2026-0001"
    with pytest.raises(Denied):
        procurement.purchase_order.approve(document, by=two.factory.by("buyer"))
    with pytest.raises(Refused, match="not possible"):
        procurement.purchase_order.send(document, by=two.factory.by("buyer"))
    document = procurement.purchase_order.approve(document, by=two.factory.by("purch_leader"))
    assert Signature.objects.filter(meaning="approval", by=leader, subject_id=document.pk).count() == 1
    assert Notice.objects.filter(person=leader).count() == 1
    assert Notice.objects.filter(person=two.factory.person("buyer"), title__contains="approved").exists()


@pytest.mark.rule("PUR-21")
def test_a_buyer_who_leads_as_well_needs_a_second_person(two: Two) -> None:
    buyer = two.factory.person("buyer")
    Membership.objects.create(person=buyer, role="purch_leader", company=two.factory.kg, starts_on=SINCE)
    document = procurement.purchase_order.submit(two.bundled(), by=two.factory.by("buyer"))
    with pytest.raises(Denied, match="second person"):
        procurement.purchase_order.approve(document, by=two.factory.by("buyer"))


@pytest.mark.rule("PUR-21")
def test_a_rejected_order_is_changed_and_submitted_again(two: Two) -> None:
    verbs, buyer = procurement.purchase_order, two.factory.by("buyer")
    document = verbs.submit(two.bundled(), by=buyer)
    document = verbs.reject(document, by=two.factory.by("purch_leader"), reason="价格高")
    supplier = two.factory.copper_supplier
    lines = [{"requisition_line": line, "unit_price": Decimal(60)} for line in two.copper]
    document = verbs.edit(document, by=buyer, supplier=supplier, lines=lines)
    document = verbs.submit(document, by=buyer)
    assert (document.state, document.amount, document.number) == (State.SUBMITTED, 3000, "CGKG2026-0001")


@pytest.mark.rule("PUR-23", "PUR-24", "PUR-31")
def test_a_later_promise_moves_the_supply_and_tells_the_planners(two: Two) -> None:
    document = two.first.sent(two.bundled())
    rows = list(document.lines.all())
    late = two.copper[1].due_on + timedelta(days=3)
    by = two.factory.by("buyer")
    document = procurement.purchase_order.record_confirmation(
        document, by=by, lines=[{"line": rows[1].pk, "confirmed_on": late}], file=scan()
    )
    assert document.state == State.SUPPLIER_CONFIRMED
    assert [row.expected_on for row in document.lines.all()] == [rows[0].arrival_on, late]
    moved = OpenQuantity.objects.get(item=two.factory.copper, kind=Kind.ON_ORDER, due_on=late)
    assert (moved.quantity, moved.peg_id) == (25, two.second.order.pk)
    for role in ("prod_mgr", "mat_controller", "purch_leader"):
        rows_told = Notice.objects.filter(person=two.factory.person(role), title__contains="later")
        assert rows_told.count() == 1, role


@pytest.mark.rule("PUR-14", "PUR-32")
def test_less_is_ordered_only_as_agreed_and_the_rest_is_to_be_ordered_anew(
    two: Two, sound: Callable[[], None]
) -> None:
    document = two.first.sent(two.bundled())
    two.first.order_from(two.factory.breaker_supplier, *two.first.needs(two.factory.breaker))
    assert two.first.requisition.state == Requisition.State.CONVERTED
    said = {"reason": "供方缺货", "agreed_with": "物控员"}
    by = two.factory.by("buyer")
    with pytest.raises(Invalid, match="not less"):
        procurement.purchase_order.reduce(
            document, by=by, lines=[{"line": 1, "quantity": Decimal(25)}], **said
        )
    document = procurement.purchase_order.reduce(
        document, by=by, lines=[{"line": 1, "quantity": Decimal(15)}], **said
    )
    assert (document.state, document.amount) == (State.SENT, 2720)
    assert two.first.requisition.state == Requisition.State.APPROVED
    assert [line.left for line in two.copper] == [10, 0]
    assert requested(two.factory.copper) == 10
    zero = [{"line": n, "quantity": Decimal(0)} for n in (1, 2)]
    with pytest.raises(Refused, match="cancel the purchase order"):
        procurement.purchase_order.reduce(document, by=by, lines=zero, **said)
    sound()


@pytest.mark.rule("PUR-29")
def test_a_cancelled_purchase_order_opens_its_lines_for_another_supplier(
    two: Two, sound: Callable[[], None]
) -> None:
    document = two.first.sent(two.bundled())
    document = procurement.purchase_order.cancel(document, by=two.factory.by("purch_leader"), reason="交期")
    assert document.state == State.CANCELLED
    assert [line.left for line in two.copper] == [25, 25]
    assert (requested(two.factory.copper), on_order(two.factory.copper)) == (50, {})
    two.bundled()
    sound()


@pytest.mark.rule("PUR-40", "PUR-41")
def test_it_is_settled_for_what_is_qualified_and_closed_when_all_is_in_stock(two: Two) -> None:
    document = two.first.sent(two.bundled())
    with pytest.raises(Refused):
        procurement.purchase_order.settle(
            document, by=two.factory.by("finance"), invoice_number="1", invoice_amount=Decimal(3400)
        )
    receipt = two.first.inspected(two.first.delivered(document))
    document = PurchaseOrder.objects.get(pk=document.pk)
    assert document.state == State.QUALIFIED
    verbs, finance = procurement.purchase_order, two.factory.by("finance")
    with pytest.raises(Invalid, match=r"asks for 3400.01, the qualified goods cost 3400.00: 0.01 too much"):
        verbs.settle(document, by=finance, invoice_number="1", invoice_amount=Decimal("3400.01"))
    with pytest.raises(Refused):
        verbs.close(document, by=two.factory.by("buyer"))
    document = verbs.settle(document, by=finance, invoice_number="1", invoice_amount=Decimal(3400))
    with pytest.raises(Refused, match="not in stock yet"):
        verbs.close(document, by=two.factory.by("buyer"))
    stock_away(receipt, two)
    assert verbs.close(document, by=two.factory.by("buyer")).state == State.CLOSED


def stock_away(receipt: Any, two: Two) -> None:
    """Let the store's word follow as a stock-in does."""
    with cases.transact():
        cases.lock([receipt.case_id])
        procurement.receipt.stock.follow(receipt, by=two.factory.by("storekeeper"))


def test_what_a_cancelled_order_had_on_order_is_for_whoever_needs_it(
    two: Two, sound: Callable[[], None]
) -> None:
    document = two.first.sent(two.bundled())
    orders.cancel(two.first.order, by=two.factory.by("gm"), reason="客户取消", proof=scan())
    assert two.first.requisition.state == Requisition.State.CLOSED
    later.run_pending(NINE)
    assert on_order(two.factory.copper) == {("", 0): 25, ("orders.order", two.second.order.pk): 25}
    procurement.purchase_order.cancel(document, by=two.factory.by("buyer"), reason="不要了")
    assert requested(two.factory.copper) == 25, "what the cancelled order asked for is not asked again"
    sound()


def test_prices_are_shown_to_those_who_may_see_them(two: Two) -> None:
    document = two.first.sent(two.bundled())
    shown = {}
    for role in ("buyer", "finance", "storekeeper", "inspector"):
        viewer = Viewer.of(two.factory.person(role), NINE)
        data = render.document(policy.visible_to(PurchaseOrder, viewer).get(pk=document.pk), viewer, NINE)
        shown[role] = "amount" in data["fields"], "unit_price" in data["lines"]["lines"][0]
    assert shown == {
        "buyer": (True, True),
        "finance": (True, True),
        "storekeeper": (False, False),
        "inspector": (False, False),
    }


def test_the_page_of_a_purchase_order_takes_constant_queries(
    two: Two, django_assert_max_num_queries: Any
) -> None:
    document = two.bundled()
    viewer = Viewer.of(two.factory.person("buyer"), NINE)
    document = policy.visible_to(PurchaseOrder, viewer).get(pk=document.pk)
    with django_assert_max_num_queries(8):
        data = render.document(document, viewer, NINE)
    line = data["lines"]["lines"][0]
    assert line["requisition_line"]["text"] == str(two.copper[0])
    assert line["requisition_line__requisition__order"]["number"] == two.first.order.number


def test_every_act_is_in_the_history_of_its_own_case(two: Two) -> None:
    document = two.first.sent(two.bundled())
    verbs = Event.objects.filter(case=document.case).order_by("pk").values_list("verb", flat=True)
    assert [verb.rsplit(".", 1)[1] for verb in verbs] == ["create", "submit", "approve", "send"]
    assert not RequisitionLine.objects.exclude(requisition__case_id__in=document.case.serves.values("served"))


def test_an_amount_that_no_column_could_keep_is_wrong_input(story: Story) -> None:
    story.requested()
    line = story.needs(story.factory.copper)[0]
    RequisitionLine.objects.filter(pk=line.pk).update(quantity=Decimal("999999999.999"))
    with pytest.raises(Invalid, match="too large"):
        story.order_from(story.factory.copper_supplier, line, unit_price=Decimal("9999999999.9999"))
