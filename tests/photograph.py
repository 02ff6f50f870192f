"""What many tests begin with is told once, by real actions; then it is laid out again row by row.

A photograph holds the rows that a telling inserted or changed. It is used only where telling it again could
not come out differently: on SQLite, inside the transaction of a test, from the very same beginning, with
nothing patched, overridden, counted or declared for the test alone. Elsewhere everything is told in full.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from django.conf import UserSettingsHolder, settings
from django.db import connection
from django.utils.translation import get_language

from deadlines.rules import Rule
from flow import events, guards
from flow.actions import Action
from integration import later

T = TypeVar("T")
Rows = dict[str, dict[int, tuple[Any, ...]]]
Beginning = tuple[Hashable, ...]


@dataclass
class World:
    """What was told in the database of this test so far, as long as nothing else was written."""

    told: Beginning | None = None
    changes: int = -1
    stories: int = 0


@dataclass
class Photograph:
    """The rows that a telling left behind, table by table, and what it remembers itself."""

    rows: dict[str, list[tuple[Any, ...]]]
    memory: bytes


@dataclass
class Album:
    """All photographs of this process."""

    photographs: dict[Beginning, Photograph | None] = field(default_factory=dict)
    world: World = field(default_factory=World)
    is_open: bool = False

    def one_more_story(self) -> int:
        """The number of a story in its world."""
        self.world.stories += 1
        return self.world.stories


ALBUM = Album()


@pytest.fixture(autouse=True)
def photographs(request: pytest.FixtureRequest) -> Iterator[None]:
    """A world of its own for each test; nothing is kept in one that may patch the house, and nothing used."""
    ALBUM.world, ALBUM.is_open = World(), "monkeypatch" not in _asked_for(request)
    yield
    ALBUM.is_open = False


def _asked_for(request: pytest.FixtureRequest) -> set[str]:
    """The fixtures that the test and its fixtures ask for, without what pytest-django does everywhere."""
    info = request.node._fixtureinfo
    asked = set(info.argnames)
    for name, definitions in info.name2fixturedefs.items():
        if name != "_template_string_if_invalid_marker":
            asked.update(*(definition.argnames for definition in definitions))
    return asked


def begun() -> None:
    """From here on the database of the test is known: nothing is in it but what every test finds."""
    if _may_be_kept():
        ALBUM.world.told, ALBUM.world.changes = (), _changes()


def kept(name: Hashable, tell: Callable[[], T]) -> T:
    """What `tell()` gives back (a copy of it can be pickled), told now or laid out as it was told before.

    `name` says all that `tell` depends on beside the database.
    """
    world = ALBUM.world
    if not _may_be_kept() or world.told is None or world.changes != _changes():
        world.told = None
        return tell()
    chapter: Beginning = (*world.told, (name, *_house()))
    if chapter in ALBUM.photographs:
        photograph = ALBUM.photographs[chapter]
        made = tell() if photograph is None else _laid_out(photograph)
    else:
        made = _photographed(chapter, tell)
    world.told, world.changes = chapter, _changes()
    return made


def _may_be_kept() -> bool:
    return (
        ALBUM.is_open
        and connection.vendor == "sqlite"
        and connection.in_atomic_block
        and not connection.queries_logged
        and not connection.execute_wrappers
        and not isinstance(settings._wrapped, UserSettingsHolder)
    )


def _changes() -> int:
    """How many rows this connection has ever inserted, updated and deleted."""
    return int(connection.connection.total_changes)


def _house() -> Beginning:
    """What the house consists of just now; a test may declare rules, handlers and reactions of its own."""
    return (
        get_language(),
        len(Action.registry),
        frozenset(Rule.registry),
        frozenset(later._reactions),
        sum(map(len, events._handlers.values())),
        sum(map(len, guards._asked.values())),
    )


def _photographed(chapter: Beginning, tell: Callable[[], T]) -> T:
    before = _rows()
    made = tell()
    after = _rows()
    ALBUM.photographs[chapter] = None
    if all(rows.keys() <= after[table].keys() for table, rows in before.items()):
        new = {
            table: [row for key, row in rows.items() if before[table].get(key) != row]
            for table, rows in after.items()
        }
        ALBUM.photographs[chapter] = Photograph({k: v for k, v in new.items() if v}, pickle.dumps(made))
    return made


def _laid_out(photograph: Photograph) -> Any:
    raw = connection.connection
    for table, rows in photograph.rows.items():
        marks = ", ".join("?" * len(rows[0]))
        raw.executemany(f'INSERT OR REPLACE INTO "{table}" ({_columns(table)}) VALUES ({marks})', rows)
    return pickle.loads(photograph.memory)


def _rows() -> Rows:
    """Every row as SQLite keeps it: a `+` before a column spares it the conversion to a Python type."""
    raw = connection.connection
    found: Rows = {}
    for table in _tables():
        plain = ", ".join(f"+{column}" for column in _columns(table).split(", "))
        found[table] = {
            row[0]: tuple(row[1:]) for row in raw.execute(f'SELECT rowid, {plain} FROM "{table}"')
        }
    return found


_of_tables: dict[str, str] = {}


def _tables() -> list[str]:
    named = connection.connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return [name for (name,) in named]


def _columns(table: str) -> str:
    if table not in _of_tables:
        told = connection.connection.execute(f'PRAGMA table_info("{table}")')
        _of_tables[table] = ", ".join(f'"{row[1]}"' for row in told)
    return _of_tables[table]
