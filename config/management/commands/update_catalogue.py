"""Brings the Chinese catalogue up to date with the source."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy as _

from config import catalogue


class Command(BaseCommand):
    """Adds new messages with an empty translation and drops unused ones."""

    help = str(_("Collect all messages into the Chinese catalogue."))

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how many still need a translation."""
        missing, total = catalogue.update()
        self.stdout.write(f"{total} messages, {missing} to translate")
