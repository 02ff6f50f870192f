"""Makes a backup while the house works: the database as of one moment, then the files that it names."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.backup import archive, programs
from config.backup.archive import Manifest
from flow import clock, seals

ALL = 1_000_000
_KEPT = "SELECT stored, params FROM integration_job WHERE kept_until IS NOT NULL"


@dataclass
class Snapshot:
    """The database as of one moment: its dump, and a cursor that reads the very same state."""

    dump: Path
    cursor: Any


def make(target: Path) -> tuple[Path, Manifest]:
    """Write a backup to a new file, or under a name of its own into a folder; where it is, and what is in it.

    Files are written before the rows that name them and attachments are never removed, so the database goes
    first. Raises CommandError with a sentence.
    """
    path = target / f"order-cycle-{timezone.now():%Y%m%d-%H%M%S}.tar" if target.is_dir() else target
    if path.exists():
        raise CommandError(_("{path} is there already; a backup overwrites nothing.").format(path=path))
    if not path.parent.is_dir():
        raise CommandError(_("The folder {folder} is not there.").format(folder=path.parent))
    # What is in the backup shall be sealed, as far as it can be.
    seals.seal(at=clock.now(), limit=ALL)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        with _snapshot(Path(folder) / archive.DATABASE) as found:
            manifest = _described(found.cursor)
            attached, kept = _named(found.cursor)
        with archive.Writer(path).writing() as writer:
            manifest.database = writer.add(archive.DATABASE, found.dump)
            _add_files(writer, manifest, attached, kept)
            writer.seal(manifest)
    return path, manifest


@contextmanager
def _snapshot(dump: Path) -> Iterator[Snapshot]:
    if connection.vendor == "postgresql":
        with _snapshot_of_server(dump) as found:
            yield found
        return
    with closing(sqlite3.connect(dump)) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
        yield Snapshot(dump, copy.cursor())


@contextmanager
def _snapshot_of_server(dump: Path) -> Iterator[Snapshot]:
    """Let pg_dump see what this transaction sees."""
    command = [programs.program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        command += ["--lock-wait-timeout=30s", f"--snapshot={snapshot}", f"--file={dump}"]
        done = subprocess.run(command, env=programs.address(), stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise CommandError(_("The database could not be written out: {fault}").format(fault=done.stderr))
        yield Snapshot(dump, cursor)


def _described(cursor: Any) -> Manifest:
    migrations: dict[str, list[str]] = {}
    for app, name in _rows(cursor, "SELECT app, name FROM django_migrations ORDER BY app, name"):
        migrations.setdefault(app, []).append(name)
    seals = _rows(cursor, "SELECT number, digest FROM flow_seal ORDER BY number DESC LIMIT 1")
    return Manifest(
        vendor=connection.vendor,
        taken_at=timezone.now().isoformat(timespec="seconds"),
        host=socket.gethostname(),
        migrations=migrations,
        events=_rows(cursor, "SELECT count(*) FROM flow_event")[0][0],
        seal=seals[0] if seals else None,
    )


def _named(cursor: Any) -> tuple[dict[str, str], set[str]]:
    """The files that the database names: attachments with their hashes, and what jobs keep for a while."""
    attached = dict(_rows(cursor, "SELECT stored, sha256 FROM flow_attachment"))
    kept: set[str] = set()
    for stored, params in _rows(cursor, _KEPT):
        said = json.loads(params) if isinstance(params, str) else params
        kept |= {name for name in (stored, said.get("upload")) if name}
    return attached, kept


def _rows(cursor: Any, statement: str) -> list[tuple[Any, ...]]:
    cursor.execute(statement)
    return list(cursor.fetchall())


def _add_files(writer: archive.Writer, manifest: Manifest, attached: dict[str, str], kept: set[str]) -> None:
    """Put the files in. An attachment that is not whole in the house is named, and the backup goes on."""
    for name in sorted({*attached, *kept}):
        try:
            added = writer.add(f"{archive.FILES}{name}", Path(default_storage.path(name)))
        except FileNotFoundError:
            if name in attached:
                manifest.damaged.append(name)
            continue
        manifest.files[name] = added
        if name in attached and added[1] != attached[name]:
            manifest.damaged.append(name)
