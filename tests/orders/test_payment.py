"""The customer's payment lets the order take effect (ORD-22)."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from flow.events import By
from flow.invariants import violations
from flow.policy import Viewer, visible_to
from flow.refusals import Denied, Invalid, Refused
from orders import actions as orders
from orders import queries
from orders.models import Payment
from tests.database import at_once
from tests.people import NINE
from tests.story import scan


def paid(story, amount, **changes):
    by = story.by("finance")
    made = orders.payment.create(
        **{"by": by, "order": story.order, "amount": amount, "received_on": NINE.date(), **changes}
    )
    return orders.payment.record(made, by=by)


@pytest.mark.rule("ORD-22", "E-07")
def test_the_prepayment_may_come_in_parts(story):
    story.signed()
    first = paid(story, 10000)
    assert (first.number, first.state) == ("SKKG2026-0001", "recorded")
    assert story.order.state == "signed"
    paid(story, 12800)
    assert (story.order.state, story.contract.state) == ("effective", "effective")
    paid(story, 1000)
    assert story.order.state == "effective"
    assert queries.paid_for(story.order) == 23800


@pytest.mark.rule("ORD-22")
def test_only_finance_books(story, by, stranger):
    story.signed()
    said = {"order": story.order, "amount": 100, "received_on": NINE.date()}
    for actor in (by("sales_clerk"), By(stranger, NINE), by("finance", company=story.factory.hg)):
        with pytest.raises(Denied):
            orders.payment.create(by=actor, **said)
    made = orders.payment.create(by=by("finance"), **said)
    with pytest.raises(Denied):
        orders.payment.record(made, by=by("gm"))


@pytest.mark.rule("ORD-22")
def test_nothing_is_booked_before_both_signed(story):
    story.contracted()
    with pytest.raises(Refused, match="both parties signed"):
        paid(story, 100)


@pytest.mark.rule("ORD-56")
def test_not_a_fen_beyond_the_contract(story):
    story.signed()
    paid(story, 70000)
    with pytest.raises(Refused, match=r"6000\.01 is more than the 6000\.00 still to be paid"):
        paid(story, Decimal("6000.01"))
    paid(story, 6000)
    assert queries.unpaid(story.order) == 0
    assert not any(violations().values())


def test_one_transfer_is_booked_once(story):
    story.signed()
    paid(story, 100, reference="ICBC-1")
    with pytest.raises(Refused, match="recorded already"):
        paid(story, 100, reference="ICBC-1")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"amount": 0}, "amount"), ({"received_on": NINE.date() + timedelta(days=1)}, "received_on")],
)
def test_impossible_input(story, changes, field):
    story.signed()
    with pytest.raises(Invalid) as refused:
        paid(story, changes.pop("amount", 5), **changes)
    assert field in refused.value.errors


@pytest.mark.rule("ORD-56")
def test_wrong_entry_is_reversed_and_stays_to_be_seen(story, by):
    story.signed()
    wrong = paid(story, 76000)
    orders.payment.reverse(wrong, by=by("finance"), reason="记错订单")
    assert queries.paid_for(story.order) == 0
    assert story.order.state == "effective"
    with pytest.raises(Refused):
        orders.payment.reverse(wrong, by=by("finance"), reason="再来")
    paid(story, 76000)


def test_cancelled_order_takes_no_money(story, by):
    story.signed()
    orders.cancel(story.order, by=by("gm"), reason="不要了", proof=scan())
    with pytest.raises(Refused):
        paid(story, 100)


@pytest.mark.rule("ORG-18")
def test_payments_are_closed_to_the_workshop(story, by):
    story.effective()
    for role, seen in (("assembler", 0), ("finance", 1)):
        assert visible_to(Payment, Viewer.of(by(role).actor, NINE)).count() == seen


def test_draft_is_thrown_away_but_not_a_booking(story, by):
    story.signed()
    made = orders.payment.create(by=by("finance"), order=story.order, amount=5, received_on=NINE.date())
    orders.payment.discard(made, by=by("finance"))
    assert not Payment.objects.exists()
    with pytest.raises(Refused):
        orders.payment.discard(paid(story, 5), by=by("finance"))


@pytest.mark.rule("ORD-56")
@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_do_not_overpay(story):
    story.signed()
    by = story.by("finance")
    drafts = [
        orders.payment.create(by=by, order=story.order, amount=50000, received_on=NINE.date())
        for _n in range(2)
    ]
    done = at_once([partial(orders.payment.record, draft, by=by) for draft in drafts])
    assert sorted(type(result).__name__ for result in done) == ["Payment", "Refused"]
    assert queries.paid_for(story.order) == 50000
