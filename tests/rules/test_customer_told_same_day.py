"""TM-33: with the carrier's receipt the customer is telephoned on the same day (DLV-13)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from deadlines import sweep
from deadlines.models import Deadline
from delivery import actions as delivery
from delivery.models import Shipment
from integration.models import Notice
from tests.people import SHANGHAI
from tests.story import Story, call, scan

RULE = "customer_told_same_day"
FIVE = datetime(2026, 3, 2, 17, tzinfo=SHANGHAI)
MIDNIGHT = datetime(2026, 3, 3, tzinfo=SHANGHAI)


@pytest.fixture
def receipted(story: Story) -> Shipment:
    """The carrier's receipt came in on Monday at nine."""
    shipment = story.with_material().in_stock().dispatched(story.notified())
    assert not Deadline.objects.filter(rule=RULE).exists()
    return delivery.record_carrier_receipt(shipment, by=story.by("shipper"), file=scan())


def told() -> list[tuple[str, datetime]]:
    """Who was told of the clock, and for when."""
    rows = Notice.objects.filter(key__contains="deadline", path__contains="delivery/shipment")
    return list(rows.order_by("at", "pk").values_list("person__username", "at"))


@pytest.mark.rule("TM-33", "DLV-13")
def test_the_clerk_is_warned_two_hours_before_the_shift_ends_and_told_at_midnight(
    receipted: Shipment,
) -> None:
    assert Deadline.objects.get(rule=RULE).due_at == MIDNIGHT
    sweep.run(at=FIVE - timedelta(hours=2, minutes=1))
    assert told() == []
    sweep.run(at=FIVE - timedelta(hours=2))
    assert told() == [("sales_clerk", FIVE - timedelta(hours=2))]
    sweep.run(at=MIDNIGHT)
    assert told()[1:] == [("sales_clerk", MIDNIGHT)]
    sweep.run(at=MIDNIGHT + timedelta(hours=2))
    assert told()[2:] == [("sales_leader", MIDNIGHT + timedelta(hours=2))]


@pytest.mark.rule("TM-33", "DLV-13")
def test_the_logged_call_stops_it(story: Story, receipted: Shipment) -> None:
    delivery.record_customer_told(receipted, by=story.by("sales_clerk", hours=10), **call("已发运"))
    run = Deadline.objects.get(rule=RULE)
    assert (run.state, run.breached) == (Deadline.State.DONE, False)


@pytest.mark.rule("TM-33", "SYS-08")
def test_a_call_on_the_next_day_is_late(story: Story, receipted: Shipment) -> None:
    delivery.record_customer_told(receipted, by=story.by("sales_clerk", days=1), **call("已发运"))
    run = Deadline.objects.get(rule=RULE)
    assert (run.breached, run.late_by) == (True, timedelta(hours=9))


@pytest.mark.rule("TM-33", "SYS-10")
def test_a_call_that_was_made_in_time_and_entered_later_is_in_time(story: Story, receipted: Shipment) -> None:
    made = {"happened_at": FIVE, **call("已发运")}
    delivery.record_customer_told(receipted, by=story.by("sales_clerk", days=1), **made)
    assert not Deadline.objects.get(rule=RULE).breached
