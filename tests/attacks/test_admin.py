"""The back office is the administrators' alone and moves nothing but by the house's own actions (P12)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from flow.models import Document
from org.models import Membership, Person
from org.roles import Role
from tests.attacks.seats import Answer, read
from tests.attacks.test_forms import WORDS
from tests.faces.attempts import undone
from tests.goods import Factory
from tests.people import SINCE
from tests.proofs import proven
from tests.story import Story

pytestmark = pytest.mark.django_db
# The ways in and out, and what says nothing of the house.
WAYS = ("login/", "logout/", "jsi18n/", "password_change/")
# A frame without anything in it: what stands there is asked for by the post.
EMPTY = {"/admin/", "/admin/password_change/done/"}
ASKED = (
    "q",
    "o",
    "p",
    "e",
    "all",
    "_to_field",
    "_popup",
    "company",
    "year",
    "month",
    "day",
    "id__in",
    "ordering",
    "state",
)
PLACES = ("1", "0", "9" * 30, "9" * 5000, "-1", "x", "a%00b", "_5F", "%F0%9F%A6%8A")


def paths(place: str = "1") -> Iterator[str]:
    """Every address under /admin/, its parts filled in."""
    for found in _under(get_resolver(), ""):
        if not found.endswith(WAYS):
            yield found.replace("<PART>", place)


def _under(resolver: URLResolver, root: str) -> Iterator[str]:
    for found in resolver.url_patterns:
        path = f"{root}{_plain(str(found.pattern))}"
        if isinstance(found, URLResolver):
            yield from _under(found, path)
        elif isinstance(found, URLPattern) and path.startswith("admin/") and "^" not in path:
            yield f"/{path}"


def _plain(pattern: str) -> str:
    """A pattern with one mark for each of its parts."""
    parts = pattern.split("<")
    return parts[0] + "".join("<PART>" + part.partition(">")[2] for part in parts[1:])


@pytest.fixture
def outsiders(factory: Factory) -> dict[str, Person | None]:
    """Everybody who is not an administrator twice over: by the mark on the person and by the post."""
    people = {role: factory.person(role) for role in ("gm", "finance", "sales_clerk")}
    Person.objects.filter(pk__in=[people["gm"].pk]).update(is_staff=True, is_superuser=True)
    Person.objects.filter(pk__in=[people["finance"].pk]).update(is_staff=True)
    former = Person.objects.create(username="former", name="前任", is_staff=True)
    Membership.objects.create(
        person=former, role=Role.ADMIN, company=factory.kg, starts_on=SINCE, ends_on=SINCE
    )
    posted = factory.person(Role.ADMIN)
    Person.objects.filter(pk=posted.pk).update(is_staff=False)
    return {"nobody": None, **people, "former administrator": former, "post without the mark": posted}


@pytest.mark.faults
@pytest.mark.rule("ORG-01")
def test_the_back_office_is_closed_to_everybody_else(
    story: Story, outsiders: dict[str, Person | None]
) -> None:
    story.signed()
    tried, open_doors = 0, []
    for turn, (name, person) in enumerate(outsiders.items()):
        client = Client(raise_request_exception=False)
        if person is not None:
            client.force_login(Person.objects.get(pk=person.pk))
        for path in [*EMPTY, *list(paths())[turn::9]]:
            for method in ("get", "post"):
                tried += 1
                answer = read(getattr(client, method)(path))
                empty = (
                    path in EMPTY
                    and answer.status == 200
                    and "bo-tile" not in answer.text.replace("bo-tiles", "")
                )
                if not (_shut(answer) or empty) or str(story.order.number) in answer.text:
                    open_doors.append(f"{name} {method} {path}: {answer.status}")
    proven(
        "P12",
        injections=tried,
        violations=len(open_doors),
        note="; ".join(open_doors[:9]) or "the back office",
    )
    assert tried > 150


def _shut(answer: Answer) -> bool:
    return answer.status in (302, 403, 404, 405)


@pytest.fixture
def administrator(factory: Factory) -> Client:
    """The administrator at the back office."""
    person = factory.person(Role.ADMIN)
    Person.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
    client = Client(raise_request_exception=False)
    client.force_login(Person.objects.get(pk=person.pk))
    return client


def test_not_even_an_administrator_writes_a_document(story: Story, administrator: Client) -> None:
    """A document moves by its actions alone: no form of the back office adds, changes or deletes one."""
    story.signed()
    tried, faults = 0, []
    for model in Document.registry.values():
        root = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        document = model._default_manager.first()
        before = list(model._default_manager.values())
        place = f"{document.pk}/" if document else "1/"
        fields = {
            "state": "closed",
            "number": "X",
            "remark": "X",
            "version": "9",
            "amount": "1",
            "_save": "1",
            "post": "yes",
        }
        for path in (f"{root}add/", f"{root}{place}change/", f"{root}{place}delete/"):
            tried += 1
            answer = administrator.post(path, fields)
            if answer.status_code not in (302, 403, 404) or list(model._default_manager.values()) != before:
                faults.append(f"{path}: {answer.status_code}")
        tried += 1
        administrator.post(root, {"action": "delete_selected", "_selected_action": [1], "post": "yes"})
        if list(model._default_manager.values()) != before:
            faults.append(f"{root} deleted in bulk")
    proven(
        "P12",
        injections=tried,
        violations=len(faults),
        note="; ".join(faults[:9]) or "documents in the back office",
    )


def test_a_number_that_no_column_holds_is_refused(story: Story, administrator: Client) -> None:
    for asked in ("id__in=9223372036854775808", "company=-9223372036854775809", "id__in=" + "9" * 5000):
        for path in ("/admin/flow/event/", "/admin/production/instruction/", "/admin/org/calendarversion/"):
            for more in ("", "&e=1", "&export=csv"):
                assert administrator.get(f"{path}?{asked}{more}").status_code in (200, 302), (path, asked)


@pytest.mark.faults
@pytest.mark.usefixtures("one_database")
def test_no_rubbish_brings_the_back_office_down(story: Story, administrator: Client) -> None:
    story.signed()
    rubbish(administrator, 1, share=3)


@pytest.mark.soak
def test_no_rubbish_of_much_brings_the_back_office_down(story: Story, administrator: Client) -> None:
    story.signed()
    rubbish(administrator, 20)


def rubbish(client: Client, times: int, share: int = 1) -> None:
    """So many handfuls at every address of the back office, or at one in `share` of them."""
    dice, tried, faults = random.Random(20260302), 0, []
    for _turn in range(times):
        for path in list(paths(dice.choice(PLACES)))[dice.randrange(share) :: share]:
            asked = {name: dice.choice(WORDS)[:1500] for name in dice.sample(ASKED, 3)}
            sent = {
                name: dice.choice(WORDS)
                for name in ("action", "_selected_action", "index", *dice.sample(ASKED, 3))
            }
            for status, what in _thrown(client, path, asked, sent):
                tried += 1
                if status >= 500:
                    faults.append(f"{what[:200]}: {status}")
    proven("P13", injections=tried, violations=len(faults), note="; ".join(faults[:6]) or "the back office")


def _thrown(
    client: Client, path: str, asked: dict[str, str], sent: dict[str, Any]
) -> Iterator[tuple[int, str]]:
    where = f"{path}?{urlencode(asked, errors='replace')}"
    with undone():
        yield client.get(where).status_code, f"GET {where}"
    with undone():
        yield client.post(path, sent).status_code, f"POST {path} {sent}"
