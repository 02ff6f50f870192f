"""Counts tries to come in, by name and by address, in the database: the same for every process."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from org.models import Knock

KEPT = timedelta(days=2)


def knock(name: str, address: str | None, *, now: datetime) -> datetime | None:
    """Count a try before it is looked at, so that many at once cannot slip by.

    Returns until when the name or the address is closed, or None when the try may be looked at.
    """
    profile = settings.SECURITY
    limits = {of_name(name): profile.tries}
    if address is not None:
        limits[of_address(address)] = profile.address_tries
    with transaction.atomic():
        # In one order, so that two tries never wait for each other.
        rows = [_locked(key, now) for key in sorted(limits)]
        closed = [row.closed_until for row in rows if row.closed_until and row.closed_until > now]
        if closed:
            return max(closed)
        for row in rows:
            if row.closed_until or row.since + profile.window <= now:
                row.tries, row.since, row.closed_until = 0, now, None
            row.tries += 1
            if row.tries >= limits[row.key]:
                row.closed_until = now + profile.closed
            row.save()
    return None


def forgive(name: str, address: str | None) -> None:
    """A try was right: the name begins anew, the address loses only this try."""
    Knock.objects.filter(key=of_name(name)).delete()
    if address is None:
        return
    with transaction.atomic():
        row = Knock.objects.select_for_update().filter(key=of_address(address)).first()
        if row is not None:
            row.tries, row.closed_until = max(row.tries - 1, 0), None
            row.save()


def forget(*, now: datetime) -> int:
    """Remove what was counted long ago. How many rows."""
    old = Knock.objects.filter(since__lt=now - KEPT)
    return old.delete()[0]


def of_name(name: str) -> str:
    """The key of a name that was typed; nobody reads from it which one, or whether anybody has it."""
    return salted_hmac("org.throttle.name", name.strip().casefold(), algorithm="sha256").hexdigest()


def of_address(address: str) -> str:
    """The key of a network address; of IPv6 the network, since one machine has as many as it likes."""
    found = ipaddress.ip_address(address)
    if found.version == 6:
        address = str(ipaddress.ip_network((address, 64), strict=False))
    return salted_hmac("org.throttle.address", address, algorithm="sha256").hexdigest()


def _locked(key: str, now: datetime) -> Knock:
    row, _made = Knock.objects.select_for_update().get_or_create(key=key, defaults={"since": now})
    return row
