"""The first tour: every post has one, no stop is closed to the post, it goes away and comes back."""

from __future__ import annotations

from typing import Any

import pytest

from desk import tours
from desk.models import Preference
from flow.policy import Viewer
from org.models import Membership
from org.roles import Role
from tests.people import NINE

CARD = "data-tour"


@pytest.mark.parametrize("role", Role.values)
def test_no_stop_of_a_post_is_closed_to_it(at_desk: Any, factory: Any, role: str) -> None:
    person = factory.person(role)
    person.is_staff = role == Role.ADMIN
    person.save(update_fields=["is_staff"])
    client = at_desk(role)
    stops = tours.stops_of(Viewer.of(person, NINE))
    assert 4 <= len(stops) <= 5
    page = client.get("/").content.decode()
    for stop in stops:
        assert f'href="{stop.href}"' in page
        assert client.get(stop.href).status_code == 200, stop.href


def test_every_post_has_a_place_of_its_own() -> None:
    assert set(tours.PLACES) == set(Role.values)
    assert all(tours.PLACES.values())


def test_it_is_put_away_for_good_and_brought_back(at_desk: Any, factory: Any) -> None:
    client = at_desk("buyer")
    assert CARD in client.get("/").content.decode()
    assert client.post("/tour/").headers["Location"] == "/"
    assert CARD not in client.get("/").content.decode()
    assert CARD in at_desk("storekeeper").get("/").content.decode()
    assert "Order and chase" in client.get("/tour/").content.decode()
    client.post("/tour/", {"again": "1"})
    assert CARD in client.get("/").content.decode()
    assert Preference.objects.filter(name=tours.KEPT).count() == 1


def test_who_holds_several_posts_sees_the_first_of_each(factory: Any) -> None:
    person = factory.person("buyer")
    for role in ("mat_controller", "inspector", "guard"):
        Membership.objects.create(person=person, role=role, company=factory.kg, starts_on=NINE.date())
    titles = [str(stop.title) for stop in tours.stops_of(Viewer.of(person, NINE))]
    assert len(titles) <= 5 + 1
    assert titles[0] == "Your work"
    assert "Eight hours for what came" in titles


def test_without_a_post_there_is_no_tour(at_desk: Any, factory: Any) -> None:
    Membership.objects.filter(person=factory.person("buyer")).delete()
    client = at_desk("buyer")
    assert CARD not in client.get("/").content.decode()
    assert client.get("/tour/").status_code == 200


def test_the_user_menu_leads_to_it(at_desk: Any, factory: Any) -> None:
    assert 'href="/tour/"' in at_desk("packer").get("/").content.decode()
