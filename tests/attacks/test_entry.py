"""Nobody comes in who should not, and who should no longer is out at the next request (P21)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from flow.models import Attachment, Document
from integration import tokens
from integration.models import Job, ServiceToken
from org.models import Membership, Person
from org.roles import Role
from tests.attacks import doors
from tests.attacks.seats import Seat, read
from tests.goods import Factory
from tests.people import PASSWORD
from tests.proofs import proven
from tests.story import Story

pytestmark = pytest.mark.django_db
ORDERS = "/api/v1/orders/order/"
# What answers without a log-in: the way in, the pulse of the house, and what is no secret.
PUBLIC = {"healthz", "login", "login-code", "logout", "set_language", "api-schema", "api-docs", "api-nothing"}
# These tell figures of the engine to machines that may ask; what they say has its own tests.
FIGURES = {"metrics"}


@dataclass(frozen=True)
class Ending:
    """A way in which somebody loses access; what is left of it: nothing, or a house without documents."""

    name: str
    happens: Callable[[Person], Any]
    shut: bool


def _stripped(person: Person) -> None:
    Membership.objects.filter(person=person).delete()


def _ended(person: Person) -> None:
    day = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(person=person).update(ends_on=day)


def _disabled(person: Person) -> None:
    person.is_active = False
    person.save()


ENDINGS = (
    Ending("disabled", _disabled, True),
    Ending(
        "disabled behind the back", lambda one: Person.objects.filter(pk=one.pk).update(is_active=False), True
    ),
    Ending("stripped of every post", _stripped, False),
    Ending("posts ended yesterday", _ended, False),
)


def ways_in(story: Story) -> Iterator[str]:
    """Addresses at which a document, its file, its events or its notices are to be had."""
    order = story.order
    yield from (f"/orders/order/{order.public_id}/", f"{ORDERS}{order.public_id}/")
    yield from (f"/orders/order/{order.public_id}/timeline/", f"/orders/order/{order.public_id}/confirm/")
    yield from (f"/files/{file.public_id}/" for file in Attachment.objects.all()[:2])
    yield from (f"/api/v1/attachments/{file.public_id}/" for file in Attachment.objects.all()[:1])


@pytest.mark.rule("ORG-01")
@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.name)
def test_who_lost_access_is_out_at_the_next_request(story: Story, ending: Ending) -> None:
    story.signed()
    tried, faults = 0, []
    number = str(story.order.number)
    for role in Role.values[ENDINGS.index(ending) :: 8]:
        person = story.factory.person(role)
        seat = Seat(person)
        paths = [path for path in ways_in(story) if seat.get(path).status == 200]
        assert paths, role
        ending.happens(person)
        for path in (
            *paths,
            "/orders/order/",
            f"/palette/?q={number}",
            f"{ORDERS}?q={number}",
            "/api/v1/events/",
        ):
            tried += 1
            got = read(seat.client.get(path)) if not path.startswith("/api/") else seat.get(path)
            shut = got.status in (302, 401) if ending.shut else got.status in (302, 404, 200)
            if not shut or number in got.text.replace(f"q={number}", "").replace(f'"{number}"', ""):
                faults.append(f"{role} {ending.name}: {path} {got.status}")
            if not ending.shut and path in paths and got.status == 200:
                faults.append(f"{role} {ending.name}: {path} is still open")
    proven("P21", injections=tried, violations=len(faults), note="; ".join(faults[:5]) or ending.name)


def test_a_file_of_an_export_is_lost_with_the_post_that_made_it(story: Story) -> None:
    """What somebody could read once lies in a file of his job; without the post it opens no more."""
    story.quoted()
    person = story.factory.person("sales_clerk")
    seat = Seat(person)
    seat.post("/export/", {"label": "orders.quotation", "format": "csv", "columns": "number,amount"})
    job = Job.objects.get(person=person)
    page, machine = f"/jobs/{job.public_id}/result/", f"/api/v1/jobs/{job.public_id}/result/"
    assert seat.get(page).status == seat.get(machine).status == 200
    Membership.objects.filter(person=person).update(role="guard")
    again = Seat(person)
    answers = [again.get(page), again.get(machine)]
    closed = sum(answer.status != 404 for answer in answers)
    proven("P21", injections=2, violations=closed, note="the file of an export after the post was lost")


def test_nothing_but_the_door_is_open_to_nobody(story: Story) -> None:
    """Every address of the house, registered today or tomorrow, asks who is there."""
    story.signed()
    order, file = story.order, Attachment.objects.first()
    said: dict[str, Any] = {
        "app": "orders", "slug": "order", "identity": order.public_id, "id": order.public_id, "pk": 1,
        "code": "x", "public_id": file.public_id, "size": "small", "number": 1, "name": "x",
        "verb": "confirm", "part": "form", "form": "order",
    }  # fmt: skip
    client, tried, open_doors = Client(raise_request_exception=False), 0, []
    for address in doors.addresses():
        if address.name in PUBLIC | FIGURES:
            continue
        if address.name == "api-attachment":
            said["id"] = file.public_id
        path = reverse(address.name, kwargs={part: said[part] for part in address.parts})
        for method in ("get", "post"):
            tried += 1
            answer = read(getattr(client, method)(path))
            inward = answer.headers.get("location", "").startswith(("/login/", "/account/password/"))
            if not (answer.status in (401, 403, 404, 405) or inward) or str(order.number) in answer.text:
                open_doors.append(f"{method} {path}: {answer.status}")
    proven(
        "P12", injections=tried, violations=len(open_doors), note="; ".join(open_doors[:9]) or "nobody at all"
    )
    assert tried > 400


# ---- tokens ----


@pytest.mark.parametrize("spoilt", ["", "none", "x" * 5000, "oc_", "\xff", "a b", "oc_%00", "null", "oc_é"])
def test_a_token_that_is_none_opens_nothing(story: Story, spoilt: str) -> None:
    for header in (f"Token {spoilt}", f"token  {spoilt}", f"Bearer {spoilt}", spoilt):
        answer = Client().get(ORDERS, headers={"Authorization": header.encode("utf-8").decode("latin-1")})
        assert answer.status_code == 401, header
        assert "Token" in answer["WWW-Authenticate"]


def test_a_token_counts_in_its_header_alone(factory: Factory) -> None:
    """Never in the address, a form or a cookie, where logs and other sites could read it."""
    secret = tokens.issue(factory.person("gm"))[1]
    client = Client()
    client.cookies["Authorization"] = client.cookies["token"] = secret
    for path in (
        f"{ORDERS}?token={secret}",
        f"{ORDERS}?Authorization=Token+{secret}",
        f"{ORDERS}?api_key={secret}",
    ):
        assert client.get(path).status_code == 401
        assert client.post(path, {"token": secret}).status_code == 401
    assert Client().get("/orders/order/", headers={"Authorization": f"Token {secret}"}).status_code == 302


def test_a_revoked_token_and_a_part_of_one_open_nothing(factory: Factory) -> None:
    token, secret = tokens.issue(factory.person("gm"))
    assert Client().get(ORDERS, headers={"Authorization": f"Token {secret}"}).status_code == 200
    for part in (secret[:-1], secret[:8], token.digest, secret.upper(), f"{secret} ", f"{secret}x"):
        if part.strip() != secret:
            assert Client().get(ORDERS, headers={"Authorization": f"Token {part}"}).status_code == 401
    ServiceToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    assert Client().get(ORDERS, headers={"Authorization": f"Token {secret}"}).status_code == 401
    assert secret not in str(list(ServiceToken.objects.values()))


def test_a_session_writes_to_the_api_only_with_its_csrf_token(story: Story) -> None:
    story.received()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(story.factory.person("sales_clerk"))
    path = f"{ORDERS}{story.order.public_id}/comments/"
    assert browser.post(path, {"text": "x"}, content_type="application/json").status_code == 403
    assert browser.get(ORDERS).status_code == 200


# ---- sessions ----


def test_a_session_begins_anew_at_the_log_in(factory: Factory) -> None:
    """Who planted a session in another's browser does not share what is opened in it."""
    client = Client()
    client.get("/login/")
    session = client.session
    session["planted"] = "1"
    session.save()
    before = str(session.session_key)
    client.cookies["sessionid"] = before
    answer = client.post("/login/", {"username": "gm", "password": PASSWORD})
    assert answer.status_code == 302
    assert client.session.session_key != before
    stale = Client()
    stale.cookies["sessionid"] = before
    assert stale.get("/").status_code == 302


def test_the_cookie_of_a_session_is_nobodys_but_the_browsers(factory: Factory) -> None:
    client = Client()
    client.post("/login/", {"username": "gm", "password": PASSWORD})
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert len(cookie.value) >= 32
    client.post("/logout/")
    stale = Client()
    stale.cookies["sessionid"] = cookie.value
    assert stale.get("/").status_code == 302


def test_another_password_ends_the_sessions(factory: Factory) -> None:
    person = factory.person("gm")
    here, there = Seat(person), Seat(person)
    assert here.get("/").status == there.get("/").status == 200
    person.set_password("another-switchgear-2026")
    person.save()
    assert here.client.get("/").status_code == there.client.get("/").status_code == 302


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_log_in_leads_nowhere_else(factory: Factory, away: str) -> None:
    answer = Client().post("/login/", {"username": "gm", "password": PASSWORD, "next": away})
    assert answer.headers["Location"] == "/"
    asked = Client().get("/login/", {"next": away}).content.decode()
    assert not re.search(r'(?:href|action)="[^"]*evil\.example', asked.replace("next=", ""))


def test_tries_at_the_door_are_counted(factory: Factory) -> None:
    """Wrong passwords close a name for a while, wherever they come from, to the right one too."""
    client = Client(raise_request_exception=False)
    for number in range(12):
        answer = client.post(
            "/login/", {"username": "gm", "password": f"wrong-{number}"}, REMOTE_ADDR=f"198.51.100.{number}"
        )
        assert answer.status_code in (200, 429)
    right = client.post("/login/", {"username": "gm", "password": PASSWORD}, REMOTE_ADDR="198.51.100.99")
    assert right.status_code != 302
    other = client.post("/login/", {"username": "buyer", "password": PASSWORD}, REMOTE_ADDR="198.51.100.99")
    assert other.status_code == 302


def test_one_address_does_not_try_everybody(factory: Factory) -> None:
    client = Client(raise_request_exception=False)
    for number in range(80):
        client.post("/login/", {"username": f"nobody{number}", "password": "x"}, REMOTE_ADDR="198.51.100.7")
    right = client.post("/login/", {"username": "gm", "password": PASSWORD}, REMOTE_ADDR="198.51.100.7")
    assert right.status_code != 302


@pytest.mark.parametrize(
    "name", ["", "\x00", "x" * 100_000, "gm\x00", "'; drop table org_person --", "gm​", "ＧＭ", "🦊"]
)
def test_no_name_brings_the_door_down(factory: Factory, name: str) -> None:
    answer = Client(raise_request_exception=False).post("/login/", {"username": name, "password": PASSWORD})
    assert answer.status_code == 200


def test_the_door_does_not_tell_who_has_an_account(factory: Factory) -> None:
    def words(name: str) -> str:
        page = Client().post("/login/", {"username": name, "password": "wrong"}).content.decode()
        return re.sub(r'value="[^"]*"|nonce="[^"]*"', "", page)

    assert words("gm") == words("nobody-of-this-name")
    _disabled(factory.person("gm"))
    assert words("gm") == words("nobody-of-this-name")


def test_documents_are_registered() -> None:
    assert len(Document.registry) > 15
