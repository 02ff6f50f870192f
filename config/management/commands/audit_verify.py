"""Proves that no sealed event was changed, removed, inserted or reordered (P11)."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from flow import audit, maintenance
from flow.models import MaintenanceRecord

SHOWN = 100


class Command(BaseCommand):
    """Walks all seals and names what was tampered with."""

    help = str(_("Say which sealed events were changed, removed, inserted or reordered, if any."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds the choice to leave a record."""
        parser.add_argument("--record", action="store_true", help=str(_("keep the outcome")))

    def handle(self, *args: Any, record: bool, **options: Any) -> None:
        """Print a sentence for each finding; fail when there is one."""
        began = time.perf_counter()
        found = audit.verify()
        seconds = time.perf_counter() - began
        for sentence in (*found.findings[:SHOWN], *found.notes):
            self.stdout.write(sentence)
        summary = _(
            "{events} events under {seals} seals, {wrong} findings; {unsealed} events have no seal yet."
        ).format(
            events=found.events, seals=found.seals, wrong=len(found.findings), unsealed=found.unsealed
        )  # fmt: skip
        self.stdout.write(f"{summary} ({seconds:.1f} s)")
        if record:
            maintenance.note(
                MaintenanceRecord.Kind.AUDIT,
                succeeded=not found.findings,
                seconds=seconds,
                summary="\n".join([*found.findings[:SHOWN], summary]),
            )
        if found.findings:
            raise CommandError(_("The events are not what they were."))
