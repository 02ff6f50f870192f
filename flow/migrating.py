"""Changes of the tables that a house at work does not feel (P18)."""

from __future__ import annotations

from typing import Any

from django.db import migrations


class AddIndexConcurrently(migrations.AddIndex):
    """Adds an index while others read and write; on SQLite, which has one writer anyway, as usual.

    Its migration must say `atomic = False`. What an attempt that was cut off left behind is taken away first.
    """

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Build the index, however long somebody's transaction takes: nobody waits for this one."""
        connection = schema_editor.connection
        if connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(connection.alias, model):
            return
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            patience = cursor.fetchone()[0]
            cursor.execute("SET lock_timeout = 0")
        try:
            schema_editor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{self.index.name}"')
            schema_editor.add_index(model, self.index, concurrently=True)
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{patience}'")
