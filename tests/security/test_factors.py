"""The second factor: codes of the telephone, codes on paper, and who must have one."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from config.security import profiles
from org import factors
from org.models import LogIn, Person, SecondFactor
from org.roles import Role
from tests.security.conftest import PASSWORD

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def shown(secret: str, at: datetime = NOON) -> str:
    """What the telephone shows."""
    return factors.code_at(base64.b32decode(secret), factors.step_of(at))


@pytest.fixture
def telephone(lin: Person) -> str:
    """The secret of somebody who set up the second factor an hour ago."""
    secret = factors.begin(lin)
    before = NOON - timedelta(hours=1)
    assert factors.confirm(lin, shown(secret, before), now=before)
    return secret


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """The vectors of RFC 6238, in six figures."""
    assert factors.code_at(b"12345678901234567890", seconds // 30) == code


def test_a_code_opens_once_and_clocks_may_differ_by_half_a_minute(lin: Person, telephone: str) -> None:
    half = timedelta(seconds=30)
    assert not factors.accepts(lin, shown(telephone, NOON - 2 * half), now=NOON)
    assert factors.accepts(lin, shown(telephone, NOON - half), now=NOON)
    assert not factors.accepts(lin, shown(telephone, NOON - half), now=NOON)
    assert factors.accepts(lin, shown(telephone), now=NOON)
    assert factors.accepts(lin, shown(telephone, NOON + half), now=NOON)
    # An older one does not open after a newer one.
    assert not factors.accepts(lin, shown(telephone), now=NOON)


def test_a_code_on_paper_opens_once(lin: Person, telephone: str) -> None:
    codes = factors.paper_codes(lin)
    assert len(set(codes)) == factors.PAPER_CODES
    assert factors.accepts(lin, codes[0].upper().replace("-", " "), now=NOON)
    assert not factors.accepts(lin, codes[0], now=NOON)
    assert factors.codes_left(lin) == factors.PAPER_CODES - 1
    factors.paper_codes(lin)
    assert not factors.accepts(lin, codes[1], now=NOON)


def test_codes_of_others_and_rubbish_open_nothing(lin: Person, hired: Any, telephone: str) -> None:
    other = hired("wang")
    secret = factors.begin(other)
    assert not factors.accepts(other, shown(secret), now=NOON), "not confirmed yet"
    for code in (
        "",
        "000000x",
        "１２３４５６",
        "\x00",
        "9" * 400,
        shown(secret),
        *factors.paper_codes(other),
    ):
        assert not factors.accepts(lin, code, now=NOON)


def test_the_secret_is_not_readable_in_the_database(lin: Person, telephone: str, settings: Any) -> None:
    row = SecondFactor.objects.get(person=lin)
    assert base64.b32decode(telephone) not in base64.urlsafe_b64decode(row.sealed)
    settings.SECRET_KEY = "another key of the house"
    assert not factors.accepts(lin, shown(telephone), now=NOON)


def test_the_code_stands_between_password_and_session(
    lin: Person, telephone: str, client: Client, come_in: Any
) -> None:
    with time_machine.travel(NOON, tick=False):
        answer = come_in("lin")
        assert answer.headers["Location"] == "/login/code/"
        assert client.get("/").headers["Location"].startswith("/login/")
        page = client.post("/login/code/", {"code": "000000"}).content.decode()
        assert "not right or was used before" in page
        assert client.post("/login/code/", {"code": shown(telephone)}).headers["Location"] == "/"
        assert client.get("/").status_code == 200
    kinds = list(LogIn.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [LogIn.Kind.CODE, LogIn.Kind.IN]


def test_codes_cannot_be_tried_out(lin: Person, telephone: str, client: Client, come_in: Any) -> None:
    with time_machine.travel(NOON, tick=False):
        come_in("lin")
        for _ in range(profiles.STANDARD.tries):
            client.post("/login/code/", {"code": "000000"})
        page = client.post("/login/code/", {"code": shown(telephone)}).content.decode()
        assert "Too many tries" in page
        # Nor by beginning with the password again.
        come_in("lin", browser=client)
        assert "Too many tries" in client.post("/login/code/", {"code": shown(telephone)}).content.decode()


def test_an_administrator_unlocks_whoever_lost_the_telephone(
    lin: Person, telephone: str, client: Client, come_in: Any
) -> None:
    for _ in range(profiles.STANDARD.tries):
        come_in("lin", "wrong")
    call_command("unlock", "lin", factor=True)
    assert come_in("lin").headers["Location"] == "/"
    with pytest.raises(CommandError, match="nobody"):
        call_command("unlock", "nobody")


def test_who_waits_too_long_begins_again(lin: Person, telephone: str, client: Client, come_in: Any) -> None:
    assert client.get("/login/code/").headers["Location"] == "/login/"
    with time_machine.travel(NOON, tick=False) as clock:
        come_in("lin")
        clock.shift(timedelta(minutes=5))
        assert client.post("/login/code/", {"code": shown(telephone)}).headers["Location"] == "/login/"


def test_who_is_closed_meanwhile_does_not_come_in(
    lin: Person, telephone: str, client: Client, come_in: Any
) -> None:
    with time_machine.travel(NOON, tick=False):
        come_in("lin")
        Person.objects.filter(pk=lin.pk).update(is_active=False)
        assert client.post("/login/code/", {"code": shown(telephone)}).headers["Location"] == "/login/"


def test_a_post_that_asks_for_it_opens_nothing_else_before(
    hired: Any, client: Client, come_in: Any, settings: Any
) -> None:
    settings.MFA_ROLES = [Role.ADMIN, Role.GM, Role.FINANCE]
    finance = hired("finance", Role.FINANCE)
    hired("buyer", Role.BUYER)
    with time_machine.travel(NOON, tick=False):
        come_in("buyer", browser=(buyer := Client()))
        assert buyer.get("/").status_code == 200
        come_in("finance")
        assert client.get("/").headers["Location"] == "/account/factor/"
        page = client.get("/account/factor/").content.decode()
        assert "asks for a second factor" in page
        assert 'src="data:image/svg+xml' in page
        secret = re.sub(r"\s", "", re.findall(r'class="secret">([^<]+)<', page)[0])
        assert "The code is not right" in client.post("/account/factor/", {"code": "1"}).content.decode()
        page = client.post("/account/factor/", {"code": shown(secret)}).content.decode()
        assert page.count("<li><code>") == factors.PAPER_CODES
        assert client.get("/").status_code == 200
        page = client.post("/account/factor/", {"do": "remove", "password": PASSWORD}).content.decode()
        assert "set up anew by an administrator" in page
    assert factors.has_factor(finance)


def test_it_is_renewed_and_taken_away_with_the_password(lin: Person, telephone: str, client: Client) -> None:
    client.force_login(lin)
    page = client.post("/account/factor/", {"do": "remove", "password": "wrong"}).content.decode()
    assert "The password is not right" in page
    page = client.post("/account/factor/", {"do": "renew", "password": PASSWORD}).content.decode()
    assert page.count("<li><code>") == factors.PAPER_CODES
    client.post("/account/factor/", {"do": "remove", "password": PASSWORD})
    assert not factors.has_factor(lin)
    assert not lin.recovery_codes.exists()


def test_the_pages_speak_chinese_and_keep_the_policy(lin: Person, client: Client) -> None:
    client.force_login(lin)
    for path in ("/account/password/", "/account/factor/", "/login/code/"):
        answer = client.get(path)
        policy = answer.headers.get("Content-Security-Policy", "")
        assert answer.status_code == 302 or "script-src 'self'" in policy
        page = answer.content.decode()
        assert " style=" not in page
        assert "onclick" not in page
