"""Sends what lies in the outbox, each channel by itself, so that a slow one holds up nobody."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from flow import tick
from integration import outbox
from integration.outbox import Times

logger = logging.getLogger(__name__)
SPELL = timedelta(seconds=60)
_working: set[str] = set()
_turn = threading.Lock()


@tick.every_tick("outbox")
def on_tick(at: datetime) -> int:
    """Send what is due; returns after starting one thread a channel, or after sending where threads are off.

    A tick must be short: the deadlines wait for the next one. How many channels had something due.
    """
    apart = settings.OUTBOX_THREADS and not connection.in_atomic_block
    return dispatch(Times(at, timezone.now), apart=apart)


def dispatch(times: Times, *, apart: bool = False) -> int:
    """Send what is due in every channel, one by one or (`apart`) each in a thread; how many channels."""
    channels = outbox.due_channels(now=times.now())
    for channel in channels:
        if apart:
            _start(channel, times)
        else:
            outbox.drain(channel, times=times)
    return len(channels)


def _start(channel: str, times: Times) -> None:
    """Start a thread for the channel unless one of this process is at it already."""
    with _turn:
        if channel in _working:
            return
        _working.add(channel)
    args = (channel, times)
    threading.Thread(target=_spell, args=args, name=f"outbox-{channel}", daemon=True).start()


def _spell(channel: str, times: Times) -> None:
    """Send for a minute at most, then make room; the rows say what is left."""
    try:
        outbox.drain(channel, times=times, until=times.now() + SPELL)
    except Exception:
        logger.exception("channel %s of the outbox failed; the next tick tries again", channel)
    finally:
        with _turn:
            _working.discard(channel)
        close_old_connections()
        connection.close()
