"""One migration taken back, and applied again while others read and write: what they had to wait."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg2

LOOK_EVERY = 0.005


@dataclass
class Work:
    """Readers and writers of some tables, and how long the longest read and write took, in seconds.

    `held`: the longest span over which somebody held one of the tables all to himself.
    """

    url: str
    tables: list[str]
    writable: list[str]
    read: float = 0.0
    written: float = 0.0
    statements: int = 0
    held: float = 0.0
    faults: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def going_on(self) -> Iterator[Work]:
        """Read and write all the time."""
        reads = [f"SELECT * FROM {table} ORDER BY 1 DESC LIMIT 1" for table in self.tables]
        writes = [
            f"UPDATE {table} SET id = id WHERE id = (SELECT max(id) FROM {table})" for table in self.writable
        ]
        threads = [threading.Thread(target=self._work, args=(statements,)) for statements in (reads, writes)]
        threads.append(threading.Thread(target=self._watch))
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _work(self, statements: list[str]) -> None:
        with contextlib.closing(connected(self.url)) as connection, connection.cursor() as cursor:
            while not self._over.is_set():
                for statement in statements:
                    began = time.monotonic()
                    try:
                        cursor.execute(statement)
                    except psycopg2.Error as fault:
                        self.faults.append(f"{statement}: {fault}")
                    self._took(time.monotonic() - began, statement)

    def _took(self, seconds: float, statement: str) -> None:
        with self._turn:
            self.statements += 1
            if statement.startswith("SELECT"):
                self.read = max(self.read, seconds)
            else:
                self.written = max(self.written, seconds)

    def _watch(self) -> None:
        """Look who holds a table all to himself, again and again."""
        since: dict[tuple[int, int], float] = {}
        with contextlib.closing(connected(self.url)) as connection, connection.cursor() as cursor:
            while not self._over.wait(LOOK_EVERY):
                cursor.execute(
                    "SELECT pid, relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"
                    " AND relation = ANY(%s::regclass[]::oid[])",
                    [self.tables],
                )
                now, holding = time.monotonic(), set(cursor.fetchall())
                since = {key: since.get(key, now) for key in holding}
                self.held = max([self.held, *(now - began for began in since.values())])


@contextlib.contextmanager
def long_reading(url: str, table: str) -> Iterator[None]:
    """Somebody reads a table in a transaction that stays open for three seconds, as a report may."""
    connection = connected(url)
    connection.autocommit = False
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
    end = threading.Timer(3.0, connection.close)
    end.start()
    try:
        yield
    finally:
        end.join()


def connected(url: str) -> psycopg2.extensions.connection:
    """A connection that commits each statement by itself."""
    connection = psycopg2.connect(url.replace("postgres://", "postgresql://", 1))
    connection.autocommit = True
    return connection


def enlarged(url: str, *, orders: int, events: int) -> None:
    """Copy orders, their cases, clocks and events until there are so many, past all triggers."""
    with contextlib.closing(connected(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table, own, count in (
            ("orders_order", {"public_id": "gen_random_uuid()", "number": "'DDKG2099-' || n"}, orders),
            ("deadlines_deadline", {"slot": "'copy ' || n"}, orders),
            ("flow_event", {"version": "NULL::integer"}, events),
        ):
            cursor.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                " AND NOT attisdropped AND attname <> 'id'",
                [table],
            )
            columns = [row[0] for row in cursor.fetchall()]
            values = ", ".join(own.get(name, f's."{name}"') for name in columns)
            names = ", ".join(f'"{name}"' for name in columns)
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {values} FROM generate_series(1, %s) n,"
                f" LATERAL (SELECT * FROM {table} ORDER BY id LIMIT 1) s",
                [count],
            )
        cursor.execute("ANALYZE")


def standing(url: str) -> list[str]:
    """The tables that are there."""
    with contextlib.closing(connected(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return [row[0] for row in cursor.fetchall()]
