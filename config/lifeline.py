"""Ties a process to its parent, so that no death of a parent leaves a child behind."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
# Loaded before any fork: loading a library between fork and exec may deadlock.
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(with_signal: int = signal.SIGKILL) -> None:
    """Asks the kernel to send `with_signal` to this process when the thread that forked it ends (Linux)."""
    if LIBC and LIBC.prctl(PR_SET_PDEATHSIG, with_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) was refused")


def tied(with_signal: int = signal.SIGKILL) -> Callable[[], None]:
    """Returns a `preexec_fn` that ties the child to the caller, also when the caller dies during the fork."""
    parent = os.getpid()

    def tie() -> None:
        die_with_parent(with_signal)
        if os.getppid() != parent:
            os._exit(1)

    return tie
