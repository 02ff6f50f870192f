"""Proves the state of the whole system at any time (P22)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from flow import invariants


class Command(BaseCommand):
    """Runs every invariant of the house and names each violation."""

    help = str(_("Check that nothing in the database contradicts itself."))

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a check; fail when anything is wrong."""
        wrong = 0
        for name, found in invariants.violations().items():
            self.stdout.write(f"{'ok' if not found else f'{len(found)} wrong':>9}  {name}")
            for sentence in found:
                self.stdout.write(f"           {sentence}")
            wrong += len(found)
        if wrong:
            raise CommandError(_("%(n)d violations") % {"n": wrong})
