"""The two security profiles of the house: its own standard, and what GB/T 22239 asks at level 2 (dengbao)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta


@dataclass(frozen=True)
class Profile:
    """What a profile asks of sessions, log-ins and passwords; 0 switches a demand off.

    `tries` wrong log-ins of a name, or `address_tries` from an address, within `window` close it for the span
    `closed`.
    """

    name: str
    idle: timedelta
    session: timedelta
    tries: int
    address_tries: int
    window: timedelta
    closed: timedelta
    single_session: bool = False
    length: int = 10
    classes: int = 0
    password_days: int = 0
    remembered: int = 0
    first_password_changed: bool = False
    last_log_in_shown: bool = False


STANDARD = Profile(
    name="standard",
    idle=timedelta(hours=2),
    session=timedelta(hours=12),
    tries=10,
    address_tries=60,
    window=timedelta(minutes=15),
    closed=timedelta(minutes=15),
)
DENGBAO2 = Profile(
    name="dengbao2",
    idle=timedelta(minutes=20),
    session=timedelta(hours=10),
    tries=5,
    address_tries=30,
    window=timedelta(minutes=30),
    closed=timedelta(minutes=30),
    single_session=True,
    classes=3,
    password_days=90,
    remembered=5,
    first_password_changed=True,
    last_log_in_shown=True,
)
PROFILES = {one.name: one for one in (STANDARD, DENGBAO2)}


def profile(name: str, *, idle_minutes: int = 0, session_hours: int = 0) -> Profile:
    """The profile of that name with limits of one's own; those of dengbao2 can only be made shorter.

    Raises KeyError for a name that is no profile.
    """
    found = PROFILES[name]
    idle = timedelta(minutes=idle_minutes) if idle_minutes > 0 else found.idle
    session = timedelta(hours=session_hours) if session_hours > 0 else found.session
    if found is DENGBAO2:
        idle, session = min(idle, found.idle), min(session, found.session)
    return replace(found, idle=idle, session=session)
