"""Tries to come in are counted by name and by address, for all processes together."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from config.security import cleaning, profiles
from org import throttle
from org.models import Knock, LogIn, Person
from tests.proofs import proven
from tests.security.conftest import PASSWORD

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
STANDARD = profiles.STANDARD


def wrong(come_in: Any, name: str, times: int, **extra: Any) -> list[str]:
    """The pages that so many wrong tries are answered with."""
    return [come_in(name, "wrong", **extra).content.decode() for _ in range(times)]


def test_a_name_is_closed_after_many_tries_and_says_until_when(lin: Person, come_in: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        pages = wrong(come_in, "lin", STANDARD.tries)
        assert not any("Too many tries" in page for page in pages)
        closed = come_in("lin")
        assert "closed until 2026-03-02 12:15:00" in closed.content.decode()
        assert "_auth_user_id" not in closed.client.session
        clock.shift(STANDARD.closed)
        assert come_in("lin").status_code == 302


def test_a_name_that_nobody_has_is_closed_the_same_way(db: None, come_in: Any) -> None:
    """Or the sentence would tell which names exist."""
    assert "Too many tries" in wrong(come_in, "nobody", STANDARD.tries + 1)[-1]


def test_other_names_come_in_from_another_place(lin: Person, hired: Any, come_in: Any) -> None:
    hired("wang")
    wrong(come_in, "lin", STANDARD.tries)
    assert come_in("wang").status_code == 302


def test_an_address_that_tries_many_names_is_closed(lin: Person, come_in: Any) -> None:
    for number in range(STANDARD.address_tries):
        wrong(come_in, f"name{number}", 1, REMOTE_ADDR="10.9.9.9")
    assert "Too many tries" in come_in("lin", REMOTE_ADDR="10.9.9.9").content.decode()
    assert come_in("lin", REMOTE_ADDR="10.9.9.8").status_code == 302


def test_the_networks_of_ipv6_count_as_one_address() -> None:
    assert throttle.of_address("2001:db8::1") == throttle.of_address("2001:db8::ffff:1")
    assert throttle.of_address("2001:db8::1") != throttle.of_address("2001:db8:0:1::1")
    assert throttle.of_name("Lin ") == throttle.of_name("lin")


def test_a_right_password_begins_the_count_anew(lin: Person, come_in: Any) -> None:
    for _ in range(3):
        wrong(come_in, "lin", STANDARD.tries - 1)
        assert come_in("lin", browser=Client()).status_code == 302


def test_tries_long_ago_do_not_count(lin: Person, come_in: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        wrong(come_in, "lin", STANDARD.tries - 1)
        clock.shift(STANDARD.window)
        assert "Too many" not in "".join(wrong(come_in, "lin", STANDARD.tries - 1))


def test_the_stricter_profile_closes_after_five(lin: Person, come_in: Any, dengbao: Any) -> None:
    with time_machine.travel(NOON, tick=False):
        assert "closed until 2026-03-02 12:30:00" in wrong(come_in, "lin", 6)[-1]


def test_the_back_office_has_no_door_of_its_own(client: Client, db: None) -> None:
    answer = client.get("/admin/login/?next=/admin/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/?next=/admin/")
    assert client.post("/admin/login/", {"username": "a", "password": "b"}).headers["Location"] == "/login/"


def test_a_closed_door_leaves_one_row_in_the_log(lin: Person, come_in: Any) -> None:
    wrong(come_in, "lin", STANDARD.tries + 8)
    kinds = list(LogIn.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [LogIn.Kind.REFUSED] * STANDARD.tries + [LogIn.Kind.HELD]


def test_nothing_of_the_name_stands_in_the_count(lin: Person, come_in: Any) -> None:
    wrong(come_in, "lin", 1, REMOTE_ADDR="10.9.9.9")
    keys = "".join(Knock.objects.values_list("key", flat=True))
    assert "lin" not in keys
    assert "10.9" not in keys


def test_what_was_counted_long_ago_goes(db: None, settings: Any) -> None:
    throttle.knock("lin", None, now=NOON)
    cleaning._last["at"] = NOON
    assert cleaning.clear(now=NOON + timedelta(minutes=59)) == 0
    assert cleaning.clear(now=NOON + timedelta(days=1)) == 0
    assert cleaning.clear(now=NOON + timedelta(days=3)) == 1


@pytest.mark.django_db(transaction=True)
def test_many_tries_at_once_do_not_slip_by() -> None:
    """Forty threads try at the same time; as many are looked at as one after the other would be."""
    threads, looked = 40, []
    begin = threading.Barrier(threads)

    def knock() -> None:
        begin.wait()
        try:
            if throttle.knock("lin", "10.9.9.9", now=NOON) is None:
                looked.append(1)
        finally:
            connection.close()

    running = [threading.Thread(target=knock) for _ in range(threads)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    wrongly = abs(len(looked) - STANDARD.tries)
    proven("P21", injections=threads, violations=wrongly, note="log-in tries at once beyond the limit")


def test_the_password_page_is_no_way_around(lin: Person, client: Client) -> None:
    client.force_login(lin)
    body = {"old_password": "wrong", "new_password1": "Kranbahn+Weiche9", "new_password2": "Kranbahn+Weiche9"}
    pages = [client.post("/account/password/", body).content.decode() for _ in range(STANDARD.tries + 1)]
    assert "Too many tries" in pages[-1]
    body["old_password"] = PASSWORD
    assert "Too many tries" in client.post("/account/password/", body).content.decode()
