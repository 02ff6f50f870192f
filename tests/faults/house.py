"""A house of the test's own: real processes, in a folder and a database of its own, that may be killed."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import psutil
import psycopg2
import redis

from config.lifeline import tied

ROOT = Path(__file__).resolve().parents[2]
ON_POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith(("postgres", "psql", "pgsql"))
PATIENCE_SECONDS = 90.0
CHILDREN = ("broker", "web", "clock", "jobs", "beat")
# What can be killed: the supervisor, its children, and one of the processes that answer requests.
KINDS = ("supervisor", *CHILDREN, "web worker")


class House:
    """One served house. `hand` is a process beside it that speaks to its database for the test."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.env = {
            **os.environ,
            "DATA_DIR": str(folder / "data"),
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DEMO_MODE": "1",
            "TRAINING_CLOCK": "1",
            "WEB_WORKERS": "2",
            "WEB_THREADS": "4",
            "TICK_SECONDS": "0.5",
            "RESTART_WAIT_SECONDS": "0.5",
        }
        self.supervisor: subprocess.Popen[bytes] | None = None
        self.log: IO[bytes] = (folder / "house.log").open("ab")
        self.hand = Hand(self.env, self.log)

    # -- serving ----------------------------------------------------------------------------------

    def serve(self) -> None:
        """Start the supervisor, and with it everything."""
        self.supervisor = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            preexec_fn=tied(signal.SIGKILL),
        )

    def start(self) -> None:
        """Serve, and wait until the web answers and the clock ticks."""
        self.serve()
        eventually(self.recovered, "the house did not come up")

    def recovered(self, since: float = 0.0) -> bool:
        """Whether the web answers, the broker is there and the clock has ticked after `since` (monotonic)."""
        asked = time.monotonic()
        said = self.health()
        age = said.get("heartbeat_age_seconds", {}).get("worker")
        return said.get("broker") == "ok" and age is not None and asked - age > since

    def health(self) -> dict[str, Any]:
        """What the house says of itself; nothing while it does not answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as talk:
                talk.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
                said = b"".join(iter(lambda: talk.recv(65536), b""))
        except OSError:
            return {}
        head, _, body = said.partition(b"\r\n\r\n")
        # A web worker killed while it answers leaves a head without its body: that is no answer.
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(body) if b" 200 " in head.partition(b"\r\n")[0] else {}
        return {}

    def page(self, path: str, *, session: str) -> bytes:
        """What the house shows there to whom the session belongs, in English."""
        talk = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            talk.request("GET", path, headers={"Cookie": f"sessionid={session}; django_language=en"})
            return talk.getresponse().read()
        finally:
            talk.close()

    def stop(self) -> int:
        """Ask the house to end, in good order; its exit code."""
        assert self.supervisor is not None
        self.supervisor.terminate()
        return self.supervisor.wait(timeout=PATIENCE_SECONDS)

    def manage(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run one management command in this house."""
        command = [sys.executable, "manage.py", *args]
        return subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)

    # -- killing ----------------------------------------------------------------------------------

    def found(self, kind: str) -> psutil.Process | None:
        """The living process of that kind; None while there is none. Only ever one of this house's own."""
        with contextlib.suppress(OSError, ValueError, psutil.Error):
            name = "web" if kind == "web worker" else kind
            process = psutil.Process(int((self.folder / "data" / "run" / f"{name}.pid").read_text()))
            family = process.children() if kind == "web worker" else [process]
            return next((p for p in family if self.owns(p) and p.status() != psutil.STATUS_ZOMBIE), None)
        return None

    def owns(self, process: psutil.Process) -> bool:
        """Whether a process works in this house's folder (the broker's title lies over its environment)."""
        data = self.env["DATA_DIR"]
        with contextlib.suppress(psutil.Error):
            return process.environ().get("DATA_DIR") == data or process.cwd().startswith(f"{data}/")
        return False

    def aim(self, *kinds: str) -> list[tuple[str, psutil.Process]]:
        """The living processes of these kinds."""
        return [(kind, process) for kind in kinds if (process := self.found(kind))]

    def shoot(self, aims: list[tuple[str, psutil.Process]]) -> list[str]:
        """kill -9 these processes at once; the kinds that were hit."""
        hit = []
        for kind, process in aims:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
                hit.append(kind)
        if "supervisor" in hit and self.supervisor:
            self.supervisor.wait(timeout=PATIENCE_SECONDS)
            eventually(lambda: not self.family(), "something outlived its supervisor")
        return hit

    def broker(self) -> redis.Redis:
        """A connection to the house's broker."""
        address = self.hand("broker").replace("redis+socket://", "unix://", 1)
        return redis.Redis.from_url(address, socket_timeout=5)

    def marks(self, pattern: str) -> list[Path]:
        """What processes show of the middle of their transactions; see `tests.faults.handlers`."""
        return list((self.folder / "data" / "middle").glob(pattern))

    def family(self) -> list[psutil.Process]:
        """Every process of the house but the hand, whoever its parent is now."""
        mine = {os.getpid(), self.hand.pid}
        return [
            process
            for process in psutil.process_iter()
            if process.pid not in mine and self.owns(process) and process.is_running()
            and process.status() != psutil.STATUS_ZOMBIE
        ]  # fmt: skip

    def close(self) -> None:
        """Leave nothing behind."""
        if self.supervisor:
            self.supervisor.kill()
            self.supervisor.wait()
        for process in self.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.hand.close()
        self.log.close()


class Hand:
    """A process that does in the house's database what the test asks, and answers; it is never killed."""

    def __init__(self, env: dict[str, str], log: IO[bytes]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.hand"],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            preexec_fn=tied(signal.SIGKILL),
        )
        self.pid = self._process.pid

    def __call__(self, what: str, **said: Any) -> Any:
        """Have `what` done (a function of `tests.faults.hand`) and return what it answers."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": what, "with": said}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        answer = json.loads(line) if line else {"trouble": "the hand is gone; see house.log"}
        if "trouble" in answer:
            raise RuntimeError(f"{what}: {answer['trouble']}")
        return answer["answer"]

    def close(self) -> None:
        """End it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=PATIENCE_SECONDS)
        self._process.stdout.close()


@contextlib.contextmanager
def again_and_again(do: Callable[[], object], *, every: float) -> Iterator[None]:
    """Do something every so many seconds in a thread; what fails meanwhile is tried again."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(every):
            with contextlib.suppress(OSError, redis.RedisError, psutil.Error):
                do()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def eventually(holds: Callable[[], bool], what: str, *, within: float = PATIENCE_SECONDS) -> float:
    """Wait for a fact about other processes, which tell nobody when it comes true; how long it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within, what
        time.sleep(0.1)
    return time.monotonic() - began


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def own_database(folder: Path, *, like: str = "") -> Iterator[str]:
    """The address of a database for one house, on the server DATABASE_URL names, else SQLite: empty, or a
    copy of another one (`like`, an address) that nobody is connected to."""
    if not ON_POSTGRESQL:
        path = folder / "database.sqlite3"
        if like:
            shutil.copy(like.removeprefix("sqlite:///"), path)
        yield f"sqlite:///{path}"
        return
    named = os.environ["DATABASE_URL"]
    name = f"faults_{uuid.uuid4().hex[:12]}"
    template = f"TEMPLATE {urlsplit(like).path[1:]}" if like else ""
    administer(named, f"CREATE DATABASE {name} {template}")
    try:
        yield urlsplit(named)._replace(path=f"/{name}").geturl()
    finally:
        administer(named, f"DROP DATABASE {name} WITH (FORCE)")


def administer(url: str, statement: str) -> None:
    """Run one statement outside any transaction on a PostgreSQL server."""
    connection = psycopg2.connect(url.replace("postgres://", "postgresql://", 1))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
