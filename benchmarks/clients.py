"""Clients that keep their connection open and ask one request after the other."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import percentile

Request = tuple[str, str, Any]


class Exhausted(Exception):
    """There was nothing left to ask for before the time was over."""


class Client:
    """One connection to a server on this machine."""

    def __init__(self, port: int, token: str = "", headers: dict[str, str] | None = None) -> None:
        self.port = port
        self.headers = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
        if token:
            self.headers["Authorization"] = f"Token {token}"
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Any = None) -> tuple[float, bytes]:
        """The seconds until the whole answer was there, and the answer. Raises RuntimeError unless it is 2xx.

        A connection that the server closed while it was idle is opened again before the time runs.
        """
        said = None if body is None else json.dumps(body)
        for fresh in (False, True):
            if fresh or self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                self._connection.connect()
            began = time.perf_counter()
            try:
                self._connection.request(method, path, body=said, headers=self.headers)
                answer = self._connection.getresponse()
            except (http.client.RemoteDisconnected, ConnectionError):
                if fresh:
                    raise
                continue
            found = answer.read()
            took = time.perf_counter() - began
            if not 200 <= answer.status < 300:
                raise RuntimeError(f"{method} {path}: {answer.status} {found[:500].decode(errors='replace')}")
            return took, found
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End the connection."""
        if self._connection:
            self._connection.close()

    def get(self, path: str) -> Any:
        """The answer to a GET as JSON."""
        return json.loads(self.ask("GET", path)[1])


@dataclass(frozen=True)
class Load:
    """What some clients together measured: the seconds of each request and of the whole."""

    took: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.took) / self.seconds

    @property
    def p50(self) -> float:
        """The seconds of the middle request."""
        return percentile(self.took, 50)


def load(clients: list[Client], requests: Callable[[], Request], seconds: float) -> Load:
    """Let each client ask for so many seconds, one request after the other. Raises what a client raised."""
    took: list[float] = []
    trouble: list[BaseException] = []
    gate = threading.Barrier(len(clients))
    until = [0.0]

    def run(client: Client) -> None:
        try:
            if gate.wait() == 0:
                until[0] = time.perf_counter() + seconds
            gate.wait()
            while time.perf_counter() < until[0]:
                took.append(client.ask(*requests())[0])
        except BaseException as error:
            trouble.append(error)
            gate.abort()

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if trouble:
        raise trouble[0]
    return Load(took, time.perf_counter() - began)


def each_once(made: Iterator[Request]) -> Callable[[], Request]:
    """Hand out requests to several threads, each once. Raises Exhausted at the end."""
    lock = threading.Lock()

    def take() -> Request:
        with lock:
            for request in made:
                return request
        raise Exhausted("The scale provides too few requests for its time.")

    return take
