"""“提前5个工作日,与供应商进行联系,确定它们的实际可送发货时间”: five working days before a line arrives."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from deadlines import sweep
from deadlines.models import Deadline
from procurement import actions as procurement
from procurement.models import PurchaseOrder
from tests.people import SHANGHAI
from tests.story import Story, call

pytestmark = [pytest.mark.django_db, pytest.mark.rule("TM-21", "PUR-27")]
MONDAY = date(2026, 6, 15)


def at(day: int, hour: int = 9) -> datetime:
    """An hour of a day of June."""
    return datetime(2026, 6, day, hour, tzinfo=SHANGHAI)


def ordered(story: Story, *arrivals: date) -> PurchaseOrder:
    """The copper is ordered in as many parts as there are days of arrival, and sent."""
    story.requested()
    line = story.needs(story.factory.copper)[0]
    part = line.quantity / len(arrivals)
    lines = [{"requisition_line": line, "quantity": part, "arrival_on": day} for day in arrivals]
    document = procurement.purchase_order.create(
        by=story.by("buyer"),
        company=story.company,
        supplier=story.factory.copper_supplier,
        lines=lines,
    )
    return story.sent(document)


def clocks(**said: Any) -> list[Deadline]:
    """The clocks of TM-21, by line."""
    return list(Deadline.objects.filter(code="TM-21", **said).order_by("line_id", "pk"))


def contact(story: Story, document: PurchaseOrder, when: datetime, *lines: int) -> PurchaseOrder:
    """The buyer phones the supplier about these lines (about all where none is named)."""
    story.at = when
    return procurement.purchase_order.log_supplier_contact(
        document,
        by=story.by("buyer"),
        dispatch_on=date(2026, 6, 12),
        lines=[{"line": line} for line in lines],
        **call("6月12日发货"),
    )


def test_a_line_due_monday_the_15th_is_to_be_chased_on_the_8th(story: Story) -> None:
    ordered(story, MONDAY)
    (clock,) = clocks(state="open")
    assert clock.due_at == datetime(2026, 6, 9, tzinfo=SHANGHAI), "the end of Monday the 8th"
    assert clock.owner_roles == "|buyer|"
    assert [step["kind"] for step in clock.ladder] == ["warn", "due", "escalate"]


def test_the_buyer_is_warned_and_told_and_then_the_leader(story: Story) -> None:
    ordered(story, MONDAY)
    for day in (7, 9, 10):
        sweep.run(at=at(day, 23))
    (clock,) = clocks()
    buyer, leader = (story.factory.person(role).pk for role in ("buyer", "purch_leader"))
    assert list(clock.escalations.order_by("step").values_list("kind", "told")) == [
        ("warn", [buyer]),
        ("due", [buyer]),
        ("escalate", [leader]),
    ]


def test_a_call_about_one_line_stops_only_its_clock(story: Story) -> None:
    document = ordered(story, MONDAY, MONDAY + timedelta(days=7))
    first, second = document.lines.all()
    document = contact(story, document, at(8, 15), first.pk)
    (done,), (running,) = clocks(line_id=first.pk), clocks(line_id=second.pk)
    assert (done.state, done.breached, running.state) == ("done", False, "open")
    assert [row.dispatch_on for row in document.lines.all()] == [date(2026, 6, 12), None]
    contact(story, document, at(16))
    assert (clocks(line_id=second.pk)[0].state, clocks(state="open")) == ("done", [])


def test_a_call_after_the_day_is_a_breach(story: Story) -> None:
    document = ordered(story, MONDAY)
    contact(story, document, at(9, 1))
    (clock,) = clocks()
    assert (clock.state, clock.breached) == ("done", True)


def test_a_confirmed_later_arrival_moves_the_clock(story: Story) -> None:
    document = ordered(story, MONDAY, MONDAY)
    first, second = document.lines.all()
    procurement.purchase_order.record_confirmation(
        document,
        by=story.by("buyer"),
        lines=[{"line": second.pk, "confirmed_on": date(2026, 6, 22)}],
    )
    assert [clock.state for clock in clocks(line_id=first.pk)] == ["open"]
    assert [clock.state for clock in clocks(line_id=second.pk)] == ["superseded", "open"]
    assert clocks(line_id=second.pk)[1].due_at > clocks(line_id=first.pk)[0].due_at


def test_what_has_come_or_was_given_up_needs_no_call(story: Story) -> None:
    document = ordered(story, MONDAY, MONDAY)
    first, second = document.lines.all()
    receipt = story.delivered(document, line_2=0)
    procurement.receipt.receive(receipt, by=story.by("storekeeper"))
    assert [c.line_id for c in clocks(state="open")] == [second.pk]
    procurement.purchase_order.reduce(
        document,
        by=story.by("buyer"),
        reason="够了",
        agreed_with="物控员",
        lines=[{"line": second.pk, "quantity": Decimal(0)}],
    )
    assert clocks(state="open") == []
    assert clocks(line_id=first.pk)[0].breached is False


def test_a_cancelled_order_stops_its_clocks(story: Story) -> None:
    document = ordered(story, MONDAY)
    procurement.purchase_order.cancel(document, by=story.by("buyer"), reason="换供方")
    assert [clock.state for clock in clocks()] == ["cancelled"]


def test_an_order_sent_late_leaves_four_working_hours(story: Story) -> None:
    ordered(story, date(2026, 3, 5))
    (clock,) = clocks(state="open")
    assert clock.compressed
    assert clock.due_at == datetime(2026, 3, 2, 14, tzinfo=SHANGHAI)
