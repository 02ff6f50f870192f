"""Says that a restored copy is the house from now on (P17)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy as _

from flow import maintenance


class Command(BaseCommand):
    """Lets the clocks go and the outbox send; only when the old house is surely gone."""

    help = str(_("Wake a restored copy: its clocks go and it sends again. The old house must be gone."))

    def handle(self, *args: Any, **options: Any) -> None:
        """Confirm it, once."""
        if maintenance.confirm():
            self.stdout.write(str(_("The copy is the house now: what was missed is told within a minute.")))
        else:
            self.stdout.write(str(_("This house is not silent.")))
