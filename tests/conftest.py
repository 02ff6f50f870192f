"""What every test may ask for: the database, the browser, the people with their goods, an order's story."""

from collections.abc import Callable
from datetime import datetime

import pytest

from flow.events import By
from org.models import Person
from tests import photograph
from tests.chromium import browser, page  # noqa: F401
from tests.database import (  # noqa: F401
    django_db_keepdb,
    emptied_afterwards,
    postgresql,
    pytest_report_header,
)
from tests.goods import Factory
from tests.people import NINE
from tests.photograph import photographs  # noqa: F401
from tests.proofs import pytest_runtest_setup  # noqa: F401
from tests.story import Story


@pytest.fixture
def at() -> datetime:
    """Monday 2026-03-02, nine o'clock in Shanghai."""
    return NINE


@pytest.fixture
def factory(db: None) -> Factory:
    """Three companies with one person for each role, and a small catalogue."""
    photograph.begun()
    return photograph.kept("factory", Factory)


@pytest.fixture
def by(factory: Factory) -> Callable[..., By]:
    """`by("buyer")`: the holder of the role in KG, acting at nine; `by("buyer", hours=4)` at one."""
    return factory.by


@pytest.fixture
def stranger(factory: Factory) -> Person:
    """Somebody who holds every role, but in another company."""
    return factory.stranger


@pytest.fixture
def story(factory: Factory) -> Story:
    """An order told step by step: `story.effective()`."""
    return Story(factory)
