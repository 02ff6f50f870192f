"""A sweeping process that tests kill: `python -m tests.clock.sweeper DATABASE MODE AT`.

It says "ready", waits for a line, and sweeps in small commits until everything is taken. In the mode
`inside` it kills itself between the claim and the commit of some batch.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from datetime import datetime
from typing import Any

import django


def prepare(database: str) -> None:
    """Start Django on the tests' database."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()


def main() -> None:
    """Sweep, or die in the attempt."""
    database, mode, at = sys.argv[1:]
    prepare(database)
    from deadlines import sweep

    # Many small commits, and each notice by itself, so that every one can be counted.
    sweep.BATCH, sweep.STORM = 1, 10**9
    left = random.randint(0, 4)
    tell = sweep.tell_many

    def tell_or_die(words: Any) -> None:
        nonlocal left
        tell(words)
        if mode == "inside" and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    sweep.tell_many = tell_or_die
    print("ready", flush=True)
    sys.stdin.readline()
    print(sweep.run(at=datetime.fromisoformat(at)), flush=True)


if __name__ == "__main__":
    main()
