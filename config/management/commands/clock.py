"""The training clock: `clock`, `clock set 2026-03-18T14:36`, `clock advance 4h`."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, localtime, make_aware
from django.utils.translation import gettext_lazy as _

from flow import clock

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def span(text: str) -> timedelta:
    """`90m`, `4h`, `1d2h` as a span of time. Raises CommandError for anything else."""
    parts = re.fullmatch(r"(?:\d+[mhdw])+", text)
    if not parts:
        raise CommandError(_("Say a span like 90m, 4h, 3d or 1d2h."))
    return timedelta(**{UNITS[unit]: int(n) for n, unit in re.findall(r"(\d+)([mhdw])", text)})


class Command(BaseCommand):
    """Shows the house's time; in training, moves it ahead."""

    help = str(_("Show the clock of the house or, in training, move it ahead."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`set MOMENT` or `advance SPAN`."""
        parser.add_argument("do", nargs="?", choices=["set", "advance"])
        parser.add_argument("to", nargs="?", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the time after the move."""
        try:
            now = self._moved(options["do"], options["to"])
        except clock.ClockError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{localtime(now):%Y-%m-%d %H:%M:%S}")

    def _moved(self, do: str | None, to: str) -> Any:
        if do == "advance":
            return clock.advance(span(to))
        if do == "set":
            moment = parse_datetime(to)
            if moment is None:
                raise CommandError(_("Say a moment like 2026-03-18T14:36."))
            return clock.set_to(make_aware(moment) if is_naive(moment) else moment)
        return clock.now()
