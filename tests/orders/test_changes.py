"""What was agreed does not outlive what it was agreed for: approvals, drafts, dates of single lines."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from flow.refusals import Invalid, Refused
from integration.models import Notice
from orders import actions as orders
from orders.models import Quotation
from review import actions as review
from tests.faces.walks import head, opinions, postponed
from tests.story import DELIVERY, Story, scan

LATER = DELIVERY + timedelta(days=30)


@pytest.fixture
def two_dates(story: Story) -> Story:
    """The customer wants the transformers a month after the cabinets."""
    goods = story.factory
    rows = [
        {"item": goods.cabinet, "quantity": 2, "unit_price": 38000},
        {"item": goods.transformer, "quantity": 2, "unit_price": 1200, "delivery_on": LATER},
    ]
    story.received(lines=rows)
    return story


def dates(rows: object) -> list[date]:
    return [line.delivery_on for line in rows]  # type: ignore[attr-defined]


@pytest.mark.rule("ORG-18")
def test_an_important_order_that_was_changed_is_approved_again(story: Story) -> None:
    story.received(is_important=True)
    story.in_review()
    orders.approve_important(story.order, by=story.by("senior_mgmt"), opinion="同意")
    review.return_for_rework(story.round, by=story.by("order_desk"), reasons="数量不对")
    heard = Notice.objects.filter(person=story.factory.person("senior_mgmt"))
    before = heard.count()
    orders.edit(story.order, by=story.by("sales_clerk"), **head(story))
    assert not story.order.important_approved
    assert heard.count() == before + 1


@pytest.mark.rule("REV-10", "ORD-16")
def test_an_offer_that_was_only_drafted_ends_when_the_order_goes_back(story: Story) -> None:
    """Else it would hold on to lines that are about to change, and be sent with them."""
    story.confirmed(order_class="non_regular").in_review()
    opinions(story)
    review.decide(story.round, by=story.by("gm"), decision="conditional", conditions="延期")
    day = story.at.date() + timedelta(days=9)
    clerk = story.by("sales_clerk")
    orders.quotation.create(by=clerk, order=story.order, valid_until=day, reason="异型", lines=[])
    postponed(story, LATER)
    assert not Quotation.objects.exists()
    review.return_for_rework(story.round, by=story.by("order_mgr"), reasons="数量不对")
    orders.edit(story.order, by=clerk, **head(story))
    assert [line.quantity for line in story.lines] == [3]


@pytest.mark.rule("ORD-20")
def test_a_contract_promises_no_line_earlier_than_reviewed(two_dates: Story) -> None:
    story = two_dates.accepted()
    made = orders.contract.create(by=story.by("sales_clerk"), order=story.order)
    orders.contract.edit(made, by=story.by("sales_clerk"), prepayment_percent=Decimal(10))
    assert dates(story.contract.lines.all()) == [DELIVERY, LATER]


@pytest.mark.rule("ORD-40", "ORD-44")
@pytest.mark.parametrize(
    ("moved", "wanted"),
    [(10, [10, 30]), (40, [40, 40]), (-10, [-10, 30])],
)
def test_a_line_with_a_day_of_its_own_is_not_brought_forward(
    two_dates: Story, moved: int, wanted: list[int]
) -> None:
    story = two_dates.planned()
    orders.replan_date(
        story.order,
        by=story.by("order_desk"),
        delivery_on=DELIVERY + timedelta(days=moved),
        reason="土建延期",
        party="王工",
        channel="phone",
        agreement=scan(),
    )
    assert dates(story.lines) == [DELIVERY + timedelta(days=days) for days in wanted]


def test_an_amount_that_no_column_could_keep_is_wrong_input(story: Story) -> None:
    most = Decimal("999999999.999")
    story.received(lines=[{"item": story.factory.cabinet, "quantity": most, "unit_price": 38000}])
    story.approved()
    day, price = story.at.date() + timedelta(days=9), Decimal("999999999999.99")
    with pytest.raises(Invalid, match="too large"):
        orders.quotation.create(
            by=story.by("sales_clerk"),
            order=story.order,
            valid_until=day,
            reason="试算",
            lines=[{"line": 1, "unit_price": price}],
        )


@pytest.mark.rule("ORD-56")
def test_nothing_is_paid_for_an_order_that_has_ended(story: Story) -> None:
    story.effective()
    orders.cancel(story.order, by=story.by("gm"), reason="终止", proof=scan())
    with pytest.raises(Refused, match="nothing is paid for it any more"):
        story.pay(100)
