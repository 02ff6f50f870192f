"""TM-31: the shipping notice is generally issued one day before the planned dispatch (DLV-02)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from deadlines import sweep
from deadlines.models import Deadline
from delivery import actions as delivery
from delivery.models import Shipment
from integration.models import Notice
from orders import actions as orders
from tests.people import NINE, SHANGHAI
from tests.story import Story, scan

RULE = "shipping_notice_1d"
TUESDAY = date(2026, 3, 10)
MIDNIGHT = datetime(2026, 3, 10, tzinfo=SHANGHAI)


def clock(shipment: Shipment) -> Deadline:
    """The run of the rule that counts for the notice now."""
    return Deadline.objects.filter(rule=RULE, subject_id=shipment.pk).latest("pk")


def told() -> set[str]:
    """Who has been told of a shipping notice that is due."""
    rows = Notice.objects.filter(path__contains="delivery/shipment")
    return set(rows.values_list("person__username", flat=True))


@pytest.mark.rule("TM-31", "DLV-02")
def test_dispatch_on_the_tenth_is_notified_by_the_end_of_the_ninth(story: Story) -> None:
    shipment = story.effective().draft_shipment(planned_dispatch_on=TUESDAY)
    assert clock(shipment).due_at == MIDNIGHT
    for at, heard in (
        (MIDNIGHT - timedelta(hours=4, minutes=1), set()),
        (MIDNIGHT - timedelta(hours=4), {"order_desk"}),
        (MIDNIGHT + timedelta(hours=3, minutes=59), {"order_desk"}),
        (MIDNIGHT + timedelta(hours=4), {"order_desk", "order_mgr"}),
    ):
        sweep.run(at=at)
        assert told() == heard
    assert clock(shipment).breached


@pytest.mark.rule("TM-31", "E-31")
def test_for_a_project_marketing_is_warned(story: Story) -> None:
    story.received(is_project=True, project_name="城南变电站").effective()
    story.draft_shipment(planned_dispatch_on=TUESDAY)
    sweep.run(at=MIDNIGHT - timedelta(hours=4))
    assert told() == {"marketing"}


@pytest.mark.rule("TM-31")
def test_issuing_stops_it(story: Story) -> None:
    shipment = story.with_material().in_stock().draft_shipment(planned_dispatch_on=TUESDAY)
    delivery.issue(shipment, by=story.by("order_desk", days=7))
    assert (clock(shipment).state, clock(shipment).breached) == (Deadline.State.DONE, False)


@pytest.mark.rule("TM-31", "SYS-08")
def test_a_late_notice_keeps_its_breach(story: Story) -> None:
    shipment = story.with_material().in_stock().draft_shipment(planned_dispatch_on=TUESDAY)
    delivery.issue(shipment, by=story.by("order_desk", days=8))
    run = clock(shipment)
    assert (run.state, run.breached, run.late_by) == (Deadline.State.DONE, True, timedelta(hours=9))


@pytest.mark.rule("TM-31", "E-40")
def test_before_a_holiday_the_last_working_day_counts(story: Story) -> None:
    shipment = story.effective().draft_shipment(planned_dispatch_on=date(2026, 3, 9))  # a Monday
    assert clock(shipment).due_at == datetime(2026, 3, 7, tzinfo=SHANGHAI)
    assert clock(shipment).moved


@pytest.mark.rule("TM-31")
def test_a_moved_dispatch_moves_the_clock(story: Story) -> None:
    shipment = story.effective().draft_shipment(planned_dispatch_on=TUESDAY)
    old = clock(shipment)
    head = {"planned_dispatch_on": date(2026, 3, 12), "address": "苏州"}
    delivery.edit(shipment, by=story.by("order_desk"), **head)
    assert Deadline.objects.get(pk=old.pk).state == Deadline.State.SUPERSEDED
    assert clock(shipment).due_at == MIDNIGHT + timedelta(days=2)


@pytest.mark.rule("TM-31")
def test_a_dispatch_planned_for_today_leaves_four_working_hours(story: Story) -> None:
    shipment = story.effective().draft_shipment(planned_dispatch_on=NINE.date())
    assert clock(shipment).compressed
    assert clock(shipment).due_at == NINE + timedelta(hours=5)  # with the hour of lunch


@pytest.mark.rule("TM-31")
def test_a_cancelled_order_cancels_it(story: Story) -> None:
    shipment = story.effective().draft_shipment(planned_dispatch_on=TUESDAY)
    orders.cancel(story.order, by=story.by("gm"), reason="客户取消", proof=scan())
    assert clock(shipment).state == Deadline.State.CANCELLED
