"""Proves that a backup can be brought back, in a house of its own beside this one (P17)."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext_lazy as _

from flow import maintenance
from flow.models import MaintenanceRecord


class Command(BaseCommand):
    """Restores a backup into an empty database that is thrown away, and keeps a record of how it went."""

    help = str(_("Restore a backup into a database of its own, prove its state, and throw it away."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds the backup, and a database for those who may not make one."""
        parser.add_argument("source", type=Path, help=str(_("the file of a backup")))
        parser.add_argument("--database-url", default="", help=str(_("an empty database for the drill")))

    def handle(self, *args: Any, source: Path, database_url: str, **options: Any) -> None:
        """Do it; fail when the copy contradicts itself."""
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="order-cycle-drill-") as folder, scratch(database_url) as url:
            done = restored(source.resolve(), Path(folder), url)
        seconds = time.perf_counter() - began
        said = (done.stdout + done.stderr).strip()
        maintenance.note(
            MaintenanceRecord.Kind.DRILL,
            succeeded=done.returncode == 0,
            place=str(source),
            size=source.stat().st_size if source.exists() else None,
            seconds=seconds,
            summary=said[-5_000:],
        )
        self.stdout.write(f"{said}\n({seconds:.1f} s)")
        if done.returncode:
            raise CommandError(_("The backup could not be brought back as it should."))


def restored(source: Path, folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    """Run `restore` in a house whose folder and database are its own."""
    env = {
        **os.environ,
        "DATA_DIR": str(folder),
        "DATABASE_URL": url,
        "SECRET_KEY": settings.SECRET_KEY,
        "EVENT_SEAL_KEY": settings.EVENT_SEAL_KEY,
        "EVENT_SEAL_OLD_KEYS": ",".join(settings.EVENT_SEAL_OLD_KEYS),
    }
    command = [sys.executable, "manage.py", "restore", str(source)]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=False
    )


@contextlib.contextmanager
def scratch(given: str) -> Iterator[str]:
    """The address of an empty database; one that was made here is dropped afterwards."""
    if given or connection.vendor == "sqlite":
        # An empty address is a file in the folder of the drill.
        yield given
        return
    name = f"restore_drill_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
