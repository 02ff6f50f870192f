"""A worker that tests kill: `python -m tests.jobs.worker DATABASE MODE AFTER AT`.

It says "ready", waits for a line, and works jobs off. In the mode `inside` it kills itself in the middle of a
transaction, after so many of them; in `between` between two.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from typing import Any

from django.utils import timezone


def main() -> None:
    """Work, or die in the attempt."""
    database, mode, after, at = sys.argv[1:]
    from tests.clock.sweeper import prepare

    prepare(database)
    from django.conf import settings

    from integration import working
    from integration.outbox import Times

    settings.MEDIA_ROOT = os.environ["STORE"]
    arm(mode, int(after))
    print("ready", flush=True)
    sys.stdin.readline()
    print(working.drain(Times(datetime.fromisoformat(at), timezone.now)), flush=True)


def arm(mode: str, left: int) -> None:
    """See to it that this process kills itself, `inside` or `between` transactions."""
    from desk.imports.masters import MasterTarget
    from flow import events
    from integration.run import Run

    def dying(found: Any) -> Any:
        def called(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            left -= 1
            done = found(*args, **kwargs)
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return called

    MasterTarget.chunk = 5
    if mode == "inside":
        # Right after an event or the rows of a chunk were written, before they are committed.
        events.on("*")(dying(lambda event, document, by: None))
        MasterTarget.apply = dying(MasterTarget.apply)  # type: ignore[method-assign]
    else:
        Run.progress = dying(Run.progress)  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
