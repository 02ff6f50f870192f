"""The disk is full to the last byte: a clear refusal, nothing half saved; then all goes on (P1, P13)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.faults import disk
from tests.faults.clients import ROLES, Load
from tests.faults.house import ON_POSTGRESQL, House, eventually
from tests.faults.servers import filled, url_of
from tests.postgres import Server
from tests.proofs import proven

pytestmark = pytest.mark.faults
# A PostgreSQL begins with 40 MB and its log; a SQLite with the demo factory takes 4.
MEGABYTES = 160 if ON_POSTGRESQL else 48
SMALL_LOG = {"min_wal_size": "32MB", "max_wal_size": "48MB"}
TIMES = 2
WARNED_AFTER = timedelta(hours=3)
BACK_WITHIN_SECONDS = 30.0
# The first words of the sentence, in either language.
SENTENCES = ("There is no room left", "服务器磁盘空间已满")


@pytest.fixture
def server() -> Iterator[Server | None]:
    """A PostgreSQL of the test's own, not started yet, where PostgreSQL is tried."""
    made = Server(fsync=True) if ON_POSTGRESQL else None
    yield made
    if made:
        made.stop()


@pytest.fixture
def small(tmp_path: Path, server: Server | None) -> Iterator[Path]:
    """The disk that will be full, where a server may look."""
    try:
        with disk.small_disk((server.folder if server else tmp_path) / "disk", megabytes=MEGABYTES) as folder:
            yield folder
    except disk.Refused as refusal:
        pytest.skip(f"needs a disk of its own: {refusal}")


@pytest.fixture
def house(tmp_path: Path, small: Path, server: Server | None, built: str) -> Iterator[House]:
    """A house of which the database and the files lie on the small disk."""
    if server:
        server.data = small / "data"
        server.settings |= SMALL_LOG
        filled(server, built)
        url = url_of(server)
    else:
        copy = small / "database.sqlite3"
        copy.write_bytes(Path(built.removeprefix("sqlite:///")).read_bytes())
        url = f"sqlite:///{copy}"
    (small / "files").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "files").symlink_to(small / "files")
    made = House(tmp_path, url)
    try:
        yield made
    finally:
        made.close()
        if server:
            server.stop()


@pytest.mark.rule("TM-01")
def test_nothing_is_half_saved_on_a_full_disk(
    house: House, small: Path, server: Server | None, nine: datetime
) -> None:
    prepared = house.hand("effective", moments=[nine.isoformat()] * 2)
    tokens = {role: house.hand("token", username=role) for role in ROLES}
    house.hand("set_clock", at=(nine + WARNED_AFTER - timedelta(minutes=1)).isoformat())
    house.start()
    back = []
    with Load(house.port, tokens, nine.date(), clients=3, seed=3) as load:
        for n in range(TIMES):
            worked_on(load)
            house.hand("set_clock", at=(nine + WARNED_AFTER + timedelta(hours=n)).isoformat())
            refused = load.tally.unavailable
            with disk.full(small):
                eventually(lambda refused=refused: load.tally.unavailable > refused + 5, "nobody was refused")
            back.append(back_again(house, server, load))
    tally = load.tally
    at = house.hand("advance", seconds=0)
    eventually(lambda: not house.hand("left"), "what fell due was not told", within=60)
    assert house.stop() == 0
    audited = house.hand("audited", journal=tally.journal(), prepared=prepared, at=at)
    checked = house.manage("check_invariants")
    print(f"\n{tally.figures()}, well again after {back}", *tally.surprises, *audited["wrong"], sep="\n")
    print(dict(tally.sentences), checked.stdout if checked.returncode else "")
    wrong = len(audited["wrong"]) + checked.returncode
    note = f"disk of database and files full under load; {tally.figures()}"
    proven("P1", injections=TIMES, violations=wrong, recovery_seconds=max(back), note=note)
    proven("P13", injections=TIMES, violations=len(tally.surprises), note=note)
    assert any(word in said for said in tally.sentences for word in SENTENCES), "nobody was told why"


def worked_on(load: Load) -> None:
    """Wait until clients got something done."""
    before = len(load.tally.acknowledged)
    eventually(lambda: len(load.tally.acknowledged) > before + 3, "nobody got anything done")


def back_again(house: House, server: Server | None, load: Load) -> float:
    """How long after there is room again the house works; a server that gave up is started by its keeper."""
    began = time.monotonic()
    if server and not server.answers():
        eventually(
            lambda: server.answers() or server.process is None or server.process.poll() is not None, "…"
        )
        if server.process is None or server.process.poll() is not None:
            server.start()
            began = time.monotonic()
    eventually(lambda: house.recovered(began), "the clock did not go on", within=BACK_WITHIN_SECONDS)
    worked_on(load)
    return time.monotonic() - began
