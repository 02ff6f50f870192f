"""The pages speak one language at a time: Chinese first, English second; names and codes stay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.utils import translation

from integration.models import Notice
from org.roles import Role
from tests.html import crawl
from tests.story import Story

# Every role reads every page in the long run; in the quick one they share out what is many.
SHARES = [pytest.param(1, marks=pytest.mark.soak, id="all"), pytest.param(9, id="shared")]
CHINESE = re.compile("[\u4e00-\u9fff]+")
ENGLISH = re.compile(r"[A-Za-z][\w'.-]*")
SPOKEN = ("title", "placeholder", "aria-label", "alt", "data-title")
# In suggestions for programs: what is not shown.
UNSPOKEN = {"href", "icon", "kind", "value", "key"}
# Names, keys and kinds of files; the other language's own name on the switch.
NAMES = {"Excel", "xlsx", "xls", "csv", "Ctrl", "English", "中文"}


class Spoken(HTMLParser):
    """Everything a person may read on a page: its text, and the attributes that are shown or read out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in ("script", "style", "kbd")
        self.texts += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style", "kbd")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.texts.append(data)


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    call_command("compile_catalogue")


@pytest.fixture
def told(story: Story, settings: Any) -> Story:
    """An order with documents of most kinds, told in the language of the house."""
    settings.LANGUAGE_CODE = "zh-hans"
    with translation.override("zh-hans"):
        story.arrived()
    return story


def spoken(answer: Any) -> list[str]:
    """What a person reads of an answer, page or suggestions."""
    if answer.headers["Content-Type"].startswith("text/html"):
        page = Spoken()
        page.feed(answer.content.decode())
        return page.texts
    return list(_texts(answer.json()))


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        yield from (text for key, value in found.items() if key not in UNSPOKEN for text in _texts(value))
    elif isinstance(found, list):
        yield from (text for value in found for text in _texts(value))
    elif isinstance(found, str):
        yield found


def words_read(
    client_of: Any, story: Story, language: str, pattern: re.Pattern[str], share: int
) -> dict[str, str]:
    """Every word of the pattern that people read, with a page where it stands; every role reads.

    Of the pages that are many, each role reads one in `share`, and all roles together read all.
    """
    found: dict[str, str] = {}
    for turn, role in enumerate(Role.values):
        client: Client = client_of(role)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        for path in crawl.paths(story.factory.person(role), turn, share):
            answer = client.get(path, follow=True)
            assert answer.status_code < 500, f"{role} {path}"
            found |= {word: f"{role} {path}" for text in spoken(answer) for word in pattern.findall(text)}
    return found


def data(*labels: str) -> str:
    """Everything written in the tables of these apps."""
    found: list[str] = []
    for model in (model for label in labels for model in apps.get_app_config(label).get_models()):
        names = [
            f.name for f in model._meta.concrete_fields if isinstance(f, models.CharField | models.TextField)
        ]
        found += [str(text) for row in model._default_manager.values_list(*names) for text in row if names]
    return "\n".join(found)


def test_every_address_is_walked_through() -> None:
    """Who adds a page says in tests/html/crawl.py how people come to it."""
    assert crawl.addresses() == set(crawl.PAGES) | crawl.SILENT


@pytest.mark.crawl
@pytest.mark.parametrize("share", SHARES)
def test_chinese_pages_speak_no_english(at_desk: Any, told: Story, share: int) -> None:
    read = words_read(at_desk, told, "zh-hans", ENGLISH, share)
    known = data("org", "catalog")
    # Codes are written in capitals or carry figures.
    words = {word for word in read if re.fullmatch("[A-Za-z]?[a-z]{2,}", word)} - NAMES
    assert {word: read[word] for word in sorted(words) if word not in known} == {}


@pytest.mark.crawl
@pytest.mark.parametrize("share", SHARES)
def test_english_pages_speak_no_chinese(at_desk: Any, told: Story, share: int) -> None:
    read = words_read(at_desk, told, "en", CHINESE, share)
    known = data(*(config.label for config in apps.get_app_configs()))
    assert {word: read[word] for word in sorted(read) if word not in known and word not in NAMES} == {}


def test_colleagues_are_told_in_the_language_of_the_house(at_desk: Any, story: Story, settings: Any) -> None:
    settings.LANGUAGE_CODE = "zh-hans"
    story.confirmed()
    client: Client = at_desk("sales_clerk")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.post(f"/{story.order.path}/submit_review/", {"version": story.order.version})
    told = [notice.title for notice in Notice.objects.filter(case=story.order.case)]
    assert told
    assert all(CHINESE.search(title) for title in told), told
