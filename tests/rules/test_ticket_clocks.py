"""TM-36, TM-37: a demand is handed over within 60 minutes, the customer contacted within two hours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aftersales import actions as aftersales
from aftersales.models import Ticket
from deadlines import sweep
from deadlines.models import Deadline
from flow.refusals import Invalid
from integration.models import Notice
from tests.people import NINE
from tests.story import Story, call

verbs = aftersales.ticket
HAND_OVER, CONTACT = "ticket_hand_over_60m", "ticket_contact_2h"


@pytest.fixture
def ticket(story: Story) -> Ticket:
    """A demand that came by telephone at nine."""
    return story.received().ticket(telephone_only=True)


def clock(rule: str) -> Deadline:
    """The one run of the rule."""
    return Deadline.objects.get(rule=rule)


def told(rule: str) -> list[str]:
    """Who was told of the run; a name once for each step."""
    rows = Notice.objects.filter(key__startswith=f"deadline:{clock(rule).pk}:").order_by("at", "pk")
    return list(rows.values_list("person__username", flat=True))


@pytest.mark.rule("TM-36", "AFS-03")
def test_after_60_minutes_it_is_overdue(ticket: Ticket) -> None:
    assert clock(HAND_OVER).due_at == NINE + timedelta(minutes=60)
    people: list[str] = []
    for minutes, who in ((44, []), (45, ["sales_clerk"]), (60, ["sales_clerk"]), (75, ["sales_leader"])):
        sweep.run(at=NINE + timedelta(minutes=minutes))
        people += who
        assert told(HAND_OVER) == people
    assert clock(HAND_OVER).breached


@pytest.mark.rule("TM-36", "SYS-10")
def test_the_hour_runs_from_the_call_not_from_its_entry(story: Story) -> None:
    story.received().later(hours=3)
    called = story.at - timedelta(minutes=50)
    ticket = story.ticket(telephone_only=True, happened_at=called)
    assert ticket.received_at == called
    assert clock(HAND_OVER).due_at == called + timedelta(minutes=60)
    with pytest.raises(Invalid, match="still to come"):
        story.ticket(happened_at=story.at + timedelta(minutes=1))


@pytest.mark.rule("TM-36", "SYS-08")
def test_the_hand_over_stops_it_and_keeps_the_breach(story: Story, ticket: Ticket) -> None:
    verbs.hand_over(ticket, by=story.by("sales_clerk", minutes=90))
    run = clock(HAND_OVER)
    assert (run.state, run.breached, run.late_by) == (Deadline.State.DONE, True, timedelta(minutes=30))


@pytest.mark.rule("TM-36")
def test_who_registered_it_is_warned(story: Story) -> None:
    story.received()
    aftersales.ticket.create(
        by=story.by("salesperson"), kind="repair", problem="跳闸", customer=story.factory.customer
    )
    sweep.run(at=NINE + timedelta(minutes=45))
    assert told(HAND_OVER) == ["salesperson"]


@pytest.mark.rule("TM-37", "AFS-04", "E-28")
def test_two_hours_after_the_hand_over_without_contact_is_overdue(story: Story, ticket: Ticket) -> None:
    assert not Deadline.objects.filter(rule=CONTACT).exists()
    handed = NINE + timedelta(minutes=30)
    verbs.hand_over(ticket, by=story.by("sales_clerk", minutes=30))
    assert clock(CONTACT).due_at == handed + timedelta(hours=2)
    people: list[str] = []
    leader = "service_leader"
    for minutes, who in ((89, []), (90, [leader]), (120, [leader]), (150, ["gm"])):
        sweep.run(at=handed + timedelta(minutes=minutes))
        people += who
        assert told(CONTACT) == people


@pytest.mark.rule("TM-37", "AFS-04")
def test_the_logged_contact_stops_it(story: Story, ticket: Ticket) -> None:
    ticket = verbs.hand_over(ticket, by=story.by("sales_clerk"))
    verbs.record_contact(ticket, by=story.by("service_leader", hours=1), **call("下午到现场"))
    assert (clock(CONTACT).state, clock(CONTACT).breached) == (Deadline.State.DONE, False)
