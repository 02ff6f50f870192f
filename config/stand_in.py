"""The web's stand-in for dead workers: escalation goes on while one web process lives (P16)."""

import logging
import threading
from datetime import timedelta

from django.db import close_old_connections
from django.utils import timezone

from config import heartbeat
from flow import clock, tick

log = logging.getLogger(__name__)
LOOK_EVERY_SECONDS = 5.0
SILENCE = timedelta(seconds=15)


def look() -> bool:
    """Ticks in place of the workers if they have been silent; tells whether it had to."""
    if not heartbeat.silent(now=timezone.now(), after=SILENCE):
        return False
    tick.run(at=clock.now())
    tick.beat(heartbeat.STAND_IN)
    return True


def watch(stopped: threading.Event) -> None:
    """Looks every few seconds until `stopped` is set; an error is logged and the next look tries again."""
    while not stopped.wait(LOOK_EVERY_SECONDS):
        try:
            look()
        except Exception:
            log.exception("The stand-in for the workers failed; it tries again.")
        finally:
            close_old_connections()


def start() -> threading.Event:
    """Starts the watch in a thread of this web process; returns the event that stops it."""
    stopped = threading.Event()
    threading.Thread(target=watch, args=(stopped,), name="stand-in", daemon=True).start()
    return stopped
