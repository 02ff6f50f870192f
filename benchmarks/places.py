"""Where the databases of the measurements stand: a PostgreSQL server, or a folder of SQLite files."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import psycopg2

MARK = f"bench_{os.getpid()}_"


class Place(Protocol):
    """Makes databases and copies of them, and takes all of them away at the end."""

    vendor: str

    def make(self, name: str) -> str:
        """The address of a new, empty database."""

    def copy(self, source: str, name: str) -> str:
        """The address of a new copy of the database `source`, which nobody uses meanwhile."""

    def clear(self) -> None:
        """Remove every database that was made here."""


class Folder:
    """SQLite files in a folder."""

    vendor = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, name: str) -> Path:
        """The file of a database."""
        return self.folder / f"{name}.sqlite3"

    def make(self, name: str) -> str:
        """The address of a file that the first connection makes."""
        self._remove(name)
        return f"sqlite:///{self.file(name)}"

    def copy(self, source: str, name: str) -> str:
        """Copy with SQLite's own backup, which knows of the log beside the file."""
        url = self.make(name)
        old, new = sqlite3.connect(self.file(source)), sqlite3.connect(self.file(name))
        with contextlib.closing(old), contextlib.closing(new):
            old.backup(new)
        return url

    def clear(self) -> None:
        """Remove the files."""
        for file in self.folder.glob("*.sqlite3"):
            self._remove(file.stem)

    def _remove(self, name: str) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(f"{self.file(name)}{ending}").unlink(missing_ok=True)


class Server:
    """Databases on the PostgreSQL server that a URL names; those of this run carry its mark."""

    vendor = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = url
        self.made: set[str] = set()

    @property
    def address(self) -> dict[str, Any]:
        """Host (or the folder of its socket), port, user and password, for programs that want them apart."""
        parts = urlsplit(self.url)
        host = parse_qs(parts.query).get("host", [parts.hostname or "127.0.0.1"])[0]
        return {
            "host": host,
            "port": parts.port or 5432,
            "user": parts.username or "postgres",
            "password": parts.password or "",
        }

    def own(self, name: str) -> str:
        """The name of a database on the server."""
        return f"{MARK}{name}"

    def make(self, name: str) -> str:
        """Create a database, in place of one of that name."""
        return self._create(name, "")

    def copy(self, source: str, name: str) -> str:
        """Create a database as a copy of another."""
        return self._create(name, f" TEMPLATE {self.own(source)}")

    def clear(self) -> None:
        """Drop the databases of this run."""
        for name in sorted(self.made):
            self._administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.made.clear()

    def settle(self, name: str) -> None:
        """Have a filled database in the order in which a server's own housekeeping leaves it."""
        self._administer("VACUUM ANALYZE", database=self.own(name))
        self._administer("CHECKPOINT")

    def _create(self, name: str, more: str) -> str:
        own = self.own(name)
        self.made.add(own)
        self._administer(f"DROP DATABASE IF EXISTS {own} WITH (FORCE)")
        self._administer(f"CREATE DATABASE {own}{more}")
        return urlsplit(self.url)._replace(path=f"/{own}").geturl()

    def _administer(self, statement: str, database: str = "postgres") -> None:
        connection = psycopg2.connect(dbname=database, **self.address)
        with contextlib.closing(connection):
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)


def settle(place: Place, name: str) -> None:
    """What `Server.settle` does, where it is needed."""
    if isinstance(place, Server):
        place.settle(name)
