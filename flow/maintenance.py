"""What keeps the house safe leaves a record; a restored copy stays silent until somebody confirms it."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Iterable
from typing import Any

from flow.models import MaintenanceRecord

Kind = MaintenanceRecord.Kind
_COPY = (Kind.RESTORING, Kind.RESTORED, Kind.CONFIRMED)


def silent() -> bool:
    """Whether this is a restored copy that nobody has confirmed: it sends nothing and its clocks stand."""
    rows = MaintenanceRecord.objects.filter(kind__in=_COPY).order_by("-pk")
    return rows.values_list("kind", flat=True).first() in (Kind.RESTORING, Kind.RESTORED)


def note(kind: str, **values: Any) -> MaintenanceRecord:
    """Write down what was done, by whom on which machine."""
    here = {"by": user()[:100], "host": socket.gethostname()[:100]}
    return MaintenanceRecord.objects.create(kind=kind, **{**here, **values})


def confirm(*, by: str = "") -> bool:
    """Let a restored copy be the house: it sends and its clocks go; False when it was not silent."""
    if not silent():
        return False
    note(Kind.CONFIRMED, **({"by": by[:100]} if by else {}))
    return True


def last(kinds: Iterable[str] = Kind.values) -> dict[str, MaintenanceRecord]:
    """The newest record of each kind that there is one of."""
    found = {}
    for kind in kinds:
        row = MaintenanceRecord.objects.filter(kind=kind).order_by("-pk").first()
        if row is not None:
            found[str(kind)] = row
    return found


def user() -> str:
    """Who runs this program, as the machine calls them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "?"
