"""Brings a backup back into an empty house, all or nothing; the copy is silent until it is confirmed."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext_lazy as _

from config.backup import archive, programs
from config.backup.archive import Manifest, Reader
from flow import audit, invariants, seals
from flow.models import MaintenanceRecord

TABLE = MaintenanceRecord._meta.db_table
# Written in the very transaction that brings the tables back: at no moment the copy would speak.
MARK = f"INSERT INTO {TABLE} (kind) VALUES ('{MaintenanceRecord.Kind.RESTORING}')"
# Newer programs write this setting for servers that do not know it yet.
UNKNOWN = (b"SET transaction_timeout = 0;\n",)
HEAD = 100


def restore(source: Path) -> tuple[Manifest, list[str]]:
    """Bring everything back; what the backup holds, and what is wrong in it.

    Raises CommandError, with nothing done, when the house is not empty or the backup is damaged or newer.
    """
    reader = Reader(source)
    try:
        refuse(reader.manifest)
        reader.check()
        _bring_back(reader)
    finally:
        reader.close()
    if reader.manifest.seal:
        seals.bear_witness(*reader.manifest.seal)
    call_command("migrate", interactive=False, verbosity=0)
    return reader.manifest, wrong(reader.manifest)


def refuse(manifest: Manifest) -> None:
    """Raise CommandError where the backup does not fit this house."""
    if manifest.vendor != connection.vendor:
        raise CommandError(
            _("The backup is one of {theirs}, this house works on {ours}.").format(
                theirs=manifest.vendor, ours=connection.vendor
            )
        )
    if connection.introspection.table_names():
        raise CommandError(_("The database is not empty; a backup is only restored into an empty one."))
    folder = Path(settings.MEDIA_ROOT)
    if folder.exists() and any(folder.iterdir()):
        raise CommandError(_("The folder {folder} is not empty.").format(folder=folder))
    known = MigrationLoader(None).disk_migrations
    newer = [
        f"{app}.{n}" for app, names in manifest.migrations.items() for n in names if (app, n) not in known
    ]
    if newer:
        raise CommandError(
            _("The backup is newer than this version, which does not know {names}.").format(
                names=", ".join(newer)
            )
        )
    if _others():
        raise CommandError(_("Somebody else uses the database: stop web and workers first."))


def _others() -> int:
    """How many other connections there are."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def _bring_back(reader: Reader) -> None:
    """The files first, so that no row ever names a missing one; they go again when the database fails."""
    folder = Path(settings.MEDIA_ROOT)
    try:
        for name in reader.manifest.files:
            target = (folder / name).resolve()
            if not target.is_relative_to(folder.resolve()):
                raise CommandError(_("The backup names a file outside the house: {name}").format(name=name))
            reader.extract(f"{archive.FILES}{name}", target)
        settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix=".restore-") as draft:
            dump = Path(draft) / archive.DATABASE
            reader.extract(archive.DATABASE, dump)
            _fill[connection.vendor](dump)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _fill_sqlite(dump: Path) -> None:
    with closing(sqlite3.connect(dump)) as copy:
        copy.execute(MARK)
        copy.commit()
        connection.ensure_connection()
        copy.backup(connection.connection)
    # What was known of the empty database is not true any more.
    connection.close()


def _fill_postgresql(dump: Path) -> None:
    """One transaction for everything, by psql, since pg_restore cannot add a row of ours to its own."""
    env = programs.address()
    connection.close()
    psql = [
        programs.program("psql"),
        "--quiet",
        "--no-psqlrc",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
    ]
    unpack = [programs.program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(dump)]
    # Not beside them in a pipe: a script cut off in the middle must never be committed.
    script = dump.with_suffix(".sql")
    with script.open("wb") as file:
        unpacking = subprocess.Popen(unpack, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert unpacking.stdout is not None
        for number, line in enumerate(unpacking.stdout):
            if number > HEAD or line not in UNKNOWN:
                file.write(line)
        fault = unpacking.communicate()[1]
        file.write(f"\n;{MARK.replace(TABLE, f'public.{TABLE}')};\n".encode())
    if unpacking.returncode:
        raise CommandError(_("The database could not be unpacked: {fault}").format(fault=fault.decode()))
    done = subprocess.run(
        [*psql, f"--file={script}"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    if done.returncode:
        raise CommandError(
            _("The database could not be restored: {fault}").format(fault=done.stderr.decode())
        )


_fill: dict[str, Callable[[Path], None]] = {"sqlite": _fill_sqlite, "postgresql": _fill_postgresql}


def wrong(manifest: Manifest) -> list[str]:
    """What the restored house itself says is wrong with it."""
    found = [sentence for each in invariants.violations().values() for sentence in each]
    found += audit.verify().findings
    found += [
        str(_("The attachment {name} was damaged before the backup was made.").format(name=name))
        for name in manifest.damaged
    ]
    return found
