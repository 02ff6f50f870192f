"""Our PostgreSQL for tests leaves nothing behind, however its launcher ends."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg2
import pytest

from tests.postgres import Server

ROOT = Path(__file__).resolve().parents[2]
WAIT = "import os, sys; print(os.environ['DATABASE_URL'], flush=True); sys.stdin.read()"

# Started from nothing and on its own: beside another server it would all be the same.
ON_POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgres")
pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(ON_POSTGRESQL, reason="runs beside SQLite, and is the same here"),
]


def launch() -> tuple[subprocess.Popen[str], Path]:
    """Starts a launcher whose command waits; returns it with the server's folder."""
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    launcher = subprocess.Popen(
        [sys.executable, "-m", "tests.postgres", "--", sys.executable, "-c", WAIT],
        cwd=ROOT,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert launcher.stdout is not None
    address = urlsplit(launcher.stdout.readline().strip())
    return launcher, Path(parse_qs(address.query)["host"][0])


def servers(folder: Path) -> list[psutil.Process]:
    """The server processes that work in this folder."""
    return [p for p in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(p.info["cmdline"] or [])]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_server_outlives_its_launcher(number: int) -> None:
    launcher, folder = launch()
    assert servers(folder)
    launcher.send_signal(number)
    launcher.communicate(timeout=30)
    until = time.monotonic() + 30
    while servers(folder):
        assert time.monotonic() < until, "the server outlived its launcher"
        time.sleep(0.05)


def test_folder_is_gone_after_a_normal_end() -> None:
    launcher, folder = launch()
    launcher.communicate(timeout=30)
    assert launcher.returncode == 0
    assert not folder.exists()


def test_parent_folders_stay_closed() -> None:
    before = Path(tempfile.gettempdir()).stat()
    server = Server()
    try:
        server.start()
        assert Path(tempfile.gettempdir()).stat().st_mode == before.st_mode
        assert server.folder.stat().st_mode & 0o077 == 0
    finally:
        server.stop()


def test_killed_server_starts_again_with_what_was_committed() -> None:
    server = Server(fsync=True)
    try:
        server.start()
        with psycopg2.connect(server.url) as link, link.cursor() as cursor:
            cursor.execute("create table kept (n int); insert into kept values (7)")
        link.close()
        server.kill()
        server.start()
        with psycopg2.connect(server.url) as link, link.cursor() as cursor:
            cursor.execute("select n from kept")
            assert cursor.fetchone() == (7,)
        link.close()
    finally:
        server.stop()
