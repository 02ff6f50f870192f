"""The processes that are measured, and the programs that run beside them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.lifeline import tied

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 90.0


def environment(folder: Path, database_url: str, **more: str) -> dict[str, str]:
    """The environment of a house of the measurements' own, whose folders it makes."""
    static = folder / "static"
    static.mkdir(parents=True, exist_ok=True)
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": database_url,
        "SECRET_KEY": "bench",
        "STATIC_ROOT": str(static),
        "WEB_WORKERS": "2",
        "WEB_THREADS": "4",
        "LOG_LEVEL": "WARNING",
        **more,
    }


def program(module: str, *args: str, env: Mapping[str, str], said: Any = None, shown: bool = False) -> Any:
    """Run one module of the measurements; what it answers as JSON, or, if `shown`, prints itself."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *args],
        cwd=ROOT,
        env=dict(env),
        input=None if said is None else json.dumps(said),
        stdout=None if shown else subprocess.PIPE,
        text=True,
        check=True,
        preexec_fn=tied(),
    )
    return None if shown else json.loads(done.stdout.splitlines()[-1])


@contextmanager
def running(
    argv: list[str], env: Mapping[str, str], *, cwd: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    """A process with all its own, ended with the block."""
    process = subprocess.Popen(
        argv, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        process_group=0, preexec_fn=tied(signal.SIGTERM),
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def web(env: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """The house's web server as it is served; its port and process id."""
    port = free_port()
    argv = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "--log-level", "warning"]
    with running(argv, {**env, "PORT": str(port)}) as process:
        wait_for(port, process)
        yield port, process.pid


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until somebody answers on the port. Raises RuntimeError when the process ends before, or never."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"Nobody answers on port {port}.")


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
