"""Makes every transaction last a little longer, right in its middle, and shows that from outside.

So kills fall into a transaction often, and the test can say how often: a mark that is left over was a kill.
"""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from flow import events
from flow.events import By
from flow.models import Event

LONGEST_SECONDS = 0.04
LONGEST_IN_SWEEP_SECONDS = 0.08
SWEEP = "deadlines.deadline.escalate"


@events.on("*")
def dawdle(event: Event, document: Any, by: By) -> None:
    """Wait between the event and what follows from it, in the event's own transaction."""
    longest = LONGEST_IN_SWEEP_SECONDS if event.verb == SWEEP else LONGEST_SECONDS
    mark = marks(settings.DATA_DIR) / f"{event.verb} {os.getpid()} {threading.get_ident()}"
    mark.touch()
    time.sleep(random.random() * longest)
    mark.unlink()


def marks(data: Path) -> Path:
    """The folder of the marks."""
    folder = data / "middle"
    folder.mkdir(exist_ok=True)
    return folder
