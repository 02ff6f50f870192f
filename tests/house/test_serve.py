"""The supervisor on real processes: nothing of it is left behind, however it ends."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60.0
NAMES = {"supervisor", "broker", "web", "clock", "jobs", "beat"}

# The houses here have a SQLite of their own: beside another database it would all be the same.
ON_POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgres")
pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(ON_POSTGRESQL, reason="runs beside SQLite, and is the same here"),
]


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Waits for a fact about other processes, which tell nobody when it comes true."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.05)


class House:
    """One served house in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.env = {
            **os.environ,
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "WEB_WORKERS": "1",
            "DATABASE_URL": f"sqlite:///{folder / 'database.sqlite3'}",
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def manage(self, *args: str) -> None:
        """Runs one management command in this house."""
        subprocess.run([sys.executable, "manage.py", *args], cwd=ROOT, env=self.env, check=True)

    def serve(self) -> subprocess.Popen[bytes]:
        """Starts the supervisor."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"], cwd=ROOT, env=self.env, stderr=subprocess.PIPE
        )
        self.processes.append(process)
        return process

    def start(self) -> subprocess.Popen[bytes]:
        """Starts the supervisor and waits until the web answers and the workers have ticked."""
        process = self.serve()
        eventually(lambda: self.health().get("workers") == "ok", "the house did not come up")
        return process

    def health(self) -> dict[str, object]:
        """What the house says of itself; nothing while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return json.load(answer)
        except OSError:
            return {}

    def pid(self, name: str) -> int:
        """The process id in a pid file."""
        return int((self.folder / "run" / f"{name}.pid").read_text())

    def family(self) -> list[psutil.Process]:
        """Every process that works in this folder, whoever its parent is now."""
        mark = str(self.folder)
        found = []
        for process in psutil.process_iter():
            try:
                # The broker writes its title over its environment; it works inside the folder.
                ours = process.environ().get("DATA_DIR") == mark or process.cwd().startswith(f"{mark}/")
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a migrated database."""
    folder = tmp_path_factory.mktemp("migrated")
    House(folder).manage("migrate", "--verbosity", "0")
    return folder / "database.sqlite3"


@pytest.fixture
def house(tmp_path: Path, migrated: Path) -> Iterator[House]:
    """A migrated house; whatever a failing test leaves running is killed."""
    shutil.copy(migrated, tmp_path)
    made = House(tmp_path)
    yield made
    for process in made.processes:
        process.kill()
        process.communicate()
    for process in made.family():
        process.kill()


def test_stop_leaves_no_child(house: House) -> None:
    supervisor = house.start()
    assert {path.stem for path in (house.folder / "run").glob("*.pid")} == NAMES
    assert house.health()["broker"] == "ok"
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(timeout=PATIENCE_SECONDS) == 0
    assert house.family() == []
    assert not list((house.folder / "run").glob("*.pid"))


def test_kill_leaves_no_child_and_a_new_start_works(house: House) -> None:
    house.start().kill()
    eventually(lambda: house.family() == [], "children outlived the supervisor")
    again = house.start()
    assert house.health()["broker"] == "ok"
    again.terminate()
    assert again.wait(timeout=PATIENCE_SECONDS) == 0


def test_second_start_on_the_same_folder_is_refused(house: House) -> None:
    house.start()
    before = house.pid("web")
    second = house.serve()
    said = second.communicate(timeout=PATIENCE_SECONDS)[1].decode()
    assert second.returncode == 1
    assert "Traceback" not in said
    assert str(house.folder) in said
    assert house.pid("web") == before


def test_a_killed_child_comes_back(house: House) -> None:
    house.start()
    for name in ("broker", "web", "clock", "jobs", "beat"):
        before = house.pid(name)
        os.kill(before, signal.SIGKILL)
        eventually(lambda name=name, before=before: house.pid(name) != before, f"{name} did not come back")
        eventually(lambda: house.health().get("broker") == "ok", "the house did not recover")
