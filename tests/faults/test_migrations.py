"""Every later migration is applied to tables with rows while people work: nobody waits long (P18)."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from config.lifeline import tied
from flow import append_only
from tests.faults.house import ROOT, House
from tests.faults.migrated import Work, connected, enlarged, standing
from tests.proofs import proven

pytestmark = pytest.mark.faults
LIMIT_SECONDS = 2.0
BUSY = (
    "orders_order",
    "deadlines_deadline",
    "flow_event",
    "flow_comment",
    "integration_outbox",
    "integration_job",
    "org_person",
    "org_login",
)


FIRST = "0001_initial"
TAKE_BACK = """
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connection)
firsts = [(app, name) for app, name in executor.loader.applied_migrations if name == "0001_initial"]
executor.migrate([key for key in firsts if key[0] in settings.OUR_APPS])
"""


@pytest.fixture
def busy(house: House) -> House:
    """A house on PostgreSQL with some rows in every table that people use all the time."""
    if not os.environ.get("DATABASE_URL", "").startswith(("postgres", "psql", "pgsql")):
        pytest.skip("only PostgreSQL has locks on tables")
    house.hand("effective", moments=["2030-01-07T09:00:00+08:00"])
    return house


def later_ones() -> list[str]:
    """Our migrations after the first of each app."""
    known = MigrationLoader(None).disk_migrations
    return [f"{app}.{name}" for app, name in known if app in settings.OUR_APPS and name != FIRST]


def waited(house: House, *, orders: int, events: int) -> tuple[Work, list[str]]:
    """Take the later migrations back, apply them while people work: what they had to wait, what failed."""
    url = house.env["DATABASE_URL"]
    enlarged(url, orders=orders, events=events)
    back = house.manage("shell", "--no-imports", "-c", TAKE_BACK)
    assert back.returncode == 0, back.stdout + back.stderr
    there = standing(url)
    kept = {model._meta.db_table for model in append_only.models_kept()}
    work = Work(url, [t for t in BUSY if t in there], [t for t in BUSY if t in there and t not in kept])
    with work.going_on():
        done = house.manage("migrate", "-v0")
    print(f"read {work.read:.2f} s, write {work.written:.2f} s, held {work.held:.2f} s")
    wrong = [done.stderr, *work.faults] if done.returncode or work.faults else []
    if max(work.read, work.held) > LIMIT_SECONDS:
        wrong.append(f"a read took {work.read:.2f} s, a table was held {work.held:.2f} s")
    assert set(standing(url)) >= set(BUSY)
    return work, wrong


def proved(house: House, *, orders: int, events: int) -> None:
    """Do it and write it down."""
    work, wrong = waited(house, orders=orders, events=events)
    print(*wrong, sep="\n")
    proven(
        "P18",
        injections=len(later_ones()),
        violations=len(wrong),
        recovery_seconds=work.held,
        note=f"{orders:,} orders, {events:,} events; of {work.statements:,} statements beside it the longest "
        f"read took {work.read:.1f} s, the longest write {work.written:.1f} s",
    )


def test_nobody_waits_for_a_migration(busy: House) -> None:
    proved(busy, orders=5_000, events=20_000)


@pytest.mark.soak
def test_nobody_waits_for_a_migration_of_many_rows(busy: House) -> None:
    proved(busy, orders=200_000, events=1_000_000)


@pytest.mark.soak
def test_two_migrate_at_once(busy: House) -> None:
    """Several machines that start together take turns, and the tables are made once."""
    assert busy.manage("migrate", "flow", "0001", "-v0").returncode == 0
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    both = [
        subprocess.Popen(command, cwd=ROOT, env=busy.env, preexec_fn=tied(signal.SIGKILL)) for _ in range(2)
    ]
    assert [one.wait(timeout=90) for one in both] == [0, 0]
    with contextlib.closing(connected(busy.env["DATABASE_URL"])) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT (app, name)) FROM django_migrations")
        total, distinct = cursor.fetchone()  # type: ignore[misc]
    assert total == distinct
