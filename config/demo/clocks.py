"""The time of the demo's past: clocks rang when they rang, and what was done was written down then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import Field
from django.utils.timezone import localtime

from deadlines import sweep
from deadlines.models import Deadline
from flow import tick


class Clocks:
    """Rings every step of every clock at its own moment, and does the rest of the background once a day."""

    def __init__(self) -> None:
        self._day: date | None = None

    def ring_until(self, at: datetime) -> None:
        """Take every step that fell due up to `at`, each at its moment."""
        waiting = Deadline.objects.filter(state=Deadline.State.OPEN, next_at__lte=at, parked_until=None)
        while moment := waiting.order_by("next_at").values_list("next_at", flat=True).first():
            sweep.run(at=moment)
        self._daily(at)

    def _daily(self, at: datetime) -> None:
        day = localtime(at).date()
        if day != self._day:
            self._day = day
            tick.run(at=at)


@contextmanager
def recorded_then() -> Iterator[None]:
    """Meanwhile what is told of a moment counts as recorded at that moment, not when the demo was made."""
    fields = [model._meta.get_field("recorded_at") for model in apps.get_models() if _is_dated(model)]
    for field in fields:
        field.pre_save = _then  # type: ignore[method-assign, union-attr]
    try:
        yield
    finally:
        for field in fields:
            del field.pre_save  # type: ignore[union-attr]


def _then(instance: Any, add: bool) -> datetime:
    at: datetime = instance.at
    return at


def _is_dated(model: Any) -> bool:
    names = {field.name for field in model._meta.get_fields() if isinstance(field, Field)}
    return {"at", "recorded_at"} <= names
