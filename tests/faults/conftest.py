"""A house that may be killed, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.faults.house import House, own_database

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def nine() -> datetime:
    """Nine o'clock tomorrow in Shanghai: the training clock only ever goes ahead of the real one."""
    tomorrow = datetime.now(SHANGHAI).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(9), SHANGHAI)


@pytest.fixture
def house(tmp_path: Path, nine: datetime) -> Iterator[House]:
    """A house with the demo factory in it, not served yet; whatever of it runs at the end is killed."""
    with own_database(tmp_path) as url:
        made = House(tmp_path, url)
        try:
            made.hand("build", at=nine.isoformat())
            yield made
        finally:
            made.close()
