"""What the departments after production do to its documents, done here by hand."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from flow import cases
from flow.events import By
from production.actions import work_order as work_orders
from production.models import WorkOrder
from quality import actions as quality
from quality.models import Inspection
from tests.story import Story

Follow = Callable[..., Any]


def judged(story: Story, work_order: WorkOrder, *, qualified: int | None = None) -> WorkOrder:
    """The inspector passes what was submitted: all of it, or so much; the work order as it stands after."""
    open_states = [Inspection.State.REQUESTED, Inspection.State.INSPECTING]
    rows = Inspection.objects.select_related("company", "case")
    inspection = rows.get(work_order=work_order, state__in=open_states)
    quality.start(inspection, by=story.by("inspector"))
    if qualified == 0:
        quality.fail(inspection, by=story.by("inspector"), reason="耐压不合格")
    else:
        wanted = None if qualified is None else Decimal(qualified)
        quality.pass_(inspection, by=story.by("inspector"), qualified_quantity=wanted)
    return WorkOrder.objects.select_related("company", "case", "item").get(pk=work_order.pk)


@pytest.fixture
def follow() -> Follow:
    """`follow(verb, document, by=by, …)`: a consequence, as the action that causes it would run it."""

    def run(verb: Any, document: Any, *, by: By, **data: Any) -> Any:
        with cases.transact():
            cases.lock({document.case_id})
            return verb.follow(document, by=by, **data)

    return run


@pytest.fixture
def kitted(story: Story, follow: Follow) -> WorkOrder:
    """The work order of the product, its material issued."""
    story.released()
    return follow(work_orders.kit, story.product, by=story.by("storekeeper"))
