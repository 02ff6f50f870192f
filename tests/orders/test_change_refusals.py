"""What speaks against a change, and what its smaller quantities do to what was only planned."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from flow.invariants import violations
from flow.refusals import Invalid, Refused
from orders import actions as orders
from orders.models import Stage
from tests.orders.changing import SMALL, classified, issued, received, reviewed
from tests.story import Story, scan


def test_before_the_signature_an_order_is_edited_not_changed(story: Story) -> None:
    story.approved()
    with pytest.raises(Refused, match="not signed"):
        received(story)


@pytest.mark.parametrize(
    ("lines", "said", "match"),
    [
        ([{"position": 9, "quantity": Decimal(1)}], {}, "no such line"),
        ([{"position": 1}], {}, "what changes"),
        ([*SMALL, *SMALL], {}, "twice"),
        ([{"position": 1, "delivery_on": date(2020, 1, 1)}], {}, "passed"),
        (SMALL, {"delivery_on": date(2020, 1, 1)}, "passed"),
        (SMALL, {"kind": "technical", "by": "sales_clerk"}, "technical department"),
    ],
)
def test_rubbish_gets_a_sentence(story: Story, lines: list[Any], said: dict[str, Any], match: str) -> None:
    story.effective()
    given = {"kind": "commercial", "party": "王工", "channel": "phone", "wish": "改", **said}
    by = story.by(given.pop("by", "sales_clerk"))
    with pytest.raises(Invalid) as refusal:
        orders.change.create(by=by, order=story.order, lines=lines, **given)
    assert match in str(refusal.value.__dict__)


@pytest.mark.rule("ORD-26")
def test_a_quantity_is_never_a_small_change(story: Story) -> None:
    story.effective()
    change = received(story, [{"position": 1, "quantity": Decimal(3)}])
    with pytest.raises(Invalid) as refusal:
        classified(story, change)
    assert "affects_plan" in refusal.value.errors


def test_fewer_than_were_begun_cannot_be_ordered(story: Story) -> None:
    story.with_material()
    story.made()
    change = received(story, [{"position": 1, "quantity": Decimal(1)}], confirmation=scan())
    change = reviewed(story, classified(story, change, affects_plan=True))
    with pytest.raises(Refused, match="fewer cannot be ordered"):
        orders.change_notice.issue(change, by=story.by("sales_clerk"))


def test_a_smaller_quantity_takes_back_what_was_only_planned(story: Story) -> None:
    story.released()
    change = received(story, [{"position": 1, "quantity": Decimal(1)}], confirmation=scan())
    change = reviewed(story, classified(story, change, affects_plan=True))
    issued(story, change)
    line = story.lines[0]
    assert line.quantity == 1
    assert orders.progress.reached(story.order, Stage.INSTRUCTED)[line.pk] == 1
    waiting = story.order.work_orders.filter(order_line=line, is_final=True)
    assert set(waiting.values_list("state", flat=True)) == {"cancelled"}
    assert not any(violations().values())
