"""“在8小时内根据《进货检验程序》检验完成”: bought goods are judged within eight hours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deadlines import sweep
from deadlines.models import Deadline
from org.models import Person
from procurement.models import Receipt
from quality import actions as quality
from quality.models import Inspection
from tests.people import NINE
from tests.story import Story

pytestmark = [pytest.mark.django_db, pytest.mark.rule("TM-24", "QUA-01")]


def handed_over(story: Story) -> Inspection:
    """At nine the copper of the order is handed to quality."""
    document = next(d for d in story.ordered() if d.supplier == story.factory.copper_supplier)
    return story.handed_to_quality(story.delivered(document))


def clock() -> Deadline:
    """The one clock of TM-24."""
    return Deadline.objects.get(code="TM-24")


def test_the_clock_runs_from_the_hand_over_on_the_receipt(story: Story) -> None:
    inspection = handed_over(story)
    assert (clock().subject_type, clock().subject_id) == (Receipt.label(), inspection.receipt_id)
    assert clock().due_at == NINE + timedelta(hours=8)
    assert clock().owner_roles == "|inspector|"


def test_requested_at_nine_and_unfinished_at_five_is_overdue_and_the_leader_is_told(story: Story) -> None:
    handed_over(story)
    told = {}
    for hours in (6, 8, 10, 12, 14):
        sweep.run(at=NINE + timedelta(hours=hours))
        newest = clock().escalations.order_by("step").last()
        assert newest is not None
        told[hours] = sorted(Person.objects.in_bulk(newest.told)[pk].username for pk in newest.told)
    assert told == {
        6: ["inspector"],
        8: ["inspector"],
        10: ["qc_leader"],
        12: ["buyer", "planner"],
        14: ["gm"],
    }


@pytest.mark.parametrize("verb", ["pass", "fail"])
def test_either_result_stops_it(story: Story, verb: str) -> None:
    inspection = handed_over(story)
    by = story.by("inspector", hours=7)
    if verb == "pass":
        quality.pass_(inspection, by=by)
    else:
        quality.fail(inspection, by=by, reason="材质不符")
    assert (clock().state, clock().breached) == ("done", False)


def test_a_result_after_eight_hours_is_a_breach_even_if_nobody_looked(story: Story) -> None:
    quality.pass_(handed_over(story), by=story.by("inspector", hours=9))
    assert (clock().breached, clock().late_by) == (True, timedelta(hours=1))


def test_the_inspection_of_finished_work_has_another_clock(story: Story) -> None:
    story.planned()
    assert not Deadline.objects.filter(code="TM-24").exists()
