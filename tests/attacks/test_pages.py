"""In our pages nothing inline runs, no form is forged, no header is broken (P12, P20)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from config.csp_eased import EASED
from flow.actions import Action
from orders.models import Order
from tests.attacks import doors
from tests.attacks.seats import Seat, read
from tests.goods import Factory
from tests.html import crawl
from tests.people import PASSWORD
from tests.proofs import proven
from tests.story import Story

pytestmark = pytest.mark.django_db
# What runs without a nonce or from elsewhere, and what an attacker would write into a page.
INLINE = (
    ("script without a nonce", re.compile(r"<script(?![^>]*\b(?:src|nonce)=)[^>]*>(?!\s*</script>)", re.I)),
    ("script from elsewhere", re.compile(r'<script[^>]*src="(?:https?:)?//', re.I)),
    ("style sheet in the page", re.compile(r"<style(?![^>]*\bnonce=)", re.I)),
    ("style attribute", re.compile(r'<[a-z][^>]*\sstyle="', re.I)),
    ("handler in the markup", re.compile(r'<[a-z][^>]*\son[a-z]+="', re.I)),
    (
        "script as an address",
        re.compile(r'(?:href|src|action|formaction)="\s*(?:javascript|vbscript|data:text)', re.I),
    ),
    ("base of the page", re.compile(r"<base\b", re.I)),
)
DATA = re.compile(r'<script[^>]*type="application/json"[^>]*>')
XSS = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'-alert(1)-'",
    "javascript:alert(1)", "{{ 7|add:7 }}{% load static %}", "<svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>", "${7*7}", "</script><script>alert(1)</script>",
    "&lt;script&gt;", "\u2028alert(1)", "{0.__class__}", "%(number)s %s %d {number}",
)  # fmt: skip
FORMULAS = (
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "=cmd|' /C calc'!A0",
    "＝1+1",
    "＋1",
    "－1",
    "＠1",
    "%0A=1",
)


def policies(headers: dict[str, str]) -> dict[str, str]:
    """The policy that came with a page, by directive."""
    parts = headers.get("content-security-policy", "").split("; ")
    return dict(part.split(" ", 1) for part in parts if " " in part)


# ---- what a page may hold ----


@pytest.mark.faults
@pytest.mark.usefixtures("one_database")
def test_no_page_holds_anything_that_the_policy_forbids(story: Story) -> None:
    story.arrived()
    tried, faults = 0, []
    for turn, role in enumerate(("sales_clerk", "buyer", "gm", "storekeeper")):
        seat = Seat(story.factory.person(role))
        for path in crawl.paths(story.factory.person(role), turn * 2, 8):
            answer = seat.get(path)
            if "text/html" in answer.headers.get("content-type", ""):
                tried += 1
                faults += [f"{path}: {fault}" for fault in _faults(path, answer.headers, answer.text)]
    proven(
        "P20",
        injections=tried,
        violations=len(faults),
        note="; ".join(faults[:9]) or "pages and their policy",
    )
    assert tried > 80


def _faults(path: str, headers: dict[str, str], text: str) -> Iterator[str]:
    text = DATA.sub("", text)
    yield from (name for name, found in INLINE if found.search(text))
    policy = policies(headers)
    for name in ("default-src", "script-src", "style-src", "style-src-attr", "script-src-attr"):
        eased = path.startswith(reverse("desk:late")) and name == "style-src-attr"
        if "unsafe" in policy.get(name, "") and not eased:
            yield f"{name} {policy[name]}"
    if policy.get("object-src") != "'none'" or policy.get("base-uri") != "'none'":
        yield f"policy {policy}"
    if policy.get("frame-ancestors") != "'none'" or headers.get("x-frame-options") != "DENY":
        yield "may be framed"
    if headers.get("x-content-type-options") != "nosniff" or headers.get("referrer-policy") != "same-origin":
        yield "sniffed, or told where one came from"


def test_the_policy_gives_way_on_three_kinds_of_pages_alone() -> None:
    """A fourth one is a decision that wants a reason."""
    assert set(EASED) == {"admin:index", "api-docs", "desk:late"}
    assert not any("unsafe-inline" in str(said.get("script-src")) for said in EASED.values())


@pytest.mark.faults
@pytest.mark.usefixtures("one_database")
def test_what_somebody_typed_is_only_text(story: Story) -> None:
    """Markup, templates and formats in every text of an order show as they were typed, everywhere."""
    lines = [{"item": story.factory.cabinet, "quantity": 2, "unit_price": 1, "technical_requirement": XSS[0]}]
    tried, faults = 0, []
    for word in XSS:
        told = Story(story.factory)
        told.received(
            lines=lines, remark=f"R {word}", project_name=f"P {word}", customer_reference=f"C {word}"
        )
        seat = Seat(story.factory.person("sales_clerk"))
        page = f"/orders/order/{told.order.public_id}/"
        seat.post(f"{page}comment/", {"text": f"@gm {word}"})
        places = (
            page,
            "/orders/order/",
            f"{page}edit/",
            f"/orders/order/?q={word}",
            "/orders/order/board/",
            "/",
            *([f"{page}print/"] if word == XSS[0] else []),
        )
        for path in (
            *places,
            f"/find/?q={word}",
            f"/orders/order/?ordering={word}",
            f"/late/clocks/?shade={word}",
        ):
            answer = seat.get(path)
            tried += 1
            bare = DATA.sub("", answer.text)
            if answer.status >= 500 or any(found.search(bare) for _name, found in INLINE):
                faults.append(f"{word} at {path}: {answer.status}")
        shown = seat.get(page).text
        if "R 14" in shown or ("__class__" in word and word not in shown) or "onerror=alert(1)>" in shown:
            faults.append(f"{word} was worked out")
    proven(
        "P20", injections=tried, violations=len(faults), note="; ".join(faults[:5]) or "markup and templates"
    )


# ---- exports and headers ----


def test_no_cell_of_an_export_is_a_formula(story: Story) -> None:
    for number, word in enumerate(FORMULAS):
        told = Story(story.factory)
        told.received(remark=word, project_name=word, customer_reference=f"{word}{number}")
    seat = Seat(story.factory.person("gm"))
    columns = "customer_reference,project_name,number"
    text = seat.get(f"/orders/order/?format=csv&columns={columns}").text
    cells = [cell for line in csv.reader(io.StringIO(text.lstrip("\ufeff"), newline="")) for cell in line]
    assert len(cells) > 3 * len(FORMULAS)
    begins = tuple("=+-@\t\r＝＋－＠")
    # A signed number is no formula.
    assert [cell for cell in cells if cell.startswith(begins) and not re.fullmatch(r"[+-]\d+", cell)] == []
    book = seat.get(f"/orders/order/?format=xlsx&columns={columns}")
    assert "<f>" not in book.text


@pytest.mark.parametrize(
    "word", ["a\r\nSet-Cookie: stolen=1", "a\nX: y", "%0d%0aSet-Cookie:%20x=1", "\u560a\u560d", "a\x00b"]
)
def test_no_input_begins_a_header_of_its_own(story: Story, word: str) -> None:
    story.received()
    seat = Seat(story.factory.person("sales_clerk"))
    said = {
        "name": word,
        "query": word,
        "next": word,
        "language": word,
        "back": word,
        "view": word,
        "ids": word,
    }
    paths = [
        "/i18n/setlang/",
        "/orders/order/views/",
        "/orders/order/columns/",
        "/bulk/",
        "/export/",
        "/notices/read/",
    ]
    for path in paths:
        for answer in (
            seat.post(path, said | {"label": "orders.order", "format": "csv"}),
            seat.get(f"{path}?next={word}"),
        ):
            assert answer.status < 500, path
            assert "stolen" not in str(answer.headers.get("set-cookie", ""))
            assert not any("\n" in value or "\r" in value for value in answer.headers.values())
    form = {"once": word, "text": "x", "mention": word}
    assert seat.post(f"/orders/order/{story.order.public_id}/comment/", form).status < 500


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example", "/\\evil.example", "///evil.example"]
)
def test_nobody_is_led_to_another_house(factory: Factory, away: str) -> None:
    seat = Seat(factory.person("gm"))
    for path, said in (
        ("/i18n/setlang/", {"language": "en", "next": away}),
        ("/notices/read/", {"next": away}),
        ("/orders/order/columns/", {"column": "number", "back": away}),
        ("/orders/order/views/", {"name": "x", "query": away}),
        ("/clock/", {"next": away, "minutes": "1"}),
        ("/logout/", {"next": away}),
    ):
        answer = seat.client.post(path, said, headers={"Referer": away})
        assert not re.match(r"(https?:)?[/\\]{2}", answer.headers.get("Location", "")), path


def test_another_host_is_refused(factory: Factory) -> None:
    for host in (
        "evil.example",
        "localhost.evil.example",
        "testserver@evil.example",
        "a b",
        "[::1",
        "testserver:80:80",
    ):
        for path in ("/login/", "/api/v1/orders/order/", "/healthz"):
            answer = Client(raise_request_exception=False).get(path, headers={"Host": host})
            assert answer.status_code == 400 or path == "/healthz", (host, path)
            assert "evil.example" not in answer.headers.get("Location", "")
    told = Client().get("/login/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    assert "evil.example" not in told.content.decode()


# ---- forged requests ----


def test_no_form_is_taken_without_its_token(story: Story) -> None:
    """Every address that takes a form refuses one that another site had the browser send."""
    story.received()
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.force_login(story.factory.person("sales_clerk"))
    order, tried, taken = story.order, 0, []
    for path in _posted(order):
        tried += 1
        answer = read(browser.post(path, {"username": "gm", "password": PASSWORD}))
        if answer.status != 403:
            taken.append(f"{path}: {answer.status}")
    proven(
        "P12",
        injections=tried,
        violations=len(taken),
        note="; ".join(taken[:9]) or "forms without their token",
    )
    assert Order.objects.get(pk=order.pk).state == "received"
    assert tried > 60


def _posted(order: Order) -> Iterator[str]:
    said: dict[str, Any] = {
        "app": "orders", "slug": "order", "identity": order.public_id, "pk": 1, "code": "x",
        "size": "small", "public_id": order.public_id, "number": 1, "name": "state", "part": "form",
        "form": "order", "verb": "edit",
    }  # fmt: skip
    for address in doors.addresses():
        if not address.name.startswith("api-"):
            yield reverse(address.name, kwargs={part: said[part] for part in address.parts})
    for action in Action.registry.values():
        if action.model is Order and action.has_face and not action.creates:
            yield f"/orders/order/{order.public_id}/{action.name}/"
    yield from ("/admin/", "/admin/orders/order/")
