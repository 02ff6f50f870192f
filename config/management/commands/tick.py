"""One tick by hand: what the background does every two seconds."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy as _

from flow import clock, tick


class Command(BaseCommand):
    """Runs every job of the tick once, at the house's time."""

    help = str(_("Escalate what is due and send what waits, once."))

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how much each job did."""
        for name, done in tick.run(at=clock.now()).items():
            self.stdout.write(f"{name}: {done}")
