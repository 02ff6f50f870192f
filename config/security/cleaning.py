"""Clears away, at most once an hour, sessions that are over and tries that were counted long ago."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.utils import timezone

from flow.tick import every_tick
from org import throttle

EVERY = timedelta(hours=1)
# When this process did it last, in real time; several processes doing it do no harm.
_last = {"at": datetime.min.replace(tzinfo=timezone.get_fixed_timezone(0))}


def listen() -> None:
    """Do it with the tick from now on."""
    every_tick("sessions that are over")(lambda at: clear(now=timezone.now()))


def clear(*, now: datetime) -> int:
    """Clear away what is over, unless that was done a moment ago; how many counted tries went."""
    if now - _last["at"] < EVERY:
        return 0
    _last["at"] = now
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return throttle.forget(now=now)
