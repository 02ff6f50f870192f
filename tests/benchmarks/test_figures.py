"""The arithmetic of the figures, and the clients that measure."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from benchmarks import clients
from benchmarks.clients import Client, each_once, load
from benchmarks.figures import ms, percentile, tell


def test_a_percentile_lies_between_its_neighbours_in_proportion() -> None:
    values = [4.0, 1.0, 3.0, 2.0]
    assert percentile(values, 50) == 2.5
    assert percentile(values, 0) == 1.0
    assert percentile(values, 100) == 4.0
    assert percentile([7.0], 95) == 7.0


def test_figures_are_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    tell("a page", p50=ms(0.0042), beside_the_floor="p50 × 1.50")
    assert capsys.readouterr().out == "  a page: p50 4.20 ms, beside the floor p50 × 1.50\n"


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers every POST with 200, but 500 under /broken."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(500 if self.path == "/broken" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """A small server's port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_several_clients_ask_at_once_and_each_request_goes_out_once(port: int) -> None:
    several = [Client(port), Client(port)]
    found = load(several, each_once(iter([("POST", "/", {})] * 100_000)), seconds=0.2)
    for client in several:
        client.close()
    assert found.took
    assert 0 < found.p50 < 1
    assert found.rate == pytest.approx(len(found.took) / found.seconds)


def test_a_wrong_answer_ends_the_measurement(port: int) -> None:
    client = Client(port)
    with pytest.raises(RuntimeError, match="500"):
        load([client], lambda: ("POST", "/broken", {}), seconds=5)
    client.close()


def test_too_few_requests_end_the_measurement(port: int) -> None:
    client = Client(port)
    with pytest.raises(clients.Exhausted):
        load([client], each_once(iter([("POST", "/", {})])), seconds=5)
    client.close()
