"""Writes the whole house into one file (P17)."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from config.backup.making import make
from flow import maintenance
from flow.models import MaintenanceRecord

BACKUP = MaintenanceRecord.Kind.BACKUP


class Command(BaseCommand):
    """Backs up database, attachments and seals while the house works on."""

    help = str(_("Write database, files and seals into one file; the house works on meanwhile."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds the target."""
        parser.add_argument("target", type=Path, help=str(_("a new file, or a folder that is there")))

    def handle(self, *args: Any, target: Path, **options: Any) -> None:
        """Make it, keep a record of it either way, and name what was not whole."""
        began = time.perf_counter()
        try:
            path, manifest = make(target.resolve())
        except (CommandError, OSError) as fault:
            maintenance.note(BACKUP, succeeded=False, place=str(target), summary=str(fault))
            raise
        seconds, size = time.perf_counter() - began, path.stat().st_size
        said = [_("{events} events, {files} files").format(events=manifest.events, files=len(manifest.files))]
        said += [
            _("The attachment {name} is damaged or missing.").format(name=name) for name in manifest.damaged
        ]
        maintenance.note(
            BACKUP,
            succeeded=not manifest.damaged,
            place=str(path),
            size=size,
            seconds=seconds,
            summary="\n".join(map(str, said)),
        )
        self.stdout.write(f"{path}: {size:,} B, {seconds:.1f} s")
        for sentence in said:
            self.stdout.write(str(sentence))
        self.stdout.write(str(_("The keys (SECRET_KEY, EVENT_SEAL_KEY) are not in it: keep them elsewhere.")))
        if manifest.damaged:
            raise CommandError(_("The backup is complete, but the house misses attachments."))
