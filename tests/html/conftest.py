"""Somebody who has logged in, by role."""

from collections.abc import Callable

import pytest
from django.test import Client

from org.models import Person
from tests.goods import Factory


@pytest.fixture
def at_desk(factory: Factory) -> Callable[..., Client]:
    """`at_desk("sales_clerk")`: the browser of the holder of that role; a person is taken as is."""

    def seated(who: str | Person) -> Client:
        client = Client()
        client.force_login(factory.person(who) if isinstance(who, str) else who)
        return client

    return seated
