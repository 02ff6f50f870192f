"""The other end of the webhooks: remembers which events it was told of, under which key, and how often."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """A small web server on this machine; every so often it hangs up before it has answered."""

    def __init__(self, *, hangs_up_every: int = 41) -> None:
        self.told: dict[int, list[str]] = defaultdict(list)
        self.posts = 0
        self.hangs_up_every = hangs_up_every
        self._turn = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1})

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def note(self, key: str, event: int) -> bool:
        """Remember one message; whether it is answered."""
        with self._turn:
            self.posts += 1
            self.told[event].append(key)
            return self.posts % self.hangs_up_every != 0

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            """Takes one message."""

            def do_POST(self) -> None:
                """Remember it, and say so."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.note(self.headers["Idempotency-Key"], json.loads(body)["event"]):
                    self.send_response(204)
                    self.end_headers()
                self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
