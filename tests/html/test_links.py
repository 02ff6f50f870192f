"""Whatever a page offers can be followed: no link of any page answers with a refusal or an error."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from orders.models import Order
from org.roles import Role
from tests.html import crawl
from tests.story import Story

LINK = re.compile(r'href="(/[^"#]*)"')
# Documents, sortings and filters, rules and items: many, and whoever sees the link sees the same page.
ONCE = re.compile(r"/\w+/\w+/[0-9a-f-]{36}/|.*\?.*|/rules/.+|/items/.+")
ELSEWHERE = ("/static/", "/admin/")
# Of the pages that are many, each role starts from one in so many; all roles together from all.
SHARE = 12


def links(client: Client, path: str) -> set[str]:
    """The links of a page."""
    page = client.get(path).content.decode()
    return {unescape(found) for found in LINK.findall(page) if not found.startswith(ELSEWHERE)}


def follow(client: Client, starts: list[str], known: set[str]) -> dict[str, int]:
    """Follow every link of these pages; those that cannot be followed, with their answer.

    Pages of documents are followed once, and what else is many: that they open for all who see the link is
    told elsewhere.
    """
    found = set().union(*(links(client, path) for path in starts))
    wrong = {}
    for path in sorted(found - known):
        # A list needs no page around its rows to show that it opens.
        answer = client.get(path, follow=True, headers={"hx-request": "true"})
        if answer.status_code != 200:
            wrong[path] = answer.status_code
        # A file is closed once it was read.
        b"".join(answer)
    known |= {path for path in found if ONCE.fullmatch(path)}
    return wrong


@pytest.mark.crawl
@pytest.mark.parametrize("half", [0, 1])
def test_every_link_of_every_role_leads_somewhere(at_desk: Any, story: Story, half: int) -> None:
    story.arrived()
    # A second order, earlier in its life, and one that nobody has looked at yet.
    Story(story.factory).accepted()
    Story(story.factory).received()
    orders = [f"/{order.path}/" for order in Order.objects.select_related("case")]
    known: set[str] = set()
    for turn, role in list(enumerate(Role.values))[half::2]:
        starts = crawl.paths(story.factory.person(role), turn, SHARE)
        assert follow(at_desk(role), [*starts, *orders], known) == {}, role
