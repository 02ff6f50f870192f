"""The address of a subscriber never leads into the house, however it is written or named."""

from __future__ import annotations

import ipaddress
import random
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from integration import wire
from integration.admin import SubscriptionForm
from tests.proofs import proven

# Everything that is not the open network, as the registries of addresses have it.
INSIDE = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/29", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
)  # fmt: skip
INSIDE_6 = ("::/127", "fc00::/7", "fe80::/10", "ff00::/8", "2001:db8::/32", "100::/64")
AROUND = ("::ffff:{}", "64:ff9b::{}", "2002:{}::")


def inner() -> Iterator[str]:
    """Addresses inside, in every way in which they are written."""
    dice = random.Random(20260302)
    for text in INSIDE:
        network = ipaddress.IPv4Network(text)
        for place in (
            0,
            network.num_addresses - 1,
            *(dice.randrange(network.num_addresses) for _ in range(12)),
        ):
            address = network[place]
            yield str(address)
            yield f"::ffff:{address}"
            yield f"64:ff9b::{address}"
            yield str(ipaddress.IPv6Address(0x2002 << 112 | int(address) << 80))
    for text in INSIDE_6:
        wide = ipaddress.IPv6Network(text)
        for place in (0, 1, *(dice.randrange(wide.num_addresses) for _ in range(12))):
            yield str(wide[place])


def spelled() -> Iterator[str]:
    """This machine, as decimal, octal, hexadecimal, short and dotted numbers, with a name and a port."""
    hosts = (
        "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1",
        "017700000001", "0", "0.0.0.0", "localhost", "LOCALHOST", "localhost.", "[::1]", "[::]",
        "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]", "[64:ff9b::127.0.0.1]", "①②⑦.⓪.⓪.①",
        "127。0。0。1", "[fe80::1%25lo]",
    )  # fmt: skip
    for host in hosts:
        for scheme in ("http", "https"):
            yield f"{scheme}://{host}:1/"
    yield from (
        "http://8.8.8.8@127.0.0.1:1/",
        "http://127.0.0.1:1#@8.8.8.8/",
        "http://127.0.0.1:1\\@8.8.8.8/",
    )
    yield from ("http://127.0.0.1:1?@8.8.8.8/", "http:127.0.0.1:1", "//127.0.0.1:1/", "http://127.0.0.1:1\t/")
    yield from ("file:///etc/passwd", "gopher://127.0.0.1:1/_x", "dict://127.0.0.1:1/", "ftp://127.0.0.1:1/")


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The addresses that the house tried to reach; none is."""
    tried: list[Any] = []

    def dial(address: Any, *_args: Any, **_more: Any) -> Any:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", dial)
    return tried


def test_no_address_leads_inside(dialled: list[Any]) -> None:
    wrong = [address for address in inner() if wire.is_public(address)]
    tried = len(list(inner()))
    for url in spelled():
        tried += 1
        try:
            wire.post(url, b"", {})
        except (wire.Unsafe, OSError, ValueError):
            continue
        wrong.append(url)
    wrong += [str(address) for address in dialled]
    proven(
        "P12",
        injections=tried,
        violations=len(wrong),
        note="; ".join(wrong[:9]) or "addresses of subscribers",
    )


@pytest.mark.parametrize(
    "answers", [["10.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::1", "8.8.8.8"], ["fe80::1%eth0"]]
)
def test_a_name_that_means_a_machine_inside_is_not_dialled(
    dialled: list[Any], monkeypatch: pytest.MonkeyPatch, answers: list[str]
) -> None:
    """One address inside among those of a name is enough to refuse it."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_m: [_info(one) for one in answers])
    with pytest.raises(wire.Unsafe):
        wire.post("https://rebinding.example/", b"", {})
    assert dialled == []


def test_a_name_is_looked_up_once(dialled: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public when it is checked and means this machine afterwards leads to the public one."""
    turns = [["8.8.8.8"], ["127.0.0.1"], ["127.0.0.1"]]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_m: [_info(one) for one in turns.pop(0)])
    with pytest.raises(OSError):  # noqa: PT011 - nobody is reached
        wire.post("https://rebinding.example/", b"", {})
    assert dialled == [("8.8.8.8", 443)]
    assert len(turns) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://u:p@example.com/", "http://", "javascript:alert(1)", "x\r\ny"]
)
def test_the_form_of_a_subscription_says_what_is_wrong(url: str) -> None:
    form = SubscriptionForm({"name": "x", "url": url, "secret": "x" * 40, "verbs": "*", "active": "on"})
    assert form.errors["url"]


def _info(address: str) -> tuple[Any, ...]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.SOCK_STREAM, 6, "", (address, 443)
