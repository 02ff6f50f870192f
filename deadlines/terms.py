"""The terms of a timed rule: how long, on which clock, warned when, told to whom (SYS-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Clock = Literal["elapsed", "working"]
ELAPSED: Clock = "elapsed"
WORKING: Clock = "working"
CLOCK_UNITS = ("minute", "hour")
OWNER = "owner"
LEADER = "leader"


@dataclass(frozen=True)
class Lead:
    """How long before the due moment the owner is warned.

    Units: `minute`, `hour` (on the rule's own clock), `day`, `workday`; `opening` (when the window
    opens), `percent` (of the span from start to due), `shift` (hours before the end of the shift of the
    due day), `noon` (of the due day).
    """

    amount: int
    unit: str


def minutes(amount: int) -> Lead:
    """Warn so many minutes before, on the rule's own clock."""
    return Lead(amount, "minute")


def hours(amount: int) -> Lead:
    """Warn so many hours before, on the rule's own clock."""
    return Lead(amount, "hour")


def days(amount: int) -> Lead:
    """Warn so many calendar days before."""
    return Lead(amount, "day")


def workdays(amount: int) -> Lead:
    """Warn so many working days (of full working time) before."""
    return Lead(amount, "workday")


def at_opening() -> Lead:
    """Warn when the window opens (TM-08, TM-09)."""
    return Lead(0, "opening")


def share(percent: int) -> Lead:
    """Warn when so many percent of the span are left (TM-44)."""
    return Lead(percent, "percent")


def before_shift_end(amount: int = 2) -> Lead:
    """Warn so many hours before the shift of the due day ends (same-day and daily duties)."""
    return Lead(amount, "shift")


def at_noon() -> Lead:
    """Warn at noon of the due day (TM-17)."""
    return Lead(12, "noon")


@dataclass(frozen=True)
class Terms:
    """What holds for one run of a rule; kept on its row, so that a later change does not touch it.

    `amount` of `unit` (`minute`, `hour`, `day`, `workday`, `half_day`, `date`, `same_day`), with `opens`
    the larger number of a range. `chain`: the levels above the owner, each a tuple of role codes.
    """

    amount: int
    unit: str
    clock: Clock = ELAPSED
    opens: int | None = None
    warn: Lead | None = None
    chain: tuple[tuple[str, ...], ...] = ()
    active: bool = True

    def to_json(self) -> dict[str, Any]:
        """As kept on the row."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Terms:
        """As read from the row."""
        warn = Lead(**kept["warn"]) if kept["warn"] else None
        return cls(**{**kept, "warn": warn, "chain": chain_of(kept["chain"])})

    def on_clock(self, clock: str) -> Terms:
        """The same on another clock; only minutes and hours can change theirs (E-40)."""
        if clock not in (ELAPSED, WORKING) or self.unit not in CLOCK_UNITS:
            return self
        return replace(self, clock=clock)


def chain_of(levels: Sequence[str | Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The levels of an escalation as tuples of role codes; a level may be a single role."""
    return tuple(
        (str(level),) if isinstance(level, str) else tuple(str(r) for r in level) for level in levels
    )
