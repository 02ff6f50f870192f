"""Prints the wiring of the house; kept in `docs/wiring.txt`, so that a changed flow is a visible diff."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy as _

from config import wiring


class Command(BaseCommand):
    """For every verb who may, what it asks, what follows, which rules start and stop."""

    help = str(_("Print for every verb who may, what it asks, what follows and which clocks run."))

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the text."""
        self.stdout.write(wiring.text(), ending="")
