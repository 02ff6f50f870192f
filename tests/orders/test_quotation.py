"""The quotation: after the review, at list prices, version by version (ORD-16…ORD-19)."""

from datetime import timedelta

import pytest

from catalog.models import PriceListLine
from flow.policy import Viewer
from flow.refusals import Denied, Invalid, Refused
from flow.render import value
from orders import actions as orders
from tests.people import NINE
from tests.story import DELIVERY

DAY = NINE.date() + timedelta(days=30)


def offered(story, **changes):
    said = {"by": story.by("sales_clerk"), "order": story.order, "valid_until": DAY, **changes}
    return orders.quotation.create(**said)


@pytest.mark.rule("ORD-16", "REV-05")
@pytest.mark.parametrize("step", ["received", "in_review"])
def test_nothing_is_quoted_before_the_review_passed(story, step):
    getattr(story, step)()
    with pytest.raises(Refused, match="quoted after its review has passed"):
        offered(story)


@pytest.mark.rule("ORD-16", "ORD-17")
def test_prices_are_those_of_the_list(story, by):
    story.approved()
    with pytest.raises(Denied):
        offered(story, by=by("salesperson"))
    with pytest.raises(Invalid, match="passed already"):
        offered(story, valid_until=NINE.date() - timedelta(days=1))
    offer = offered(story)
    assert (offer.number, offer.version_no, offer.amount, offer.deviates) == (None, 1, 76000, False)
    sent = orders.quotation.send(offer, by=by("sales_clerk"))
    assert (sent.state, sent.number) == ("sent", "BJKG2026-0001")
    assert story.order.state == "quoted"
    assert not sent.order.quotations.filter(number=None).exists()


@pytest.mark.rule("ORD-17")
def test_other_price_needs_reason_and_the_leaders_approval(story, by):
    story.approved()
    prices = [{"line": 1, "unit_price": 35000}]
    offer = offered(story, lines=prices)
    assert (offer.deviates, offer.amount) == (True, 70000)
    with pytest.raises(Refused, match="give the reason"):
        orders.quotation.approve_deviation(offer, by=by("sales_leader"))
    said = {"valid_until": DAY, "reason": "战略客户"}
    orders.quotation.edit(offer, by=by("sales_clerk"), lines=prices, **said)
    with pytest.raises(Refused, match="sales leader approves it first"):
        orders.quotation.send(offer, by=by("sales_clerk"))
    with pytest.raises(Denied):
        orders.quotation.approve_deviation(offer, by=by("sales_clerk"))
    orders.quotation.approve_deviation(offer, by=by("sales_leader"))
    orders.quotation.edit(offer, by=by("sales_clerk"), lines=[{"line": 1, "unit_price": 30000}], **said)
    with pytest.raises(Refused, match="approves it first"):
        orders.quotation.send(offer, by=by("sales_clerk"))
    orders.quotation.approve_deviation(offer, by=by("sales_leader"))
    assert orders.quotation.send(offer, by=by("sales_clerk")).amount == 60000


@pytest.mark.rule("ORD-17")
def test_list_price_needs_no_approval(story, by):
    story.approved()
    with pytest.raises(Refused, match="nothing to approve"):
        orders.quotation.approve_deviation(offered(story), by=by("sales_leader"))


@pytest.mark.rule("ORD-18")
def test_non_regular_order_explains_its_surcharge(story, by):
    story.confirmed(order_class="non_regular").approved()
    offer = offered(story, lines=[{"line": 1, "unit_price": 41800}])
    with pytest.raises(Refused, match="surcharge"):
        orders.quotation.send(offer, by=by("sales_clerk"))
    orders.quotation.edit(
        offer,
        by=by("sales_clerk"),
        valid_until=DAY,
        reason="异型标准 3.2:加高 10%",
        lines=[{"line": 1, "unit_price": 41800}],
    )
    assert orders.quotation.send(offer, by=by("sales_clerk")).state == "sent"


def test_item_without_list_price_asks_for_one(story, factory):
    PriceListLine.objects.all().delete()
    story.received(lines=[{"item": factory.frame, "quantity": 1}]).approved()
    with pytest.raises(Invalid, match="Line 1 has no list price"):
        offered(story)
    assert offered(story, lines=[{"line": 1, "unit_price": 900}]).amount == 900


def test_lines_are_those_of_the_order(story):
    story.approved()
    for lines in ([{"line": 2, "unit_price": 1}], [{"line": 1, "unit_price": 1}] * 2):
        with pytest.raises(Invalid) as refused:
            offered(story, lines=lines)
        assert list(refused.value.lines) == [len(lines) - 1]


@pytest.mark.rule("ORD-19")
def test_new_version_supersedes_the_old_one(story, by):
    story.quoted()
    first = story.quotation
    second = orders.quotation.send(offered(story), by=by("sales_clerk"))
    assert second.version_no == 2
    assert story.order.quotations.get(pk=first.pk).state == "superseded"
    assert story.order.state == "quoted"
    with pytest.raises(Refused, match="not possible"):
        orders.quotation.accept(first, by=by("sales_clerk"))
    orders.quotation.accept(second, by=by("sales_clerk"))
    third = orders.quotation.send(offered(story), by=by("sales_clerk"))
    assert [q.state for q in story.order.quotations.order_by("version_no")] == [
        "superseded",
        "superseded",
        "sent",
    ]
    assert third.version_no == 3


@pytest.mark.rule("ORD-19")
def test_refused_or_run_out_is_not_accepted(story, by):
    story.quoted()
    with pytest.raises(Refused, match="run out"):
        orders.quotation.accept(story.quotation, by=by("sales_clerk", days=31))
    orders.quotation.refuse(story.quotation, by=by("sales_clerk"), reason="太贵")
    with pytest.raises(Refused):
        orders.quotation.accept(story.quotation, by=by("sales_clerk"))
    with pytest.raises(Refused, match="accepted quotation"):
        orders.contract.create(by=by("sales_clerk"), order=story.order)


@pytest.mark.rule("ORG-18")
def test_prices_are_closed_to_the_workshop(story, by):
    story.quoted()
    line = story.quotation.lines.get()
    for role, seen in (("assembler", None), ("sales_clerk", "38000.00")):
        viewer = Viewer.of(by(role).actor, NINE)
        assert value(line, "unit_price", viewer) == seen
        assert value(story.quotation, "amount", viewer) == (seen and "76000.00")


def test_draft_is_thrown_away(story, by):
    story.approved()
    orders.quotation.discard(offered(story), by=by("sales_clerk"))
    assert not story.order.quotations.exists()
    story.quoted()
    with pytest.raises(Refused):
        orders.quotation.discard(story.quotation, by=by("sales_clerk"))
    assert story.order.delivery_on == DELIVERY


@pytest.mark.rule("ORD-17")
def test_nobody_approves_a_price_of_their_own(story, by):
    story.approved()
    clerk = by("sales_clerk")
    clerk.actor.memberships.create(role="sales_leader", company=story.company, starts_on=NINE.date())
    offer = offered(story, lines=[{"line": 1, "unit_price": 35000}], reason="战略客户")
    with pytest.raises(Denied, match="second person"):
        orders.quotation.approve_deviation(offer, by=clerk)
