"""What every attack needs: a house that does not write a line of log for each of thousands of refusals."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.db import connection


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Refusals are what is expected here; faults are told by their answers."""
    loggers = [logging.getLogger(name) for name in ("django.request", "django.security")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.fixture
def one_database(db: None) -> None:
    """Lets a quick run do with the embedded database; the long run of the same attack has both."""
    if connection.vendor != "sqlite":
        pytest.skip("the quick run needs one database; the long one has both")
