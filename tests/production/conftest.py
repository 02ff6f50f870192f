"""What the departments after production do to its documents, done here by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flow import cases
from flow.events import By
from production.actions import work_order as work_orders
from production.models import WorkOrder
from tests.story import Story

Follow = Callable[..., Any]


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
