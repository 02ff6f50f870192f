"""The buttons of the training clock: where each leads, and what rang on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deadlines import sweep
from desk import training
from flow import clock
from tests.people import NINE, SHANGHAI
from tests.story import Story


@pytest.fixture(autouse=True)
def trained(settings: Any) -> None:
    settings.TRAINING_CLOCK = True


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        (datetime(2026, 3, 18, 14, tzinfo=SHANGHAI), datetime(2026, 3, 19, 8, tzinfo=SHANGHAI)),
        (datetime(2026, 3, 20, 18, tzinfo=SHANGHAI), datetime(2026, 3, 23, 8, tzinfo=SHANGHAI)),
        (datetime(2026, 3, 18, 6, tzinfo=SHANGHAI), datetime(2026, 3, 18, 8, tzinfo=SHANGHAI)),
        # The last working day before National Day; the first one after it is a Thursday.
        (datetime(2026, 9, 30, 9, tzinfo=SHANGHAI), datetime(2026, 10, 8, 8, tzinfo=SHANGHAI)),
    ],
    ids=str,
)
def test_the_next_working_morning(db: None, now: datetime, morning: datetime) -> None:
    assert training.next_morning(now) == morning


def test_the_next_due_clock_is_the_nearest_that_is_not_past(story: Story) -> None:
    assert training.next_due(NINE) is None
    story.effective()
    due = NINE + timedelta(hours=4)
    assert training.next_due(NINE) == due + timedelta(seconds=1)
    assert training.next_due(due + timedelta(hours=1)) is None


def test_what_rings_on_the_way_is_named_in_its_order(story: Story) -> None:
    """Warned an hour before, due after four, then one level up an hour later (TM-01)."""
    story.effective()

    def rung(hours: float) -> list[str]:
        return [kind for kind, _row in training.steps_between(NINE, NINE + timedelta(hours=hours))]

    assert rung(2.9) == []
    assert rung(3) == ["warn"]
    assert rung(5) == ["warn", "due", "escalate"]
    # What was taken before does not ring again.
    sweep.run(at=NINE + timedelta(hours=4.5))
    late = NINE + timedelta(hours=4.5)
    assert [kind for kind, _row in training.steps_between(late, NINE + timedelta(hours=5))] == ["escalate"]


def test_the_effect_is_told_with_a_link(story: Story) -> None:
    story.effective()
    said = str(training.effect(list(training.steps_between(NINE, NINE + timedelta(hours=4)))))
    assert "1 clock fell due." in said
    assert f'href="/{story.instruction.path}/"' in said or f'href="/{story.order.path}/"' in said
    assert training.effect([]) == "No clock rang on the way."


def test_the_button_goes_just_past_the_clock_and_says_so(at_desk: Any, story: Story) -> None:
    story.at = clock.now().astimezone(UTC)
    story.received(delivery_on=story.at.date() + timedelta(days=200))
    story.effective()
    client = at_desk("admin")
    page = client.post("/clock/", {"ahead": "due"}, follow=True).content.decode()
    assert "1 clock fell due." in page
    assert clock.now() - story.at >= timedelta(hours=4)
    assert clock.now() - story.at < timedelta(hours=4, minutes=2)


def test_without_a_running_clock_nothing_moves(at_desk: Any, factory: Any) -> None:
    before = clock.now()
    page = at_desk("admin").post("/clock/", {"ahead": "due"}, follow=True).content.decode()
    assert "No clock is running" in page
    assert clock.now() - before < timedelta(minutes=1)
