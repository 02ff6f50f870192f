"""An administrator at a browser."""

import pytest
from django.test import Client

from org.models import Person
from tests.goods import Factory


@pytest.fixture
def administrator(factory: Factory) -> Person:
    """Who holds the post in KG, with the door of the admin open."""
    person = factory.person("admin")
    person.is_staff = True
    person.save()
    return person


@pytest.fixture
def desk(administrator: Person) -> Client:
    """The browser of the administrator."""
    client = Client()
    client.force_login(administrator)
    return client
