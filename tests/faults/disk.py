"""A small disk of the test's own, to be filled to the last byte; it goes with the process that made it."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

CLONE_NEWNS = 0x00020000
BLOCK = b"\0" * 65536


class Refused(OSError):
    """This machine lets this process mount nothing."""


@contextlib.contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[Path]:
    """A disk of that size in the folder, seen by this thread and the processes it starts. Raises Refused."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise Refused(ctypes.get_errno(), "no mounts of our own")
    folder.mkdir()
    mounts = (
        ["mount", "--make-rprivate", "/"],
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=777", "small", str(folder)],
    )
    for command in mounts:
        if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode:
            raise Refused(errno.EPERM, "no disks of our own")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def full(disk: Path) -> Iterator[None]:
    """Nothing more fits on the disk, not a byte; what others free meanwhile stays free."""
    ballast = disk / "ballast"
    try:
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(BLOCK):
                pass
        free = os.statvfs(disk)
        assert free.f_bavail * free.f_frsize < len(BLOCK)
        yield
    finally:
        ballast.unlink(missing_ok=True)
