"""An order whose two cabinets lie in the finished goods store."""

from __future__ import annotations

import pytest

from tests.story import Story


@pytest.fixture
def stocked(story: Story) -> Story:
    """Ready to be shipped."""
    return story.with_material().in_stock()
