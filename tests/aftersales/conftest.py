"""An order that the customer has received."""

from __future__ import annotations

import pytest

from tests.ledger import Ledger
from tests.story import Story


@pytest.fixture
def delivered(story: Story) -> Story:
    """Everything is with the customer; the departments' work is credited by hand."""
    story.effective()
    assert Ledger(story).delivered() == "after_sales"
    return story
