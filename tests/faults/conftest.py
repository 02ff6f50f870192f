"""A house that may be killed, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.database import copy_ready_made
from tests.faults.house import House, own_database

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="session")
def nine() -> datetime:
    """Nine o'clock tomorrow in Shanghai: the training clock only ever goes ahead of the real one."""
    tomorrow = datetime.now(SHANGHAI).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(9), SHANGHAI)


@pytest.fixture(scope="session")
def built(
    tmp_path_factory: pytest.TempPathFactory, nine: datetime, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """The address of a database with the demo factory in it, as of nine; houses begin with a copy of it."""
    folder = tmp_path_factory.mktemp("built")
    with own_database(folder) as url:
        if url.startswith("sqlite:///"):
            with django_db_blocker.unblock():
                copy_ready_made(url.removeprefix("sqlite:///"))
        builder = House(folder, url)
        try:
            builder.hand("build", at=nine.isoformat())
        finally:
            builder.close()
        yield url


@pytest.fixture
def house(tmp_path: Path, built: str) -> Iterator[House]:
    """A house with the demo factory in it, not served yet; whatever of it runs at the end is killed."""
    with own_database(tmp_path, like=built) as url:
        made = House(tmp_path, url)
        try:
            yield made
        finally:
            made.close()
