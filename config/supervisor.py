"""Runs the processes of the house as children: starts, watches, restarts and ends them together."""

import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from config.lifeline import tied

log = logging.getLogger(__name__)
LOOK_EVERY_SECONDS = 0.2
LIVED_SECONDS = 60.0
BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
PATIENCE_SECONDS = 15.0


class AlreadyRunning(RuntimeError):
    """Another supervisor holds this data folder."""


@dataclass
class Child:
    """One process of the house: how it starts, and how it has fared so far."""

    name: str
    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)
    # The socket that this child opens and the others need.
    opens: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    start_after: float = 0.0

    def start(self) -> None:
        """Starts the process in a group of its own, tied to this one."""
        self.process = subprocess.Popen(
            self.argv,
            env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=tied(signal.SIGKILL),
        )
        self.started = time.monotonic()

    def alive(self) -> bool:
        """Tells whether the process runs; collects it if it has ended."""
        return self.process is not None and self.process.poll() is None

    def died(self, longest_wait: float = BACK_OFF_SECONDS[-1]) -> None:
        """Notes a death and sets the moment of the next start; a long life forgives earlier deaths."""
        if time.monotonic() - self.started >= LIVED_SECONDS:
            self.failures = 0
        wait = min(BACK_OFF_SECONDS[min(self.failures, len(BACK_OFF_SECONDS) - 1)], longest_wait)
        self.failures += 1
        self.start_after = time.monotonic() + wait
        code = self.process.returncode if self.process else None
        log.error("%s ended with %s; it starts again in %s s", self.name, code, wait)
        self.sweep()
        self.process = None

    def ask_to_end(self) -> None:
        """Asks the process to finish what it does and end."""
        if self.alive() and self.process:
            self.process.terminate()

    def sweep(self) -> None:
        """Kills what is left of the process group."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextlib.contextmanager
def sole(run_dir: Path) -> Iterator[None]:
    """Holds the data folder for one supervisor; the kernel lets go of it however that one ends."""
    run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (run_dir / "supervisor.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"Another supervisor holds {run_dir}.") from None
        yield


class Supervisor:
    """Keeps children alive until it is told to stop; those that others stand on start first and end last."""

    def __init__(
        self, *, children: list[Child], run_dir: Path, longest_wait: float = BACK_OFF_SECONDS[-1]
    ) -> None:
        self.children = children
        self.run_dir = run_dir
        self.longest_wait = longest_wait
        self.stopping = False

    def run(self, *, ready: Callable[[], bool], announce: Callable[[], None]) -> None:
        """Runs until SIGTERM, SIGINT or SIGHUP; calls `announce` once, when `ready` first holds."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.stop)
        announced = False
        try:
            self.note("supervisor", os.getpid())
            while not self.stopping:
                self.look()
                if not announced and ready():
                    announced = True
                    announce()
                time.sleep(LOOK_EVERY_SECONDS)
        finally:
            self.end()

    def stop(self, *_: object) -> None:
        """Asks the loop to end; safe in a signal handler."""
        self.stopping = True

    def look(self) -> None:
        """Starts whatever does not run and may start now."""
        for child in self.children:
            if child.alive() or self.stopping:
                continue
            if child.process is not None:
                child.died(self.longest_wait)
            if time.monotonic() >= child.start_after and self.may_start(child):
                child.start()
                assert child.process is not None
                self.note(child.name, child.process.pid)

    def may_start(self, child: Child) -> bool:
        """Tells whether what the child stands on is there."""
        return child.opens is not None or all(c.opens is None or c.opens.exists() for c in self.children)

    def note(self, name: str, pid: int) -> None:
        """Writes a pid file."""
        (self.run_dir / f"{name}.pid").write_text(f"{pid}\n")

    def end(self) -> None:
        """Ends every child, those that others stand on last, and waits for each."""
        base = [child for child in self.children if child.opens]
        others = [child for child in self.children if not child.opens]
        for group in (others, base):
            for child in group:
                child.ask_to_end()
            until = time.monotonic() + PATIENCE_SECONDS
            while any(child.alive() for child in group) and time.monotonic() < until:
                time.sleep(0.05)
            for child in group:
                child.sweep()
                (self.run_dir / f"{child.name}.pid").unlink(missing_ok=True)
        (self.run_dir / "supervisor.pid").unlink(missing_ok=True)
