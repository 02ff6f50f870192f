"""The demo factory: an order in every state, clocks that rang at their moment, books that agree."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db.models import Max

from config import demo
from config.demo import orders
from deadlines.boards import state_of
from deadlines.models import Deadline, Escalation
from flow import tick
from flow.invariants import violations
from flow.models import Attachment, Comment, Event
from flow.uploads import KINDS, ending
from integration.models import Notice
from orders.models import Order
from org.models import Company
from tests.people import SHANGHAI

NOW = datetime(2026, 3, 18, 14, 36, tzinfo=SHANGHAI)
# After-sales opens by itself with the last receipt: no order rests there.
PASSED_THROUGH = {"delivered"}


def clocks(at: datetime) -> Counter[str]:
    return Counter(state_of(row, at) for row in Deadline.objects.all())


def digest() -> list[Any]:
    """What happened, without the ids that differ from house to house."""
    told = Event.objects.order_by("pk").values_list("verb", "at", "actor__username", "state_to")
    return [list(told), list(Order.objects.order_by("pk").values_list("number", "state", "delivery_on"))]


def test_an_order_stands_in_every_state(db: None) -> None:
    walked = demo.tell(now=NOW, small=True)
    assert [order.state for order in walked] == list(orders.PRESENT)
    assert {order.state for order in walked} == set(Order.State.values) - PASSED_THROUGH
    assert Event.objects.filter(subject_type="orders.order", state_to="delivered").exists()
    assert Event.objects.aggregate(last=Max("at"))["last"] <= NOW
    assert not any(violations().values())
    _clocks_rang_at_their_moment()
    _papers_are_real()
    _old_notices_are_read()
    for days in (1, 4, 9):
        tick.run(at=NOW + timedelta(days=days))
    assert not any(violations().values())


def _clocks_rang_at_their_moment() -> None:
    found = clocks(NOW)
    assert found["running"]
    assert found["escalated"]
    assert found["stopped_late"]
    assert found["stopped_in_time"] > found["stopped_late"]
    assert not Escalation.objects.filter(late=True).exists()


def _papers_are_real() -> None:
    files = list(Attachment.objects.all())
    assert files
    for file in files:
        with default_storage.open(file.stored) as content:
            begins, _mime = KINDS[ending(file.name)]
            assert content.read(16).startswith(begins)


def _old_notices_are_read() -> None:
    unread = Notice.objects.filter(read_at=None)
    assert unread.exists()
    assert not unread.filter(at__lt=NOW - orders.READ).exists()


def test_the_command_leaves_a_house_alone_that_holds_something(db: None) -> None:
    Company.objects.create(code="X", name="别的公司", kind=Company.Kind.GROUP)
    call_command("demo", if_empty=True)
    with pytest.raises(CommandError):
        call_command("demo")
    assert Order.objects.count() == 0


@pytest.mark.soak
def test_the_whole_demo_is_lively_and_always_the_same(transactional_db: None) -> None:
    from django.db import transaction

    told = []
    for _turn in range(2):
        with transaction.atomic():
            walked = demo.tell(now=NOW)
            told.append(digest())
            assert [order.state for order in walked] == [
                state for state, _told in orders.everything(Random(orders.SEED))
            ]
            _is_lively()
            transaction.set_rollback(True)
    assert told[0] == told[1]


def _is_lively() -> None:
    assert Order.objects.count() >= 60
    assert {order.company.code for order in Order.objects.select_related("company")} == {"KG", "HG"}
    assert not any(violations().values())
    found = clocks(NOW)
    shown = {"scheduled", "running", "warned", "overdue", "escalated", "stopped_in_time", "stopped_late"}
    assert shown <= found.keys()
    ended = found["stopped_in_time"] + found["stopped_late"]
    assert 0.85 <= found["stopped_in_time"] / ended <= 0.92
    assert Comment.objects.exclude(mentions=[]).exists()
    first = Event.objects.order_by("at").values_list("at", flat=True).first()
    assert first is not None
    assert NOW - timedelta(days=130) < first < NOW - timedelta(days=85)
