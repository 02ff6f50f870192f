"""An outage of everything: each level of an order's clock is told once, late if need be (P2, P3)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.faults.house import KINDS, House, eventually
from tests.proofs import proven

pytestmark = pytest.mark.faults


# Who holds the post of sales clerk in the demo factory.
CLERKS = ("sales_clerk", "sales_clerk_2")


def moments(said: list[str]) -> list[tuple[str, datetime]]:
    """ "person moment" as a pair that compares whatever the time zone."""
    return [(who, datetime.fromisoformat(at)) for who, at in (one.split() for one in said)]


def clerks(at: datetime) -> list[tuple[str, datetime]]:
    """Both clerks hear it at that moment."""
    return [(who, at) for who in CLERKS]


def clean(house: House) -> None:
    """The house ends in order, and its books agree."""
    assert house.stop() == 0
    checked = house.manage("check_invariants")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.rule("TM-01", "PRD-01")
def test_killed_at_half_past_twelve_and_started_at_half_past_two(house: House, nine: datetime) -> None:
    silent, instructed = house.hand(
        "effective",
        moments=[nine.isoformat()] * 2,
        issued={"1": (nine + timedelta(minutes=90)).isoformat()},
    )

    def heard() -> list[tuple[str, datetime]]:
        return moments(house.hand("heard").get(str(silent), []))

    def clock(hours: float) -> datetime:
        return nine + timedelta(hours=hours)

    house.hand("set_clock", at=clock(2.95).isoformat())
    house.start()
    assert heard() == []
    house.hand("set_clock", at=clock(3).isoformat())
    eventually(lambda: len(heard()) == 2, "the clerks were not warned at twelve")
    assert heard() == clerks(clock(3))

    house.hand("set_clock", at=clock(3.5).isoformat())
    assert house.shoot(house.aim(*KINDS)) == list(KINDS)
    house.hand("set_clock", at=clock(5.5).isoformat())
    assert heard() == clerks(clock(3))

    house.start()
    took = eventually(lambda: not house.hand("left"), "what was missed was not caught up", within=60)
    leaders = [("order_mgr", clock(5)), ("sales_leader", clock(5))]
    assert heard() == [*clerks(clock(3)), *clerks(clock(4)), *leaders]
    steps = [(kind, datetime.fromisoformat(at), late) for kind, at, late in house.hand("steps", order=silent)]
    assert steps == [("warn", clock(3), False), ("due", clock(4), True), ("escalate", clock(5), True)]
    assert house.hand("heard").get(str(instructed)) is None

    house.hand("set_clock", at=clock(6).isoformat())
    eventually(lambda: len(heard()) == 7, "the general manager was not told at three")
    assert heard()[-1] == ("gm", clock(6))
    clean(house)
    said = "everything killed for two hours of the house's time"
    proven("P2", injections=len(KINDS), violations=0, note=said)
    proven("P3", injections=len(KINDS), violations=0, recovery_seconds=took, note=said)
