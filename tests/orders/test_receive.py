"""Receiving an order and confirming its requirements (O-01, O-02, O-03)."""

from datetime import timedelta

import pytest

from catalog.models import Customer
from flow import papers
from flow.actions import offers
from flow.events import By
from flow.models import Event
from flow.policy import Viewer
from flow.refusals import Denied, Invalid, Refused, Stale
from orders import actions as orders
from orders.models import Order
from tests.people import NINE
from tests.story import DELIVERY, scan


def given(factory, **changes):
    """What the form of a new order gives."""
    line = {"item": factory.cabinet, "quantity": 2}
    usual = {"customer": factory.customer, "channel": "phone", "delivery_on": DELIVERY, "lines": [line]}
    return {**usual, "company": factory.kg, **changes}


@pytest.mark.rule("ORG-03", "ORD-01", "ORD-04")
@pytest.mark.parametrize("role", ["sales_clerk", "salesperson", "order_desk", "marketing", "pm"])
def test_front_office_receives(factory, by, role):
    order = orders.receive(by=by(role), **given(factory))
    assert order.state == "received"
    assert order.number == "DDKG2026-0001"
    assert order.lines.get().delivery_on == DELIVERY
    assert Event.objects.get(verb="orders.order.receive").actor == by(role).actor


@pytest.mark.rule("ORG-03", "ORG-20")
def test_buyer_and_stranger_do_not_receive(factory, by, stranger):
    with pytest.raises(Denied, match="done by"):
        orders.receive(by=by("buyer"), **given(factory))
    with pytest.raises(Denied):
        orders.receive(by=By(stranger, NINE), **given(factory))
    assert not Order.objects.exists()


def test_company_is_the_actors_own_unless_said(factory, by):
    wanted = given(factory)
    del wanted["company"]
    assert orders.receive(by=by("sales_clerk", company=factory.hg), **wanted).company == factory.hg


@pytest.mark.rule("ORD-08")
def test_order_needs_lines_and_a_day_to_come(factory, by):
    with pytest.raises(Invalid, match="at least one line"):
        orders.receive(by=by("sales_clerk"), **given(factory, lines=[]))
    yesterday = NINE.date() - timedelta(days=1)
    with pytest.raises(Invalid, match="passed"):
        orders.receive(by=by("sales_clerk"), **given(factory, delivery_on=yesterday))
    late = [{"item": factory.cabinet, "quantity": 1, "delivery_on": yesterday}]
    with pytest.raises(Invalid) as refused:
        orders.receive(by=by("sales_clerk"), **given(factory, lines=late))
    assert list(refused.value.lines) == [0]


@pytest.mark.rule("ORD-03")
def test_customers_number_comes_in_once(factory, by):
    clerk = by("sales_clerk")
    first = orders.receive(by=clerk, **given(factory, customer_reference="PO-7"))
    with pytest.raises(Invalid) as refused:
        orders.receive(by=clerk, **given(factory, customer_reference="PO-7"))
    assert "customer_reference" in refused.value.errors
    orders.receive(by=clerk, **given(factory, customer=factory.dealer, customer_reference="PO-7"))
    orders.cancel(first, by=by("sales_leader"), reason="撤回", proof=scan())
    orders.receive(by=clerk, **given(factory, customer_reference="PO-7"))


@pytest.mark.rule("ORD-10")
def test_dealer_and_end_customer_are_kept_apart(factory, by):
    user = Customer.objects.create(code="U1", name="某变电站", kind="end_user")
    order = orders.receive(by=by("sales_clerk"), **given(factory, customer=factory.dealer, end_customer=user))
    assert (order.customer, order.end_customer) == (factory.dealer, user)


def test_call_may_be_entered_later_but_not_ahead(factory, by):
    earlier = NINE - timedelta(hours=2)
    order = orders.receive(by=by("sales_clerk"), **given(factory, happened_at=earlier))
    assert order.created_at == earlier
    with pytest.raises(Invalid, match="still to come"):
        orders.receive(by=by("sales_clerk"), **given(factory, happened_at=NINE + timedelta(minutes=1)))


def test_edit_changes_head_and_lines_before_review(story, factory, by):
    story.received()
    changed = given(factory, remark="急", lines=[{"item": factory.transformer, "quantity": 3}])
    order = orders.edit(story.order, by=by("sales_clerk"), **changed)
    assert (order.remark, order.lines.get().item) == ("急", factory.transformer)
    with pytest.raises(Invalid, match="stays with its company"):
        orders.edit(order, by=by("sales_clerk"), **given(factory, company=factory.hg))
    story.in_review()
    with pytest.raises(Refused, match="not possible"):
        orders.edit(story.order, by=by("sales_clerk"), **given(factory))


def test_stale_version_is_refused_with_a_sentence(story, factory, by):
    story.received()
    seen = story.order.version
    orders.edit(story.order, by=by("salesperson"), **given(factory))
    with pytest.raises(Stale, match="Somebody changed this document"):
        orders.edit(story.order, by=by("sales_clerk"), version=seen, **given(factory))


@pytest.mark.rule("ORD-05")
def test_all_requirements_are_confirmed_line_by_line(story, by):
    story.received(
        lines=[
            {"item": story.factory.cabinet, "quantity": 1, "technical_requirement": "GB/T 3906"},
            {"item": story.factory.transformer, "quantity": 1},
        ]
    )
    said = {"order_class": "regular", "confirmed_with": "王工", "channel": "phone"}
    with pytest.raises(Invalid) as refused:
        orders.confirm_requirements(story.order, by=by("sales_clerk"), **said)
    assert refused.value.errors["technical_requirement"] == [
        "Line 2 has none: give one for all lines, or edit the line."
    ]
    assert len(refused.value.errors["quality_requirement"]) == 2
    order = orders.confirm_requirements(
        story.order,
        by=by("sales_clerk"),
        **said,
        technical_requirement="GB 20840",
        quality_requirement="合格",
    )
    assert order.state == "confirmed"
    assert [line.technical_requirement for line in order.lines.all()] == ["GB/T 3906", "GB 20840"]
    assert papers.contacts(order).get().party == "王工"


@pytest.mark.rule("ORD-05", "REV-05")
def test_review_is_refused_before_confirmation(story, by):
    story.received()
    with pytest.raises(Refused, match="not possible while"):
        orders.submit_review(story.order, by=by("sales_clerk"))
    assert story.order.state == "received"


@pytest.mark.rule("ORD-09", "REV-19")
def test_project_needs_signed_confirmation_and_technical_basis(story, by):
    story.received(is_project=True, project_name="110kV 东湖变")
    said = {"order_class": "regular", "confirmed_with": "王工", "channel": "visit"}
    said |= {"technical_requirement": "按图", "quality_requirement": "合格"}
    with pytest.raises(Invalid) as refused:
        orders.confirm_requirements(story.order, by=by("marketing"), **said)
    assert "confirmation" in refused.value.errors
    orders.confirm_requirements(story.order, by=by("marketing"), **said, confirmation=scan())
    with pytest.raises(Invalid) as refused:
        orders.submit_review(story.order, by=by("marketing"))
    assert "technical_basis" in refused.value.errors
    assert orders.submit_review(story.order, by=by("marketing"), technical_basis=scan()).state == "in_review"


@pytest.mark.rule("ORG-20")
@pytest.mark.parametrize(
    ("verb", "role"), [("confirm_requirements", "buyer"), ("submit_review", "finance"), ("edit", "inspector")]
)
def test_wrong_role_is_denied_before_anything_else(story, by, verb, role):
    story.received()
    with pytest.raises(Denied, match="done by"):
        getattr(orders, verb)(story.order, by=by(role))


def test_offers_name_what_stands_against_them(story, by):
    story.received()
    story.order.lines.all().delete()
    shown = {o.action.name: o.reasons for o in offers(story.order, Viewer.of(by("sales_clerk").actor, NINE))}
    assert [str(reason) for reason in shown["confirm_requirements"]] == [
        "The order has no lines: edit it and add at least one."
    ]
    assert "submit_review" not in shown
    assert "cancel" not in shown


def test_consequences_have_no_face(by):
    faceless = [a.name for a in orders.receive.registry.values() if a.model is Order and not a.has_face]
    assert {"take_effect", "sign", "approve", "issue_instruction", "stock_in"} <= set(faceless)
    assert not {"receive", "cancel", "complete"} & set(faceless)
