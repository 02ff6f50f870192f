"""Events and ledgers are append-only in the database itself, on both engines (P11).

Triggers are installed after each migration because SQLite drops them when it rebuilds a table. Who owns the
tables can drop a trigger: in earnest the house works under a role that owns nothing (`manage.py grants`), and
what is done with the owner's rights is found by the seals.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig, apps
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

MARK = "append_only"
_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION {MARK}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""


def models_kept() -> Iterator[type[models.Model]]:
    """The models whose rows are never changed or deleted."""
    return (model for model in apps.get_models() if getattr(model, MARK, False))


def see_replacements(sender: Any, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Have SQLite ask the triggers also where REPLACE takes a row away; it does not by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers = ON")


def install(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Install the triggers of one app's append-only models: those whose class says `append_only = True`."""
    connection = connections[using]
    present = set(connection.introspection.table_names())
    for model in sender.get_models():
        if getattr(model, MARK, False) and model._meta.db_table in present:
            protect(connection, model._meta.db_table)


def protect(connection: BaseDatabaseWrapper, table: str) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE on `table`."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER {table}_{MARK} BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {MARK}_refuse()"
            )
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER {table}_{MARK}_whole BEFORE TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {MARK}_refuse()"
            )
            return
        for what in ("UPDATE", "DELETE"):
            cursor.execute(
                f"CREATE TRIGGER IF NOT EXISTS {table}_{MARK}_{what} BEFORE {what} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def release(connection: BaseDatabaseWrapper, table: str) -> None:
    """Drop the triggers of `table`; only the test teardown does this."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{MARK} ON {table}")
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{MARK}_whole ON {table}")
            return
        for what in ("UPDATE", "DELETE"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{MARK}_{what}")
