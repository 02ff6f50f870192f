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

from flow import html
from flow.actions import actions_of, creation_of
from integration.models import Notice
from tests.story import Story

ROLES = ("sales_clerk", "prod_mgr", "buyer", "storekeeper", "gm")
CHINESE = re.compile("[\u4e00-\u9fff]+")
ENGLISH = re.compile(r"[A-Za-z][\w'.-]*")
SPOKEN = ("title", "placeholder", "aria-label", "alt", "data-title")
# Names, keys and kinds of files; the other language's own name on the switch.
NAMES = {"Excel", "Ctrl", "English", "中文"}


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


def words_read(client_of: Any, language: str, pattern: re.Pattern[str]) -> dict[str, str]:
    """Every word of the pattern that people of some roles read, with a page where it stands."""
    found: dict[str, str] = {}
    for role in ROLES:
        client: Client = client_of(role)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        for path in paths_of(role):
            page = Spoken()
            page.feed(client.get(path).content.decode())
            found |= {word: f"{role} {path}" for text in page.texts for word in pattern.findall(text)}
    return found


def paths_of(role: str) -> Iterator[str]:
    """Home, notices, search, refusals; of each kind the list, the empty form, a document and its steps."""
    yield from ("/", "/notices/", "/find/?q=KG", "/nowhere/")
    for screen in html.screens():
        model = screen.model
        yield html.list_href(model)
        creation = creation_of(model)
        if creation and role in creation.may:
            yield f"{html.list_href(model)}new/"
        for document in model._default_manager.order_by("pk")[:1]:
            yield html.href(document)
            steps = [action for action in actions_of(model) if role in action.may and not action.creates]
            yield from (f"{html.href(document)}{action.name}/" for action in steps)


def data(*labels: str) -> str:
    """Everything written in the tables of these apps."""
    found: list[str] = []
    for model in (model for label in labels for model in apps.get_app_config(label).get_models()):
        names = [
            f.name for f in model._meta.concrete_fields if isinstance(f, models.CharField | models.TextField)
        ]
        found += [str(text) for row in model._default_manager.values_list(*names) for text in row if names]
    return "\n".join(found)


def test_chinese_pages_speak_no_english(at_desk: Any, told: Story) -> None:
    read = words_read(at_desk, "zh-hans", ENGLISH)
    known = data("org", "catalog")
    # Codes are written in capitals or carry figures.
    spoken = {word for word in read if re.fullmatch("[A-Za-z]?[a-z]{2,}", word)} - NAMES
    assert {word: read[word] for word in sorted(spoken) if word not in known} == {}


def test_english_pages_speak_no_chinese(at_desk: Any, told: Story) -> None:
    read = words_read(at_desk, "en", CHINESE)
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
