"""A transaction is tried again only where the database says that another one was in the way."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection

T = TypeVar("T")
TRIES = 3
# serialization failure, deadlock, lock timeout
PASSING = {"40001", "40P01", "55P03"}


class Busy(Exception):
    """Somebody else held the same case for too long; nothing was changed."""


def passing(error: OperationalError) -> bool:
    """Whether the same transaction may succeed when it is tried again."""
    cause = error.__cause__
    return getattr(cause, "pgcode", None) in PASSING or "database is locked" in str(error)


def retried(work: Callable[[], T]) -> T:
    """Run `work` (one whole transaction) up to three times. Raises Busy when it never got through."""
    if connection.in_atomic_block:
        return work()
    for attempt in range(TRIES):
        try:
            return work()
        except OperationalError as error:
            if not passing(error):
                raise
            if attempt == TRIES - 1:
                raise Busy from error
            time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))
    raise AssertionError("unreachable")
