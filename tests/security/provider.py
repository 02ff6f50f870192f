"""A small OpenID provider on this machine: whose code is handed in, their claims are told."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


class Provider(ThreadingHTTPServer):
    """Tells `claims[code]`; notes every request for a token in `asked`; `failing` makes it answer 500."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.claims: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, list[str]]] = []
        self.failing = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    """One request."""

    server: Provider

    def do_GET(self) -> None:
        """The configuration, or who the bearer of the token is."""
        url = self.server.url
        if "well-known" in self.path:
            paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            paths |= {"userinfo_endpoint": "userinfo"}
            self._say({"issuer": url, **{name: f"{url}/{path}" for name, path in paths.items()}})
        else:
            self._say(self.server.claims[self.headers["Authorization"].split()[1]])

    def do_POST(self) -> None:
        """A token for a code; it is the code itself."""
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked.append(asked)
        self._say({"access_token": asked["code"][0], "token_type": "Bearer", "expires_in": 60})

    def _say(self, body: dict[str, Any]) -> None:
        self.send_response(500 if self.server.failing else 200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *args: Any) -> None:
        """Say nothing."""
