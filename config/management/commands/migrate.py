"""Migrates a house at work: no statement waits long for a lock; what got none is tried again (P18)."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)
# A statement that waits for its lock makes everybody behind it wait as long.
LOCK_MS = 1_000
TRIES = 30
LONGEST_WAIT_SECONDS = 5.0
LOCK_NOT_AVAILABLE = "55P03"
# Any number that nobody else locks: processes that migrate at the same time take turns.
TURN = 7_316_204


class Command(migrate.Command):
    """Django's `migrate`, gentle to the people who are at work: short waits, many tries, one at a time."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds the number of tries."""
        super().add_arguments(parser)
        parser.add_argument("--tries", type=int, default=TRIES, help=str(_("how often to ask for a lock")))

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; a migration that got no lock is undone and tried again, the ones before it stay."""
        connection = connections[options["database"]]
        with alone(connection):
            for attempt in range(1, options["tries"] + 1):
                try:
                    super().handle(*args, **options)
                    return
                except OperationalError as fault:
                    if getattr(fault.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE:
                        raise
                    logger.warning("a migration found its table in use (try %s): %s", attempt, fault)
                    time.sleep(min(0.1 * 2**attempt, LONGEST_WAIT_SECONDS))
        raise CommandError(
            _("The tables were in use {n} times; nothing is half done, try at a quieter time.").format(
                n=options["tries"]
            )
        )


def _turn(cursor: Any) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [TURN])
    return bool(cursor.fetchone()[0])


@contextmanager
def alone(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Migrate one at a time, with a short patience for locks."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        # Asked for again and again: who waits inside the server holds up indexes that are built concurrently.
        while not _turn(cursor):
            time.sleep(0.2)
        cursor.execute(f"SET lock_timeout = {LOCK_MS}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [TURN])
            cursor.execute("RESET lock_timeout")
