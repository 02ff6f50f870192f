"""`manage.py migrate` asks for its locks again and again instead of making others queue behind it (P18)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import migrate
from django.db import connection
from psycopg2.extensions import make_dsn

from tests.faults.migrated import Work, long_reading

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
TABLE = "flow_comment"


@pytest.fixture
def url(postgresql: None, transactional_db: None) -> str:
    """Where the test's database is, for connections of their own."""
    chosen = connection.get_connection_params()
    return make_dsn(
        **{name: chosen[name] for name in ("dbname", "user", "password", "host", "port") if name in chosen}
    )


@pytest.fixture
def altering(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What there is to migrate: a column, which needs the table to itself for a moment."""

    def handle(self: migrate.Command, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {TABLE} ADD COLUMN extra integer")
            cursor.execute(f"ALTER TABLE {TABLE} DROP COLUMN extra")

    monkeypatch.setattr(migrate.Command, "handle", handle)


def test_a_report_that_holds_a_table_stops_nobody(url: str, altering: None) -> None:
    work = Work(url, [TABLE], [])
    with long_reading(url, TABLE), work.going_on():
        call_command("migrate")
    assert work.faults == []
    assert 0.5 < work.read < 2.0


def test_without_the_short_wait_it_would_stop_everybody(url: str) -> None:
    """The twin: a statement that waits patiently for its table makes all others wait behind it."""
    work = Work(url, [TABLE], [])
    with long_reading(url, TABLE), work.going_on(), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")
        cursor.execute(f"ALTER TABLE {TABLE} ADD COLUMN extra integer")
        cursor.execute(f"ALTER TABLE {TABLE} DROP COLUMN extra")
        cursor.execute("RESET lock_timeout")
    assert work.read > 2.0


def test_it_gives_up_with_a_sentence(url: str, altering: None) -> None:
    with long_reading(url, TABLE), pytest.raises(CommandError, match="nothing is half done"):
        call_command("migrate", tries=1)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone()[0] == "2s"
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert cursor.fetchone()[0] == 0
