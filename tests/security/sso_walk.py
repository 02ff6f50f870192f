"""Walks through the company's log-in in a process of its own: allauth is loaded only where it is configured.

Run by `test_sso.py`, with the provider's address in the environment and the tables of the house in its file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django

from tests.security.provider import Provider

Walk = Callable[["House"], None]
WALKS: list[Walk] = []
LOGIN = "/sso/oidc/company/login/"


def walk(function: Walk) -> Walk:
    """Walk this too."""
    WALKS.append(function)
    return function


class House:
    """The house, seen from a browser, and its provider."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.number = 0

    def person(self, name: str, **values: Any) -> Any:
        """Somebody new."""
        from org.models import Person

        return Person.objects.create_user(name, password="Kranbahn+Weiche9", **values)

    def begin(self, query: str = "", client: Any = None) -> tuple[Any, str]:
        """The browser on its way to the provider, and the state it carries."""
        from django.test import Client

        client = client or Client()
        sent = client.get(LOGIN + query)
        assert sent.status_code == 302, sent.content
        away = urlsplit(sent.headers["Location"])
        assert f"{away.scheme}://{away.netloc}" == self.provider.url
        asked = parse_qs(away.query)
        assert asked["code_challenge_method"] == ["S256"]
        return client, asked["state"][0]

    def come(self, query: str = "", client: Any = None, **claims: Any) -> tuple[Any, str]:
        """Come back from the provider as somebody with these claims: the browser, and where it is sent."""
        client, state = self.begin(query, client)
        self.number += 1
        code = f"code{self.number}"
        self.provider.claims[code] = {"sub": code, **claims}
        answer = client.get(f"{LOGIN}callback/", {"code": code, "state": state})
        assert answer.status_code == 302, answer.content
        return client, answer.headers["Location"]

    def who(self, client: Any) -> str:
        """Whose session the browser has."""
        from org.models import Person

        pk = client.session.get("_auth_user_id")
        return Person.objects.get(pk=pk).username if pk else ""


@walk
def by_name_and_from_then_on_by_account(house: House) -> None:
    from org.models import LogIn

    person = house.person("lin")
    client, onward = house.come("?next=/orders/order/", sub="1", preferred_username="lin")
    assert (onward, house.who(client)) == ("/orders/order/", "lin")
    assert list(LogIn.objects.filter(person=person).values_list("kind", flat=True)) == [LogIn.Kind.SSO]
    assert "code_verifier" in house.provider.asked[-1]
    # The account is known now, and opens nothing of a person who has the name it carries later.
    house.person("wang")
    assert house.who(house.come(sub="1", preferred_username="wang")[0]) == "lin"


@walk
def by_address_unless_it_is_not_verified_or_two_have_it(house: House) -> None:
    house.person("zhou", email="zhou@example.com")
    assert house.who(house.come(email="Zhou@Example.com")[0]) == "zhou"
    house.person("sun", email="sun@example.com")
    assert house.who(house.come(email="sun@example.com", email_verified=False)[0]) == ""
    house.person("sun2", email="sun@example.com")
    assert house.who(house.come(email="sun@example.com")[0]) == ""


@walk
def nobody_is_made_and_nobody_closed_comes_in(house: House) -> None:
    from org.models import Person

    closed = house.person("closed")
    known, _onward = house.come(sub="closed", preferred_username="closed")
    assert house.who(known) == "closed"
    closed.is_active = False
    closed.save()
    before = Person.objects.count()
    for claims in ({}, {"preferred_username": "nobody"}, {"preferred_username": "closed"}, {"sub": "closed"}):
        client, onward = house.come(**claims)
        assert (onward, house.who(client)) == ("/login/", "")
    assert "Nobody here has this account" in client.get("/login/").content.decode()
    assert Person.objects.count() == before


@walk
def a_wrong_state_or_a_failing_provider_says_so(house: House) -> None:
    from django.test import Client

    house.person("qian")
    client, state = house.begin()
    house.provider.claims["q"] = {"sub": "q", "preferred_username": "qian"}
    denied = {"error": "access_denied", "state": state}
    for query in ({"code": "q", "state": "x" + state}, {"code": "q"}, denied):
        answer = client.get(f"{LOGIN}callback/", query)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/login/")
    assert "did not let you through" in client.get("/login/").content.decode()
    client, state = house.begin()
    house.provider.failing = True
    answer = client.get(f"{LOGIN}callback/", {"code": "q", "state": state})
    for late in (Client().get(LOGIN), answer):
        assert (late.status_code, late.headers["Location"]) == (302, "/login/")
    house.provider.failing = False
    assert house.come(sub=[], preferred_username={"a": 1})[1] == "/login/"
    assert (answer.headers["Location"], house.who(client)) == ("/login/", "")
    # A state is good for one answer, in the browser that asked.
    client, state = house.begin()
    other, _state = house.begin()
    assert other.get(f"{LOGIN}callback/", {"code": "q", "state": state}).headers["Location"] == "/login/"
    assert house.who(other) == ""


@walk
def the_second_factor_is_asked_unless_the_company_asks_itself(house: House) -> None:
    from django.test import override_settings
    from django.utils import timezone

    from org.models import SecondFactor

    SecondFactor.objects.create(person=house.person("zheng"), sealed="x", confirmed_at=timezone.now())
    client, onward = house.come(preferred_username="zheng")
    assert (onward, house.who(client)) == ("/login/code/", "")
    with override_settings(SSO_IS_STRONG=True):
        client, onward = house.come(preferred_username="zheng")
        assert (onward, house.who(client)) == ("/", "zheng")


@walk
def the_way_leads_nowhere_else_and_the_library_has_no_other_door(house: House) -> None:
    from django.test import Client

    house.person("feng")
    for outside in ("https://evil.example", "//evil.example/x", "javascript:alert(1)"):
        assert house.come(f"?next={outside}", preferred_username="feng", sub="f")[1] == "/"
    for path in ("/accounts/login/", "/accounts/signup/", "/sso/signup/", "/sso/", "/sso/login/cancelled/"):
        assert Client().get(path).status_code in (302, 404), path
    page = Client().get("/login/?next=/orders/order/").content.decode()
    assert f'href="{LOGIN}?next=%2Forders%2Forder%2F"' in page
    # Nobody can tie a strange account to the one they are logged in with.
    client, _onward = house.come(preferred_username="feng", sub="f")
    client, onward = house.come("?process=connect", client, sub="stranger")
    assert onward == "/login/"
    assert house.who(house.come(sub="stranger")[0]) == ""


def main() -> None:
    """Walk all of it; an assertion that fails ends the process."""
    provider = Provider()
    os.environ["OIDC_URL"] = provider.url
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    house = House(provider)
    for one in WALKS:
        one(house)
        sys.stdout.write(f"walked {one.__name__}\n")


if __name__ == "__main__":
    main()
