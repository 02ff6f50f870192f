"""The database refuses to change what only grows, by every door the house's own connection has (P11)."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from flow import append_only
from flow.models import Attachment, Comment, Contact, Event, MaintenanceRecord, Seal, Signature
from tests.goods import Factory
from tests.integrity.events import told
from tests.proofs import proven

TABLE = Event._meta.db_table


def refused(statement: str) -> bool:
    """Whether the database refuses a statement."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError:
        return True
    return False


def attempts() -> Iterator[str]:
    """Everything that would change or remove a row, for each table that only grows."""
    for model in append_only.models_kept():
        table, key = model._meta.db_table, model._meta.pk.column
        yield f"UPDATE {table} SET {key} = {key}"
        yield f"DELETE FROM {table}"
        if connection.vendor == "postgresql":
            yield f"TRUNCATE {table} CASCADE"


def test_what_hangs_on_a_document_only_grows_too() -> None:
    kept = set(append_only.models_kept())
    assert {Event, Seal, MaintenanceRecord, Attachment, Signature, Contact, Comment} <= kept


@pytest.mark.rule("SYS-03")
def test_an_event_is_not_changed_by_any_statement(factory: Factory) -> None:
    told(factory, 10)
    connection.check_constraints()
    before = list(Event.objects.order_by("pk").values())
    tried = [statement for statement in attempts() if TABLE in statement]
    columns = [field.column for field in Event._meta.concrete_fields]
    tried += [f"UPDATE {TABLE} SET {column} = {column}" for column in columns]
    if connection.vendor == "sqlite":
        names = ", ".join(columns)
        tried += [
            f"REPLACE INTO {TABLE} ({names}) SELECT {names} FROM {TABLE}",
            f"INSERT OR REPLACE INTO {TABLE} ({names}) SELECT {names} FROM {TABLE} LIMIT 1",
            f"UPDATE OR REPLACE {TABLE} SET id = id + 1",
        ]
    else:
        tried.append(
            f"INSERT INTO {TABLE} SELECT * FROM {TABLE} ON CONFLICT (id) DO UPDATE SET verb = 'x.y.z'"
        )
        tried.append(f"MERGE INTO {TABLE} t USING {TABLE} s ON t.id = s.id WHEN MATCHED THEN DELETE")
    passed = [statement for statement in tried if not refused(statement)]
    assert passed == []
    assert list(Event.objects.order_by("pk").values()) == before
    proven(
        "P11", injections=len(tried), violations=len(passed), note="statements against the events' triggers"
    )


def test_without_it_replace_would_take_a_row_away(factory: Factory) -> None:
    """The twin: SQLite's REPLACE asks no trigger unless it is told to."""
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has REPLACE")
    told(factory, 1)
    columns = ", ".join(field.column for field in Event._meta.concrete_fields)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers = OFF")
        try:
            assert not refused(f"REPLACE INTO {TABLE} ({columns}) SELECT {columns} FROM {TABLE}")
        finally:
            cursor.execute("PRAGMA recursive_triggers = ON")


def test_the_daily_role_cannot_rewrite_history(postgresql: None, factory: Factory) -> None:
    """A role with the printed grants works, but neither changes events nor lifts the triggers."""
    told(factory, 2)
    connection.check_constraints()
    printed = StringIO()
    call_command("grants", "house_daily", stdout=printed)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE ROLE house_daily")
        cursor.execute(printed.getvalue())
        cursor.execute("SET LOCAL ROLE house_daily")
        for statement in (
            *(attempt for attempt in attempts()),
            f"DROP TRIGGER {TABLE}_{append_only.MARK} ON {TABLE}",
            f"ALTER TABLE {TABLE} DISABLE TRIGGER ALL",
            "SET session_replication_role = replica",
            f"DROP TABLE {TABLE} CASCADE",
            "DELETE FROM django_migrations",
        ):
            assert refused(statement), statement
        assert not refused(f"SELECT count(*) FROM {TABLE}")
        assert not refused("UPDATE org_company SET name = name")
        told_before = Event.objects.count()
        told(factory, 1)
        assert Event.objects.count() == told_before + 1
        transaction.set_rollback(True)


def test_a_role_is_named_plainly() -> None:
    with pytest.raises(CommandError):
        call_command("grants", "house; DROP TABLE x", stdout=StringIO())
