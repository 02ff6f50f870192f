"""The database part of the tests' fixtures: which database, made quickly, and many callers at once."""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from pytest_django.plugin import DjangoDbBlocker

from flow import append_only

READY_MADE = Path(__file__).resolve().parent.parent / "var" / "test-databases"


def pytest_report_header() -> str:
    """Says in the head of the run which database it runs on."""
    return f"database: {settings.DATABASES['default']['ENGINE'].rsplit('.', 1)[1]}"


@pytest.fixture(scope="session")
def django_db_keepdb(
    request: pytest.FixtureRequest,
    django_db_modify_db_settings: None,
    django_db_use_migrations: bool,
    django_db_blocker: DjangoDbBlocker,
) -> bool:
    """On SQLite each process begins with a copy of a file in which the migrations have run before.

    The migrations run once until one changes; what follows them (`post_migrate`) runs in each process.
    """
    if connection.vendor != "sqlite" or not django_db_use_migrations:
        return bool(request.config.getvalue("reuse_db"))
    with django_db_blocker.unblock():
        copy_ready_made(connection.creation._get_test_db_name())  # type: ignore[attr-defined]
    return True


def copy_ready_made(target: str) -> None:
    """Copy the file with the tables as the migrations make them; one process makes it, others wait."""
    READY_MADE.mkdir(parents=True, exist_ok=True)
    ready = READY_MADE / f"{_fingerprint()}.sqlite3"
    with (READY_MADE / "lock").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        if not ready.exists():
            for old in READY_MADE.glob("*.sqlite3*"):
                old.unlink()
            _migrate(unfinished := ready.with_suffix(".sqlite3-unfinished"))
            unfinished.rename(ready)
        shutil.copyfile(ready, target)


def _fingerprint() -> str:
    """Another one whenever a migration of ours or of a library is another."""
    digest = hashlib.sha256(f"{django.__version__} {sqlite3.sqlite_version}".encode())
    for app in apps.get_app_configs():
        for path in sorted(Path(app.path, "migrations").glob("*.py")):
            digest.update(f"{app.label}/{path.name}".encode() + path.read_bytes())
    return digest.hexdigest()[:20]


def _migrate(file: Path) -> None:
    """Run all migrations in a new file, and nothing that listens to their end."""
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = os.fspath(file)
    try:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name


@pytest.fixture
def postgresql(db: None) -> None:
    """Skips a test that proves something only PostgreSQL promises."""
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL promises this")


@pytest.fixture(autouse=True)
def emptied_afterwards(request: pytest.FixtureRequest) -> Iterator[None]:
    """Lifts the append-only triggers when a committing test ends, or its tables could not be emptied.

    Emptying them sends `post_migrate`, which installs the triggers again.
    """
    mark = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (mark and mark.kwargs.get("transaction"))
    if commits:
        # Asked for by name so that this fixture ends first.
        request.getfixturevalue("transactional_db")
    yield
    if commits:
        for model in apps.get_models():
            if getattr(model, append_only.MARK, False):
                append_only.release(connection, model._meta.db_table)


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Makes all calls at the same moment, each in a thread with a connection of its own.

    Returns what each call returned or the exception it raised, in the order of the calls. The test must use
    `django_db(transaction=True)`: other threads do not see what is not committed.
    """
    gate = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(number: int) -> None:
        try:
            gate.wait(timeout=30)
            results[number] = calls[number]()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
