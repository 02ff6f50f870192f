"""How long a session lasts, and what ends it: P21."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as house
from django.test import Client

from config.security import profiles
from org.models import LogIn, Membership, PasswordSet, Person
from org.roles import Role
from tests.proofs import proven
from tests.security.conftest import PASSWORD

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
STANDARD = profiles.STANDARD
HTML = {"HTTP_ACCEPT": "text/html"}


def is_in(client: Client) -> bool:
    """Whether the next request is still that of somebody logged in."""
    return client.get("/account/factor/", **HTML).status_code == 200


def test_a_session_in_use_lasts_its_hours_and_no_longer(lin: Person, client: Client, come_in: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        come_in("lin")
        spent = timedelta()
        while spent + timedelta(hours=1) < STANDARD.session:
            clock.shift(timedelta(hours=1))
            spent += timedelta(hours=1)
            assert is_in(client)
        clock.shift(timedelta(hours=1))
        answer = client.get("/account/factor/", **HTML)
        assert answer.headers["Location"].startswith("/login/")
        assert "lasts 12 hours at most" in client.get("/login/").content.decode()


def test_a_session_that_idles_is_over_with_a_sentence(lin: Person, client: Client, come_in: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        come_in("lin")
        clock.shift(STANDARD.idle - timedelta(seconds=1))
        assert is_in(client)
        clock.shift(STANDARD.idle)
        assert not is_in(client)
        assert "nothing was done for 120 minutes" in client.get("/login/").content.decode()
        assert LogIn.objects.filter(kind=LogIn.Kind.OUT, person=lin).count() == 1


def test_what_open_pages_ask_by_themselves_keeps_nobody_in(lin: Person, client: Client, come_in: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        come_in("lin")
        for _ in range(13):
            clock.shift(STANDARD.idle / 12)
            client.get("/counts/")
        assert not is_in(client)


def test_reading_pages_writes_the_session_once_a_minute(
    lin: Person, client: Client, come_in: Any, django_assert_num_queries: Any
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        come_in("lin")
        client.get("/healthz")
        with django_assert_num_queries(2):  # session, person
            client.post("/i18n/setlang/", {"language": "en"})
        clock.shift(timedelta(minutes=1))
        with django_assert_num_queries(5):  # and the session noted, in a savepoint
            client.post("/i18n/setlang/", {"language": "en"})


def test_the_api_says_401_or_403_and_no_page(lin: Person, client: Client, come_in: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        come_in("lin")
        assert client.get("/api/v1/").status_code != 403
        clock.shift(STANDARD.idle)
        assert client.get("/api/v1/orders/order/").status_code in (401, 403)


@pytest.mark.parametrize("profile", profiles.PROFILES.values(), ids=str)
def test_the_cookie_is_for_the_server_alone(
    profile: Any, settings: Any, lin: Person, client: Client, come_in: Any
) -> None:
    come_in("lin")
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert house.SESSION_ENGINE == "django.contrib.sessions.backends.db"


def test_every_change_ends_the_sessions_for_good(hired: Any, company: Any) -> None:
    """A new post, an ended post, a post taken away, a closed account, a password set by another."""

    def new_post(person: Person) -> None:
        Membership.objects.create(person=person, role=Role.GM, company=company, starts_on="2026-01-01")

    def ended_post(person: Person) -> None:
        post = person.memberships.get()
        post.ends_on = "2026-02-01"
        post.save()

    def taken_post(person: Person) -> None:
        person.memberships.get().delete()

    def closed(person: Person) -> None:
        person.is_active = False
        person.save()
        person.is_active = True
        person.save()

    def password(person: Person) -> None:
        person.set_password("Kranbahn+Weiche9")
        person.save()

    changes = (new_post, ended_post, taken_post, closed, password)
    alive = 0
    for number, change in enumerate(changes):
        person, client = hired(f"person{number}", Role.BUYER), Client()
        assert client.login(username=person.username, password=PASSWORD)
        assert is_in(client)
        change(Person.objects.get(pk=person.pk))
        alive += is_in(client)
        # And once it is over it stays over.
        alive += is_in(client)
    proven(
        "P21", injections=len(changes), violations=alive, note="sessions after a change of posts or account"
    )


def test_changing_ones_own_password_ends_the_other_sessions_only(lin: Person) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        client.login(username="lin", password=PASSWORD)
    new = "Kranbahn+Weiche9"
    body = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post("/account/password/", body).headers["Location"] == "/"
    assert is_in(here)
    assert not is_in(there)


def test_the_stricter_profile_has_one_session_a_person(lin: Person, come_in: Any, dengbao: Any) -> None:
    PasswordSet.objects.create(person=lin, password=lin.password, own=True)
    here, there = Client(), Client()
    come_in("lin", browser=here)
    assert is_in(here)
    come_in("lin", browser=there)
    assert is_in(there)
    assert not is_in(here)
    assert "logged in elsewhere" in here.get("/login/").content.decode()


def test_the_stricter_profile_tells_of_the_last_log_in(lin: Person, come_in: Any, dengbao: Any) -> None:
    PasswordSet.objects.create(person=lin, password=lin.password, own=True)

    def told() -> str:
        client = Client()
        come_in("lin", browser=client, REMOTE_ADDR="10.1.2.3")
        return client.get("/", follow=True).content.decode()

    assert "your first log-in" in told()
    come_in("lin", "wrong", browser=Client())
    page = told()
    assert "from 10.1.2.3" in page
    assert "refused tries since: 1." in page


def test_a_profile_may_be_made_shorter_and_the_strict_one_no_longer() -> None:
    assert profiles.profile("standard", idle_minutes=600).idle == timedelta(hours=10)
    assert profiles.profile("dengbao2", idle_minutes=600).idle == profiles.DENGBAO2.idle
    assert profiles.profile("dengbao2", idle_minutes=5, session_hours=4).session == timedelta(hours=4)
    with pytest.raises(KeyError):
        profiles.profile("dengbao3")
