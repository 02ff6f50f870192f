"""A backup under load, the loss of the house, a copy elsewhere that is silent until it is confirmed (P17)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.faults.clients import ROLES, Load
from tests.faults.house import KINDS, House, eventually, own_database
from tests.faults.receiver import Receiver
from tests.proofs import proven

pytestmark = pytest.mark.faults
KEY = "a key that is kept in another place"
ENOUGH = 20


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[House]:
    """Another machine: an empty database and an empty folder."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with own_database(folder) as url:
        made = House(folder, url)
        made.env["EVENT_SEAL_KEY"] = KEY
        try:
            yield made
        finally:
            made.close()


def before_backup(load: Load) -> list[dict[str, Any]]:
    """The journal as it stands: what is acknowledged now must be in a backup that begins now."""
    return load.tally.journal()


def ready(load: Load, more: int) -> None:
    """Wait until so many more requests were acknowledged."""
    known = len(load.tally.acknowledged)
    eventually(lambda: len(load.tally.acknowledged) >= known + more, "the clients do not get on")


def lost(journal: list[dict[str, Any]], promised: list[dict[str, Any]], copy: House) -> list[str]:
    """What the copy lacks or has too much: all that was acknowledged before, nothing that nobody wanted."""
    told = {wish["key"]: wish for wish in promised if wish["status"] is not None}
    # What was acknowledged later may be in it or not, as what was never acknowledged.
    open_ones = [wish if wish["key"] in told else {**wish, "status": None} for wish in journal]
    at = copy.hand("advance", seconds=0)
    found = copy.hand("audited", journal=open_ones, prepared=[], at=at)["wrong"]
    # A silent copy sends nothing: what waits in its outbox is as it should be.
    return [sentence for sentence in found if not sentence.startswith("outbox ")]


@pytest.mark.rule("SYS-03")
def test_the_house_is_brought_back_elsewhere(
    house: House, copy: House, nine: datetime, tmp_path: Path
) -> None:
    house.env["EVENT_SEAL_KEY"] = KEY
    house.hand("set_clock", at=nine.isoformat())
    tokens = {role: house.hand("token", username=role) for role in ROLES}
    backup = tmp_path / "house.tar"
    with Receiver() as receiver:
        house.hand("subscribe", url=receiver.url, verbs=["orders.*", "deadlines.*"])
        house.start()
        with Load(house.port, tokens, nine.date(), clients=2, seed=17) as load:
            ready(load, ENOUGH)
            promised, began = before_backup(load), time.monotonic()
            made = house.manage("backup", str(backup))
            lasted = time.monotonic() - began
            ready(load, ENOUGH)
        assert made.returncode == 0, made.stderr
        assert backup.stat().st_mode & 0o077 == 0
        house.shoot(house.aim(*KINDS))

        gone = time.monotonic()
        restored = copy.manage("restore", str(backup))
        assert restored.returncode == 0, restored.stdout + restored.stderr
        copy.start()
        back = time.monotonic() - gone
        wrong = lost(load.tally.journal(), promised, copy)
        wrong += speaks_before_it_may(copy, receiver)
        wrong += misses_a_file(copy, tmp_path / "again.tar")
        print(*wrong, sep="\n")
        acknowledged = sum(wish["status"] is not None for wish in promised)
        proven(
            "P17",
            injections=acknowledged,
            violations=len(wrong),
            recovery_seconds=back,
            note=f"requests acknowledged before a backup under load, which took {lasted:.1f} s",
        )


def speaks_before_it_may(copy: House, receiver: Receiver) -> list[str]:
    """What the copy says or does before it is confirmed, and what it leaves undone afterwards."""
    found = [] if copy.health().get("restored_copy") == "unconfirmed" else ["/healthz does not tell"]
    heard = receiver.posts
    copy.hand("advance", seconds=8 * 3600)
    due, waiting = copy.hand("left"), copy.hand("standing")
    assert due > 0
    # After the clock was moved, a whole tick of the workers passes twice.
    for _tick in range(2):
        since = time.monotonic()
        eventually(lambda since=since: copy.recovered(since), "the copy does not tick")  # type: ignore[misc]
    if copy.hand("left") != due or copy.hand("standing") != waiting or receiver.posts != heard:
        found.append("the copy was not silent")
    assert copy.manage("confirm_restored").returncode == 0
    eventually(lambda: copy.hand("left") == 0, "the copy does not catch up after it was confirmed")
    eventually(lambda: receiver.posts > heard, "the confirmed copy sends nothing")
    return found if "restored_copy" not in copy.health() else [*found, "/healthz still says it is a copy"]


def misses_a_file(copy: House, again: Path) -> list[str]:
    """What a backup of the copy finds wrong, which hashes every attachment."""
    made = copy.manage("backup", str(again))
    return [made.stdout + made.stderr] if made.returncode else []


def test_a_backup_is_there_wholly_or_not_at_all(house: House, tmp_path: Path) -> None:
    """It overwrites nothing, a torn one is refused, a whole one passes the drill and fits no full house."""
    house.env["LANGUAGE_CODE"] = "en"
    nowhere = tmp_path / "full"
    nowhere.mkdir()
    (nowhere / "taken.tar").write_text("something else")
    assert "overwrites nothing" in house.manage("backup", str(nowhere / "taken.tar")).stderr
    assert (nowhere / "taken.tar").read_text() == "something else"
    assert house.manage("backup", str(nowhere)).returncode == 0
    [made] = [path for path in nowhere.iterdir() if path.name != "taken.tar"]
    whole = made.read_bytes()
    (nowhere / "torn.tar").write_bytes(whole[: len(whole) // 2])
    torn = house.manage("restore_drill", str(nowhere / "torn.tar"))
    assert torn.returncode == 1
    assert "no whole backup" in torn.stdout
    refused = house.manage("restore", str(made))
    assert "not empty" in refused.stderr
    drilled = house.manage("restore_drill", str(made))
    assert drilled.returncode == 0, drilled.stdout + drilled.stderr
    assert {path.name for path in nowhere.iterdir()} == {"taken.tar", "torn.tar", made.name}
