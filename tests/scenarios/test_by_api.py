"""One order from `receive` to `close` by programs alone: every step with the token of the role it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from flow.invariants import violations
from tests.goods import Factory
from tests.people import NINE
from tests.scenarios.by_api import ByApi
from tests.scenarios.line import Line


@pytest.fixture(autouse=True)
def afternoon() -> Iterator[None]:
    """Faces read the clock: it is the afternoon of a Monday."""
    with time_machine.travel(NINE + timedelta(hours=5)):
        yield


def test_programs_carry_an_order_from_receive_to_close(factory: Factory) -> None:
    face = ByApi(factory)
    line = Line(face, NINE.date())
    line.all()
    assert line.order.state == "closed"
    shown = face.shown("gm", line.order)
    for event in face.history("gm", shown["case"]["id"]): print(event["verb"])
    assert not any(violations().values())
