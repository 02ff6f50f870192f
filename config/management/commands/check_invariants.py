"""Proves the state of the whole system at any time (P22)."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from flow import invariants, maintenance
from flow.models import MaintenanceRecord

SHOWN = 100


class Command(BaseCommand):
    """Runs every invariant of the house and names each violation."""

    help = str(_("Check that nothing in the database contradicts itself."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds the choice to leave a record."""
        parser.add_argument("--record", action="store_true", help=str(_("keep the outcome")))

    def handle(self, *args: Any, record: bool, **options: Any) -> None:
        """Print one line a check; fail when anything is wrong."""
        began, wrong = time.perf_counter(), 0
        violations = invariants.violations()
        for name, found in violations.items():
            self.stdout.write(f"{'ok' if not found else f'{len(found)} wrong':>9}  {name}")
            for sentence in found:
                self.stdout.write(f"           {sentence}")
            wrong += len(found)
        if record:
            sentences = [sentence for found in violations.values() for sentence in found]
            maintenance.note(
                MaintenanceRecord.Kind.INVARIANTS,
                succeeded=not wrong,
                seconds=time.perf_counter() - began,
                summary="\n".join(sentences[:SHOWN]),
            )
        if wrong:
            raise CommandError(_("%(n)d violations") % {"n": wrong})
