"""The one place where the time of day is read; only the faces call it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from flow.models import TrainingClock


class ClockError(ValueError):
    """The training clock was asked to go back or is switched off."""


def now() -> datetime:
    """The moment at which somebody acts: real time plus the training offset, if training is on."""
    real = timezone.now()
    if not settings.TRAINING_CLOCK:
        return real
    return real + (TrainingClock.objects.values_list("offset", flat=True).first() or timedelta())


def advance(by: timedelta) -> datetime:
    """Move the training clock ahead by `by`; it keeps running and never goes back. Returns the new time."""
    if not settings.TRAINING_CLOCK:
        raise ClockError("The training clock is switched off.")
    if by < timedelta():
        raise ClockError("The training clock never goes back.")
    with transaction.atomic():
        row, _ = TrainingClock.objects.select_for_update().get_or_create(pk=1)
        row.offset += by
        row.save(update_fields=["offset"])
    return timezone.now() + row.offset


def set_to(moment: datetime) -> datetime:
    """Move the training clock ahead to `moment` (an aware datetime). Returns the new time."""
    return advance(moment - now())
