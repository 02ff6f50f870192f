"""N clicks on one transition at once: one succeeds, the others are refused, one event (P6, P7)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from deadlines.models import Deadline
from flow import actions as kernel
from flow import cases
from flow.invariants import violations
from flow.models import Event, Series
from flow.refusals import Refused, Stale
from orders import actions as orders
from orders.models import Order
from production import actions as production
from tests.database import at_once
from tests.goods import Factory
from tests.proofs import proven
from tests.story import Story

pytestmark = pytest.mark.django_db(transaction=True)
VERB = "orders.order.confirm_requirements"
INPUT = {
    "order_class": "regular",
    "confirmed_with": "王工",
    "channel": "phone",
    "technical_requirement": "按 GB/T 3906",
    "quality_requirement": "出厂试验合格",
}


@pytest.fixture
def received(transactional_db: None) -> Story:
    return Story(Factory()).received()


def confirming(story: Story, times: int) -> list[Callable[[], Any]]:
    order, by = story.order, story.by("sales_clerk")
    return [lambda: orders.confirm_requirements(order, by=by, **INPUT)] * times


def told(order: Order) -> int:
    return Event.objects.filter(verb=VERB, subject_id=order.pk).count()


@pytest.mark.rule("ORG-20", "SYS-03")
def test_fifty_clients_one_winner(received: Story) -> None:
    results = at_once(confirming(received, 50))
    kinds = Counter(type(r).__name__ for r in results)
    assert kinds == {"Order": 1, "Refused": 49}
    order = received.order
    assert (order.state, order.version, told(order)) == ("confirmed", 2, 1)
    proven("P6", injections=50, violations=0, note="50 clicks on one step at once: 1 done, 49 refused")


@pytest.mark.rule("PRD-01", "TM-01", "TM-06")
def test_fifty_clients_make_one_event_one_number_one_deadline(received: Story) -> None:
    """The clerk's instruction: it takes a number, stops the clock of 4 hours and starts the next one."""
    instruction, by = received.effective().instruction, received.by("sales_clerk")
    results = at_once([lambda: production.instruction.issue(instruction, by=by)] * 50)
    assert Counter(type(r).__name__ for r in results) == {"Instruction": 1, "Refused": 49}
    assert Event.objects.filter(verb="production.instruction.issue").count() == 1
    assert Series.objects.get(kind="production.instruction").last == 1
    assert received.instruction.number == f"{received.instruction.prefix}KG2026-0001"
    assert Deadline.objects.filter(rule="instruction_4h", state="done").count() == 1
    running = Deadline.objects.filter(state__in=Deadline.RUNNING).values_list("code", flat=True)
    assert list(running) in (["TM-05"], ["TM-06"])
    assert not any(violations().values())


@contextmanager
def together(monkeypatch: pytest.MonkeyPatch, number: int) -> Iterator[None]:
    """Let all callers have read the document before any of them writes: what a lock makes impossible."""
    gate = threading.Barrier(number)
    run = kernel.Action.registry[VERB].run

    def waiting(*args: Any, **kwargs: Any) -> Any:
        gate.wait(timeout=20)
        return run(*args, **kwargs)

    monkeypatch.setattr(kernel.Action.registry[VERB], "run", waiting)
    yield


def without_lock(ids: Any) -> None:
    """Only note the cases as locked."""
    cases._locked.set(cases._held() | set(ids))


def without_second_net(document: Any, before: dict[str, Any]) -> None:
    """A save that does not look at what stands in the database now."""
    document.version += 1
    now = kernel.snapshot(document)
    changed = {name: value for name, value in now.items() if value != before[name]}
    type(document)._default_manager.filter(pk=document.pk).update(**changed)


def test_without_the_lock_the_second_net_still_holds(
    received: Story, postgresql: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "lock", without_lock)
    with together(monkeypatch, 4):
        results = at_once(confirming(received, 4))
    assert Counter(type(r).__name__ for r in results) == {"Order": 1, "Stale": 3}


def test_without_lock_and_net_one_event_a_version_still_holds(
    received: Story, postgresql: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "lock", without_lock)
    monkeypatch.setattr(kernel, "store", without_second_net)
    with together(monkeypatch, 4):
        results = at_once(confirming(received, 4))
    assert Counter(type(r).__name__ for r in results) == {"Order": 1, "IntegrityError": 3}


def test_with_all_three_taken_away_several_win(
    received: Story, postgresql: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the same race ends wrong without the protections, so the tests above prove something."""
    record = kernel.events.record
    monkeypatch.setattr(cases, "lock", without_lock)
    monkeypatch.setattr(kernel, "store", without_second_net)
    monkeypatch.setattr(
        kernel.events,
        "record",
        lambda verb, doc, by, **said: record(verb, doc, by, **said | {"versioned": False}),
    )
    with together(monkeypatch, 4):
        results = at_once(confirming(received, 4))
    assert sum(isinstance(r, Order) for r in results) > 1
    proven("P6", injections=4, violations=0, note="the twin: without lock, net and event key several win")


def test_a_save_based_on_an_old_version_is_refused(received: Story) -> None:
    order = received.order
    seen = order.version
    orders.edit(order, by=received.by("sales_clerk"), version=seen, **_as_it_is(received, remark="先到"))
    with pytest.raises(Stale):
        orders.edit(order, by=received.by("salesperson"), version=seen, **_as_it_is(received, remark="后到"))
    assert received.order.remark == "先到"
    proven("P7", injections=1, violations=0, note="a save on an old version")


def test_without_a_version_the_last_one_wins_knowingly(received: Story) -> None:
    orders.edit(received.order, by=received.by("sales_clerk"), **_as_it_is(received, remark="一"))
    orders.edit(received.order, by=received.by("sales_clerk"), **_as_it_is(received, remark="二"))
    assert received.order.remark == "二"


def test_different_verbs_at_once_end_with_one_winner(received: Story) -> None:
    """Edit or confirm: whoever is first, the order is never half of both."""
    order = received.order
    edit = _as_it_is(received, remark="改")
    results = at_once(
        [
            lambda: orders.edit(order, by=received.by("sales_clerk"), version=1, **edit),
            lambda: orders.confirm_requirements(order, by=received.by("salesperson"), version=1, **INPUT),
        ]
    )
    assert sorted(type(r).__name__ for r in results) in (["Order", "Stale"], ["Order", "Refused"])
    assert Event.objects.filter(subject_type="orders.order", subject_id=order.pk).count() == 2


def _as_it_is(story: Story, **changed: Any) -> dict[str, Any]:
    order = story.order
    fields = {name: getattr(order, name) for name in ("customer", "channel", "delivery_on")}
    lines = [{"item": line.item, "quantity": line.quantity} for line in story.lines]
    return {**fields, "lines": lines, **changed}


def test_refusals_leave_nothing_behind(received: Story) -> None:
    before = Event.objects.count()
    with pytest.raises(Refused):
        orders.submit_review(received.order, by=received.by("sales_clerk"))
    assert Event.objects.count() == before
    assert received.order.version == 1
