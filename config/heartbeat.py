"""Reads of the heartbeats of the background work, on real time even when the training clock is ahead."""

from datetime import datetime, timedelta

from flow.models import Heartbeat

WORKER = "worker"
STAND_IN = "stand-in"


def ages(*, now: datetime) -> dict[str, timedelta]:
    """Returns how long ago each kind of background work was last done; what never ran is absent."""
    return {name: now - at for name, at in Heartbeat.objects.values_list("name", "beat_at")}


def silent(*, now: datetime, after: timedelta) -> bool:
    """Tells whether the workers have not worked within `after` (also when they never did).

    A beat from a time still to come was left before the clock was set back: nobody knows who lives since.
    """
    return not Heartbeat.objects.filter(name=WORKER, beat_at__range=(now - after, now + after)).exists()
