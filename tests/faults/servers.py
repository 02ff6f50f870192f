"""A PostgreSQL server of the test's own, with a copy of a house's database in it."""

from __future__ import annotations

import subprocess
from urllib.parse import urlsplit

from tests.faults.house import administer
from tests.postgres import Server, binaries

NAME = "faults"


def filled(server: Server, like: str) -> None:
    """Start the server and lay out in it what the database at the address `like` holds."""
    server.start()
    administer(server.url, f"CREATE DATABASE {NAME}")
    read = subprocess.run([binaries() / "pg_dump", "--no-owner", like], stdout=subprocess.PIPE, check=True)
    write = [binaries() / "psql", "--quiet", "--set", "ON_ERROR_STOP=1", url_of(server)]
    subprocess.run(write, input=read.stdout, stdout=subprocess.DEVNULL, check=True)


def url_of(server: Server) -> str:
    """The address of the house's database on that server."""
    return urlsplit(server.url)._replace(path=f"/{NAME}").geturl()
