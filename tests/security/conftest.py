"""A person with a real password, and the two profiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from config.security import profiles
from org.models import Company, Membership, Person
from org.roles import Role
from tests.people import SINCE

PASSWORD = "Kupfer-7-schiene"


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(code="G", name="东海电气集团", kind=Company.Kind.GROUP)


@pytest.fixture
def hired(company: Company) -> Callable[..., Person]:
    """`hired("lin", Role.BUYER)`: somebody new whose password is PASSWORD."""

    def person(name: str, *roles: str, **values: Any) -> Person:
        made = Person.objects.create_user(name, password=PASSWORD, name=name, **values)
        for role in roles:
            Membership.objects.create(person=made, role=role, company=company, starts_on=SINCE)
        return made

    return person


@pytest.fixture
def lin(hired: Callable[..., Person]) -> Person:
    return hired("lin", Role.BUYER)


@pytest.fixture
def dengbao(settings: Any) -> profiles.Profile:
    settings.SECURITY = profiles.DENGBAO2
    return profiles.DENGBAO2


@pytest.fixture
def come_in(client: Client) -> Callable[..., Any]:
    """`come_in("lin")`: the answer to a name and a password typed on the log-in page."""

    def tried(name: str, password: str = PASSWORD, *, browser: Client = client, **extra: Any) -> Any:
        return browser.post("/login/", {"username": name, "password": password}, **extra)

    return tried
