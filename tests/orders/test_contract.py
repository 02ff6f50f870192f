"""The contract: drafted from the quotation, signed by both, effective when paid as agreed (ORD-20…ORD-23)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from flow import papers
from flow.models import Signature
from flow.refusals import Denied, Invalid, Refused
from orders import actions as orders
from orders import queries
from tests.people import NINE
from tests.story import DELIVERY, scan

SIGNED = {"signer": "王工", "signed_on": NINE.date()}


@pytest.mark.rule("REV-05", "ORD-20")
@pytest.mark.parametrize("step", ["received", "approved", "quoted"])
def test_no_contract_without_accepted_quotation(story, by, step):
    getattr(story, step)()
    with pytest.raises(Refused, match="needs an accepted quotation"):
        orders.contract.create(by=by("sales_clerk"), order=story.order)


@pytest.mark.rule("ORD-20")
def test_draft_takes_lines_and_prices_of_the_quotation(story, by):
    story.accepted()
    contract = orders.contract.create(by=by("sales_clerk"), order=story.order)
    assert (contract.kind, contract.amount, contract.delivery_on) == ("sales_slip", 76000, DELIVERY)
    line = contract.lines.get()
    assert (line.item, line.quantity, line.unit_price) == (story.factory.cabinet, 2, 38000)
    assert line.technical_requirement == "按 GB/T 3906"
    assert story.order.state == "contracting"
    with pytest.raises(Refused):
        orders.contract.create(by=by("sales_clerk"), order=story.order)


@pytest.mark.rule("ORD-20")
def test_date_is_never_earlier_than_reviewed(story, by):
    story.accepted()
    early = DELIVERY - timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        orders.contract.create(by=by("sales_clerk"), order=story.order, delivery_on=early)
    assert "2026-06-30" in str(refused.value.errors["delivery_on"][0])
    contract = orders.contract.create(by=by("sales_clerk"), order=story.order)
    with pytest.raises(Invalid):
        orders.contract.edit(contract, by=by("sales_clerk"), delivery_on=early)


@pytest.mark.rule("ORG-09", "ORD-23")
def test_marketing_makes_the_contract_of_a_project(story, by):
    story.received(is_project=True, project_name="110kV 东湖变").accepted()
    with pytest.raises(Denied, match="Marketing"):
        orders.contract.create(by=by("sales_clerk"), order=story.order)
    contract = orders.contract.create(by=by("marketing"), order=story.order)
    assert contract.kind == "project"
    with pytest.raises(Denied):
        orders.contract.submit(contract, by=by("sales_clerk"))
    assert orders.contract.submit(contract, by=by("marketing")).number == "HTKG2026-0001"


def test_sales_clerk_makes_all_others(story, by):
    story.accepted()
    with pytest.raises(Denied, match="Sales clerk"):
        orders.contract.create(by=by("marketing"), order=story.order)


@pytest.mark.rule("ORD-21")
def test_customers_signature_needs_its_file(story, by):
    story.contracted()
    clerk = by("sales_clerk")
    with pytest.raises(Invalid) as refused:
        orders.contract.record_customer_signature(story.contract, by=clerk, **SIGNED, file=None)
    assert "file" in refused.value.errors
    tomorrow = {**SIGNED, "signed_on": NINE.date() + timedelta(days=1)}
    with pytest.raises(Invalid, match="still to come"):
        orders.contract.record_customer_signature(story.contract, by=clerk, **tomorrow, file=scan())
    with pytest.raises(Refused, match="not possible"):
        orders.contract.countersign(story.contract, by=clerk)
    contract = orders.contract.record_customer_signature(story.contract, by=clerk, **SIGNED, file=scan())
    assert (contract.state, contract.customer_signer) == ("customer_signed", "王工")
    assert Signature.objects.get().attachment == papers.attached(contract, "customer_signature").get()
    assert story.order.state == "contracting"


@pytest.mark.rule("ORD-21", "ORD-22")
def test_countersigned_order_waits_for_the_prepayment(story, by):
    story.signed()
    assert (story.order.state, story.contract.state) == ("signed", "both_signed")
    assert (story.contract.own_signer, story.contract.own_signed_on) == ("Sales clerk", NINE.date())
    assert story.contract.prepayment == Decimal("22800.00")


@pytest.mark.rule("ORD-22", "E-07")
def test_without_prepayment_the_signature_is_the_effect(story):
    story.contracted(prepayment_percent=0).signed()
    assert (story.order.state, story.contract.state) == ("effective", "effective")


@pytest.mark.rule("SYS-11")
def test_changed_content_voids_the_customers_signature(story, by):
    story.contracted()
    clerk = by("sales_clerk")
    orders.contract.record_customer_signature(story.contract, by=clerk, **SIGNED, file=scan())
    with pytest.raises(Refused):
        orders.contract.edit(story.contract, by=clerk, prepayment_percent=50)
    orders.contract.withdraw(story.contract, by=clerk)
    orders.contract.edit(story.contract, by=clerk, prepayment_percent=50)
    orders.contract.submit(story.contract, by=clerk)
    assert story.contract.number == "HTKG2026-0001"
    with pytest.raises(Refused, match="not possible"):
        orders.contract.countersign(story.contract, by=clerk)
    orders.contract.record_customer_signature(story.contract, by=clerk, **SIGNED, file=scan())
    type(story.contract).objects.filter(pk=story.contract.pk).update(terms="另有罚则")
    with pytest.raises(Refused, match="not signed the contract as it stands"):
        orders.contract.countersign(story.contract, by=clerk)


def test_later_date_of_the_contract_is_the_orders(story):
    later = DELIVERY + timedelta(days=5)
    story.contracted(delivery_on=later).signed()
    assert (story.order.delivery_on, story.lines[0].delivery_on) == (later, later)


def test_terms_of_shipping(story, by):
    story.contracted(payment_before_shipping=True).effective()
    assert not queries.may_ship(story.order)
    assert queries.unpaid(story.order) == 53200
    story.pay(53200)
    assert queries.may_ship(story.order)
