"""Speaks HTTP to addresses that an administrator typed in, and never to a machine inside the house."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

STEP_SECONDS = 5
WHOLE_SECONDS = 10
TRIED = 2
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Unsafe(ValueError):
    """The address is not one the house sends to."""


class Rejected(Exception):
    """The other side answered, but not with a yes."""


def parsed(url: str) -> SplitResult:
    """The parts of an address. Raises Unsafe when it is not plain http or https, or carries a password."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError as wrong:
        raise Unsafe(str(wrong)) from wrong
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Unsafe("The address must begin with http:// or https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise Unsafe("The address must not carry a password.")
    return parts


def addresses(host: str, port: int) -> list[str]:
    """The addresses of a host, all of them public. Raises Unsafe when one lies inside the house."""
    found = list(
        dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    )
    if not settings.WEBHOOKS_TO_PRIVATE_ADDRESSES:
        for address in found:
            if not is_public(address):
                raise Unsafe(f"{host} is {address}, which is not a public address.")
    return found


def is_public(address: str) -> bool:
    """Whether an address lies outside: not private, loopback or link-local, nor such a one inside IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner and not is_public(str(inner)):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Post `body`; follows no redirect. Raises Unsafe, Rejected, OSError or http.client.HTTPException.

    The host is looked up once and the connection goes to the very address that was checked. Each step
    may take 5 s, the whole at most 10 s, however slowly the other side drips.
    """
    parts = parsed(url)
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    connection = _Pinned(host, port, addresses(host, port), secure=secure)
    brake = threading.Timer(WHOLE_SECONDS, connection.cut)
    brake.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body=body, headers=dict(headers))
        with contextlib.closing(connection.getresponse()) as answer:
            status = answer.status
    finally:
        brake.cancel()
        connection.close()
    if not 200 <= status < 300:
        raise Rejected(f"The answer was {status}.")


class _Pinned(http.client.HTTPConnection):
    """A connection to the addresses that were checked, whatever the name may mean by then."""

    def __init__(self, host: str, port: int, checked: list[str], *, secure: bool) -> None:
        super().__init__(host, port, timeout=STEP_SECONDS)
        self.checked, self.secure = checked, secure
        self.default_port = 443 if secure else 80

    def connect(self) -> None:
        """Open the connection to the first that answers, under TLS with the name that was asked for."""
        self.sock = self._reached()
        if self.secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def _reached(self) -> socket.socket:
        failure = OSError(f"{self.host} has no address.")
        for address in self.checked[:TRIED]:
            try:
                return socket.create_connection((address, self.port), STEP_SECONDS)
            except OSError as away:
                failure = away
        raise failure

    def cut(self) -> None:
        """End it now, from another thread."""
        with contextlib.suppress(OSError):
            if self.sock is not None:
                self.sock.shutdown(socket.SHUT_RDWR)
