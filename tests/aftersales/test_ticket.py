"""The service ticket: registered with its papers, handed over, served, confirmed by the customer, closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from aftersales import actions as aftersales
from aftersales.models import Ticket
from flow import papers
from flow.binding import bind
from flow.events import By
from flow.invariants import violations
from flow.policy import Viewer
from flow.refusals import Denied, Invalid, Refused
from integration.models import Notice
from tests.story import Story, call, scan

verbs = aftersales.ticket
State = Ticket.State


def told(word: str) -> set[str]:
    """Who was told something with this word in it."""
    return set(Notice.objects.filter(title__contains=word).values_list("person__username", flat=True))


def in_service(story: Story, **said: Any) -> Ticket:
    """A ticket that an engineer has taken up."""
    ticket = story.ticket(telephone_only=True, **said)
    ticket = verbs.hand_over(ticket, by=story.by("sales_clerk"))
    ticket = verbs.record_contact(ticket, by=story.by("service_leader"), **call())
    return verbs.start(ticket, by=story.by("service_eng"))


@pytest.mark.rule("AFS-01")
def test_a_demand_about_an_order_joins_its_case(story: Story) -> None:
    ticket = story.received().ticket()
    assert (ticket.case, ticket.customer, ticket.state) == (
        story.order.case, story.factory.customer, State.REGISTERED,
    )  # fmt: skip
    assert ticket.number.startswith("FWKG2026-")


@pytest.mark.rule("AFS-01")
def test_a_demand_without_an_order_has_its_own_case(story: Story) -> None:
    ticket = story.received().ticket(order=None, customer=story.factory.dealer)
    assert ticket.case != story.order.case
    assert (ticket.company, ticket.customer) == (story.company, story.factory.dealer)
    with pytest.raises(Invalid) as refusal:
        story.ticket(order=None)
    assert "customer" in refusal.value.errors


@pytest.mark.rule("AFS-01")
def test_only_sales_registers_and_only_for_its_own_company(story: Story) -> None:
    story.received()
    said = {"kind": "repair", "problem": "跳闸", "order": story.order}
    for who in (story.by("service_eng"), story.by("gm"), By(story.factory.stranger, story.at)):
        with pytest.raises(Denied):
            verbs.create(by=who, **said)
    assert verbs.create(by=story.by("salesperson"), **said).created_by == story.by("salesperson").actor


def test_the_form_names_the_customer_or_the_order(story: Story) -> None:
    story.received()
    viewer = Viewer.of(story.by("sales_clerk").actor, story.at)
    fields = {"kind": "repair", "problem": "跳闸"}
    bound = bind(verbs.create, viewer=viewer, at=story.at, fields=fields)
    assert set(bound.errors) == {"customer"}
    bound = bind(verbs.create, viewer=viewer, at=story.at, fields={**fields, "order": story.order.number})
    assert bound.ok, bound.errors
    assert verbs.create(by=story.by("sales_clerk"), **bound.data).company == story.company


@pytest.mark.rule("AFS-02", "AFS-03")
def test_it_is_handed_over_with_its_papers_or_as_a_mere_call(story: Story) -> None:
    story.received()
    ticket = story.ticket()
    with pytest.raises(Denied):
        verbs.hand_over(ticket, by=story.by("service_leader"), telephone_only=True)
    with pytest.raises(Invalid, match="by telephone only"):
        verbs.hand_over(ticket, by=story.by("sales_clerk"))
    assert verbs.hand_over(ticket, by=story.by("sales_clerk"), file=scan()).state == State.HANDED_OVER
    assert papers.attached(ticket).count() == 1
    assert told("was handed over") == {"service_leader"}
    with_paper = story.ticket(file=scan("传真.pdf"))
    assert verbs.hand_over(with_paper, by=story.by("salesperson")).state == State.HANDED_OVER
    mere_call = story.ticket()
    assert verbs.hand_over(mere_call, by=story.by("sales_clerk"), telephone_only=True).telephone_only


@pytest.mark.rule("AFS-08", "AFS-09")
def test_lost_and_damaged_goods_are_told_at_once(story: Story) -> None:
    story.received().ticket(kind="repair")
    assert told("look into it") == set()
    story.ticket(kind="not_received")
    assert told("look into it") == {"shipper"}
    story.ticket(kind="damaged")
    assert told("look into it") == {"shipper", "service_leader", "ship_leader", "freight_auditor"}


@pytest.mark.rule("AFS-04", "AFS-13", "AFS-19")
def test_the_whole_service(story: Story) -> None:
    ticket = story.received().ticket(telephone_only=True)
    ticket = verbs.hand_over(ticket, by=story.by("sales_clerk"))
    for role in ("service_eng", "sales_clerk"):
        with pytest.raises(Denied):
            verbs.record_contact(ticket, by=story.by(role), **call())
    ticket = verbs.record_contact(ticket, by=story.by("service_leader"), **call("下午到现场"))
    assert papers.contacts(ticket).get().content == "下午到现场"
    with pytest.raises(Denied, match="Service engineer"):
        verbs.start(ticket, by=story.by("service_leader"))
    ticket = verbs.start(ticket, by=story.by("service_eng"))
    ticket = verbs.solve(ticket, by=story.by("service_eng"), solution="更换仪表", record=scan())
    ticket = verbs.reopen(ticket, by=story.by("service_leader"), reason="又跳闸")
    assert ticket.state == State.IN_SERVICE
    ticket = verbs.solve(ticket, by=story.by("service_eng"), solution="更换断路器")
    with pytest.raises(Refused, match="not possible while"):
        verbs.close(ticket, by=story.by("service_leader"))
    ticket = verbs.confirm(ticket, by=story.by("service_leader"), confirmed_by="王工", satisfaction=4)
    ticket = verbs.close(ticket, by=story.by("service_leader"))
    assert (ticket.state, ticket.solution, ticket.satisfaction) == (State.CLOSED, "更换断路器", 4)
    assert not any(violations().values())


@pytest.mark.rule("AFS-06", "AFS-08", "AFS-10")
@pytest.mark.parametrize(
    ("kind", "missing", "found"),
    [
        ("not_received", {"cause"}, {"cause": "承运方错送"}),
        ("damaged", {"cause", "method"}, {"cause": "运输碰撞", "method": "更换柜门"}),
        ("commissioning", {"power_on_checked"}, {"power_on_checked": True}),
        ("complaint", set(), {}),
    ],
)
def test_some_kinds_ask_for_more_before_they_are_solved(
    story: Story, kind: str, missing: set[str], found: dict[str, Any]
) -> None:
    ticket = in_service(story.received(), kind=kind)
    engineer = story.by("service_eng")
    if missing:
        with pytest.raises(Invalid) as refusal:
            verbs.solve(ticket, by=engineer, solution="处理")
        assert set(refusal.value.errors) == missing
    assert verbs.solve(ticket, by=engineer, solution="处理", **found).state == State.SOLVED


@pytest.mark.rule("AFS-20", "ORD-55")
def test_an_open_ticket_keeps_the_order_from_being_completed(delivered: Story) -> None:
    delivered.settle()
    ticket = delivered.ticket()
    with pytest.raises(Refused, match=f"service ticket {ticket.number}"):
        delivered.completed()
    delivered.served(ticket)
    assert delivered.completed().state == "completed"


def test_a_back_dated_demand_keeps_both_times(story: Story) -> None:
    called = story.received().at - timedelta(minutes=20)
    ticket = story.ticket(happened_at=called)
    assert (ticket.received_at, ticket.created_at) == (called, called)
