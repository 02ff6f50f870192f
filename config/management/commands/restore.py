"""Brings a backup back into an empty house (P17)."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from config.backup.restoring import restore
from flow import maintenance
from flow.models import MaintenanceRecord

SHOWN = 100


class Command(BaseCommand):
    """Restores, proves the restored state, and leaves the copy silent."""

    help = str(_("Bring a backup back into an empty house; it sends nothing until `confirm_restored`."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds the source."""
        parser.add_argument("source", type=Path, help=str(_("the file of a backup")))

    def handle(self, *args: Any, source: Path, **options: Any) -> None:
        """Do it and say what is wrong in the restored house, if anything."""
        began = time.perf_counter()
        manifest, wrong = restore(source.resolve())
        seconds = time.perf_counter() - began
        summary = _("{events} events and {files} files of {taken_at} from {host}").format(
            events=manifest.events, files=len(manifest.files), taken_at=manifest.taken_at, host=manifest.host
        )
        maintenance.note(
            MaintenanceRecord.Kind.RESTORED,
            succeeded=not wrong,
            place=str(source),
            size=source.stat().st_size,
            seconds=seconds,
            summary="\n".join([str(summary), *wrong[:SHOWN]]),
        )
        for sentence in (summary, *wrong[:SHOWN]):
            self.stdout.write(str(sentence))
        self.stdout.write(
            str(_("This copy is silent: no mail, no webhook, no clock, until `confirm_restored`."))
        )
        if wrong:
            raise CommandError(_("The restored house has {n} contradictions.").format(n=len(wrong)))
