"""Completing, archiving, cancelling, moving the date, fulfilling from stock (O-20, O-32…O-36)."""

from datetime import timedelta

import pytest

from catalog import stock
from flow import papers
from flow.refusals import Denied, Invalid, Refused
from orders import actions as orders
from tests.ledger import Ledger
from tests.story import DELIVERY, scan

ACCEPTED = {"signer": "王工", "satisfaction": 5}
AGREED = {"party": "王工", "channel": "phone", "reason": "客户推迟"}


@pytest.fixture
def delivered(story):
    story.effective()
    assert Ledger(story).delivered() == "after_sales"
    return story


@pytest.mark.rule("ORD-54", "ORD-55")
def test_salesperson_completes_with_the_customers_acceptance(delivered, by):
    delivered.settle()
    today = delivered.at.date()
    with pytest.raises(Denied):
        orders.complete(delivered.order, by=by("sales_clerk"), accepted_on=today, **ACCEPTED)
    tomorrow = today + timedelta(days=1)
    with pytest.raises(Invalid, match="still to come"):
        orders.complete(delivered.order, by=by("salesperson"), accepted_on=tomorrow, **ACCEPTED)
    order = orders.complete(
        delivered.order, by=by("salesperson"), accepted_on=today, acceptance=scan(), **ACCEPTED
    )
    assert order.state == "completed"
    assert papers.attached(order, "acceptance").exists()


@pytest.mark.rule("ORD-54")
def test_no_completion_before_delivery(story, by):
    story.effective()
    with pytest.raises(Refused, match="not possible"):
        orders.complete(story.order, by=by("salesperson"), accepted_on=story.at.date(), **ACCEPTED)


@pytest.mark.rule("ORD-31", "ORD-33")
def test_before_signing_the_sales_leader_cancels_with_proof(story, by):
    story.quoted()
    for role in ("sales_clerk", "gm"):
        with pytest.raises(Denied):
            orders.cancel(story.order, by=by(role), reason="不要了", proof=scan())
    order = orders.cancel(story.order, by=by("sales_leader"), reason="不要了", proof=scan())
    assert order.state == "cancelled"
    assert papers.attached(order, "cancellation").get().name == "scan.pdf"
    assert story.quotation.state == "expired"


@pytest.mark.rule("ORD-31")
def test_cancelling_asks_for_the_file(story, by):
    form = orders.cancel.form(data={"reason": "不要了"})
    assert "proof" in form.errors


@pytest.mark.rule("ORD-33")
@pytest.mark.parametrize("step", ["signed", "effective"])
def test_after_signing_only_the_general_manager_cancels(story, by, step):
    getattr(story, step)()
    with pytest.raises(Denied):
        orders.cancel(story.order, by=by("sales_leader"), reason="不要了", proof=scan())
    assert orders.cancel(story.order, by=by("gm"), reason="不要了", proof=scan()).state == "cancelled"
    assert story.contract.state == "terminated"


def test_what_is_on_its_way_is_not_cancelled(delivered, by):
    with pytest.raises(Refused):
        orders.cancel(delivered.order, by=by("gm"), reason="不要了", proof=scan())


@pytest.mark.rule("ORD-40", "ORD-44")
def test_later_date_needs_the_change_agreement(story, by):
    story.effective()
    later = DELIVERY + timedelta(days=10)
    with pytest.raises(Refused):
        orders.replan_date(story.order, by=by("order_desk"), delivery_on=later, agreement=scan(), **AGREED)
    Ledger(story).credit("instructed")
    with pytest.raises(Invalid) as refused:
        orders.replan_date(story.order, by=by("order_desk"), delivery_on=later, **AGREED)
    assert "agreement" in refused.value.errors
    with pytest.raises(Denied):
        orders.replan_date(story.order, by=by("marketing"), delivery_on=later, agreement=scan(), **AGREED)
    yesterday = story.at.date() - timedelta(days=1)
    with pytest.raises(Invalid, match="passed"):
        orders.replan_date(story.order, by=by("order_desk"), delivery_on=yesterday, **AGREED)
    order = orders.replan_date(
        story.order, by=by("order_desk"), delivery_on=later, agreement=scan(), **AGREED
    )
    assert (order.state, order.delivery_on, story.lines[0].delivery_on) == ("instructed", later, later)
    sooner = DELIVERY - timedelta(days=3)
    assert orders.replan_date(order, by=by("order_desk"), delivery_on=sooner, **AGREED).delivery_on == sooner


@pytest.mark.rule("ORD-15")
def test_stock_covers_the_whole_order_or_nothing(story, by):
    story.effective()
    item = story.factory.cabinet
    story.factory.stocked(item, 1, kind="finished")
    with pytest.raises(Refused, match="needs 2, available 1"):
        orders.fulfil_from_stock(story.order, by=by("order_desk"))
    assert story.order.state == "effective"
    story.factory.stocked(item, 3, kind="finished")
    with pytest.raises(Denied):
        orders.fulfil_from_stock(story.order, by=by("fg_keeper"))
    order = orders.fulfil_from_stock(story.order, by=by("order_desk"))
    assert order.state == "stocked"
    assert stock.available([item.pk], company=story.company) == {item.pk: 2}
    assert Ledger(story).credit("notified") == "shipping"


@pytest.mark.rule("ORD-15")
def test_cancelling_frees_what_was_kept(story, by):
    story.effective()
    item = story.factory.cabinet
    story.factory.stocked(item, 2, kind="finished")
    orders.fulfil_from_stock(story.order, by=by("order_desk"))
    assert stock.available([item.pk], company=story.company) == {item.pk: 0}
    orders.cancel(story.order, by=by("gm"), reason="不要了", proof=scan())
    assert stock.available([item.pk], company=story.company) == {item.pk: 2}
