"""A receiver of webhooks: a real server on this machine, and a clock that stands where the test says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from integration.models import Subscription
from integration.outbox import Times
from tests.people import NINE


@dataclass
class Clock:
    """Real time as the test tells it."""

    now: datetime = field(default_factory=timezone.now)

    def __call__(self) -> datetime:
        return self.now

    def later(self, **span: float) -> None:
        """Let real time pass."""
        self.now += timedelta(**span)

    @property
    def times(self) -> Times:
        """The times of a dispatch; the house's own is nine o'clock of its first Monday."""
        return Times(NINE, self)


@pytest.fixture
def clock() -> Clock:
    """A little ahead, so that what is put in now is due."""
    return Clock(timezone.now() + timedelta(seconds=1))


@dataclass
class Receiver:
    """What came in, and what is answered next: a status, or "drip" for one that never ends."""

    url: str = ""
    status: int | str = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def subscribe(self, *verbs: str) -> Subscription:
        """Subscribe to verbs."""
        return Subscription.objects.create(
            name="receiver", url=self.url, secret="a-secret-of-some-length", verbs=list(verbs)
        )


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    """A server on a free port of this machine, which the house may speak to for once."""
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    made = Receiver()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append((dict(self.headers), body))
            if made.status == "drip":
                while not made.stop.wait(0.2):
                    try:
                        self.wfile.write(b"H")
                    except OSError:
                        return
                return
            self.send_response(int(made.status))
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    made.url = f"http://127.0.0.1:{server.server_port}/hook?x=1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.stop.set()
    server.shutdown()
    server.server_close()
    thread.join()
