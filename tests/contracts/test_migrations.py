"""A migration after the first of its app can run while people work, or says why it may stop them (P18)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from flow.migrating import AddIndexConcurrently

# What holds a whole table for as long as it has rows, or takes away what the version before still uses.
LONG = (migrations.AddIndex, migrations.AddConstraint, migrations.RunPython, migrations.RunSQL)
GONE = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
TOUCHING = (migrations.AddField, migrations.AlterField)


def later_ones(loader: MigrationLoader) -> Iterator[tuple[str, str]]:
    """Our migrations that meet tables with rows."""
    return (
        key
        for key in sorted(loader.disk_migrations)
        if key[0] in settings.OUR_APPS and not key[1].startswith("0001")
    )


def objections(migration: migrations.Migration, state: Any) -> Iterator[str]:
    """What stands against running a migration while people work; `state`: the models before it."""
    creating = [o for o in migration.operations if isinstance(o, migrations.CreateModel)]
    new = {o.name_lower for o in creating}
    for number, operation in enumerate(migration.operations):
        touches = isinstance(operation, TOUCHING) and operation.model_name_lower not in new
        if touches and migration.atomic and any(o in migration.operations[number:] for o in creating):
            yield f"{migration}: {operation.describe()}: keeps its table locked while others are made"
        if getattr(operation, "model_name_lower", None) not in new and (
            fault := objection(operation, state, migration)
        ):
            yield f"{migration}: {operation.describe()}: {fault}"
        operation.state_forwards(migration.app_label, state)


def objection(operation: Operation, state: Any, migration: migrations.Migration) -> str | None:
    """What one operation does to a house at work."""
    if isinstance(operation, AddIndexConcurrently):
        return "needs `atomic = False`" if migration.atomic else None
    if isinstance(operation, LONG):
        return "holds its table as long as it takes"
    if isinstance(operation, GONE):
        return "takes away what the version before still uses"
    if isinstance(operation, migrations.AlterField):
        return altered(operation, state, migration.app_label)
    if isinstance(operation, migrations.AddField) and isinstance(operation.field, models.ForeignKey):
        # A new column without values is indexed and checked at once.
        return None if operation.field.null else "fills a new column in every row"
    return None


def altered(operation: migrations.AlterField, state: Any, app: str) -> str | None:
    """Whether the column itself becomes another one; choices and names live in Python alone."""
    before = state.apps.get_model(app, operation.model_name)._meta.get_field(operation.name)
    after_state = state.clone()
    operation.state_forwards(app, after_state)
    after = after_state.apps.get_model(app, operation.model_name)._meta.get_field(operation.name)
    changed = connection.schema_editor(collect_sql=True)._field_should_be_altered(before, after)
    return "may write every row anew" if changed else None


def test_later_migrations_do_not_stop_the_house(db: None) -> None:
    loader = MigrationLoader(None)
    guilty: list[str] = []
    for app, name in later_ones(loader):
        migration = loader.disk_migrations[app, name]
        if not getattr(migration, "explained", ""):
            guilty += objections(
                migration, loader.project_state([tuple(d) for d in parents(loader, app, name)])
            )
    assert guilty == [], "use flow.migrating, or say in `explained` why it may stop people"


def parents(loader: MigrationLoader, app: str, name: str) -> list[Any]:
    """What was applied before a migration."""
    return [node.key for node in loader.graph.node_map[app, name].parents]


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (migrations.AddIndex("order", models.Index(fields=["state"], name="x")), "holds its table"),
        (migrations.RunPython(migrations.RunPython.noop), "holds its table"),
        (migrations.RemoveField("order", "remark"), "version before"),
        (migrations.AlterField("order", "remark", models.CharField(max_length=7)), "every row"),
        (migrations.AlterField("order", "number", models.CharField(max_length=40)), "every row"),
    ],
)
def test_a_migration_that_would_stop_it_is_refused(db: None, operation: Operation, words: str) -> None:
    """The twin: each kind of hard change is seen."""
    loader = MigrationLoader(None)
    migration = migrations.Migration("0099_hard", "orders")
    migration.operations = [operation]
    found = list(objections(migration, loader.project_state(loader.graph.leaf_nodes("orders"))))
    assert len(found) == 1
    assert words in found[0]


def test_a_table_that_is_in_use_is_touched_last(db: None) -> None:
    loader = MigrationLoader(None)
    shelf = migrations.CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True))])
    place = migrations.AddField("order", "place", models.CharField(max_length=9, null=True))
    migration = migrations.Migration("0099_both", "orders")
    for operations, count in (([place, shelf], 1), ([shelf, place], 0)):
        migration.operations = operations
        found = list(objections(migration, loader.project_state(loader.graph.leaf_nodes("orders"))))
        assert len(found) == count


def test_a_new_table_or_an_index_beside_the_work_is_welcome(db: None) -> None:
    index = models.Index(fields=["state"], name="x")
    migration = migrations.Migration("0099_soft", "orders")
    migration.atomic = False
    migration.operations = [
        migrations.CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddIndex("shelf", models.Index(fields=["id"], name="y")),
        AddIndexConcurrently("order", index),
    ]
    loader = MigrationLoader(None)
    assert list(objections(migration, loader.project_state(loader.graph.leaf_nodes("orders")))) == []
    migration.atomic = True
    assert "atomic" in next(objections(migration, loader.project_state(loader.graph.leaf_nodes("orders"))))
