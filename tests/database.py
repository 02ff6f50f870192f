"""The database part of the tests' fixtures: which database, and many callers at once."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from flow import append_only


def pytest_report_header() -> str:
    """Says in the head of the run which database it runs on."""
    return f"database: {settings.DATABASES['default']['ENGINE'].rsplit('.', 1)[1]}"


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
