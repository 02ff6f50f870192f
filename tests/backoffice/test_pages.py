"""All pages of the admin: each opens for administrators, in one language, and for nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings as house
from django.contrib import admin
from django.core.management import call_command
from django.test import Client
from django.utils import translation

from deadlines.models import RuleSetting
from org.models import Department, Membership, Person
from tests.html.test_language import CHINESE, ENGLISH, NAMES, SPOKEN, data
from tests.people import NINE
from tests.story import Story

OURS = (
    "/admin/",
    "/admin/organisation/",
    "/admin/year/",
    "/admin/year/?company=KG&year=2026",
    "/admin/changes/",
)
EMPTY = {"br", "hr", "img", "input", "link", "meta", "source", "col", "wbr", "path", "use"}


class Read(HTMLParser):
    """What is read on a page of the admin; the theme's symbols are drawn from words that nobody reads."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        symbol = "material-symbols-outlined" in (named.get("class") or "")
        if tag not in EMPTY:
            self.open.append(symbol or tag in ("script", "style", "kbd", "pre"))
        self.texts += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.open):
            self.texts.append(data)


@pytest.fixture
def told(story: Story, settings: Any, administrator: Person) -> Story:
    """A house with rows of most kinds, told in its own language."""
    call_command("compile_catalogue")
    settings.LANGUAGE_CODE = "zh-hans"
    with translation.override("zh-hans"):
        story.arrived()
        RuleSetting.objects.create(rule_id="instruction_4h", set_by=administrator, set_at=NINE, amount=6)
    return story


def pages() -> Iterator[str]:
    """The pages of our own; of each model the list, the empty form, a row with its history."""
    yield from OURS
    for model in admin.site._registry:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        yield from (base, f"{base}?q=x", f"{base}add/")
        first = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
        if first is not None:
            yield from (f"{base}{first}/change/", f"{base}{first}/history/")


def words(client: Client, language: str, pattern: re.Pattern[str]) -> dict[str, str]:
    client.cookies[house.LANGUAGE_COOKIE_NAME] = language
    found: dict[str, str] = {}
    for path in pages():
        answer = client.get(path, follow=True)
        assert answer.status_code in (200, 403 if path.endswith("/add/") else 200), path
        page = Read()
        page.feed(answer.content.decode())
        found |= {word: f"{path} {text.strip()}" for text in page.texts for word in pattern.findall(text)}
    return found


@pytest.mark.crawl
def test_chinese_pages_speak_no_english(desk: Client, told: Story) -> None:
    read = words(desk, "zh-hans", ENGLISH)
    known = data("org", "catalog", "integration") + " ".join(f"{path}" for path in pages())
    spoken = {word for word in read if re.fullmatch("[A-Za-z]?[a-z]{2,}", word)} - NAMES - {"Webhook", "JSON"}
    assert {word: read[word] for word in sorted(spoken) if word not in known} == {}


@pytest.mark.crawl
def test_english_pages_speak_no_chinese(desk: Client, told: Story) -> None:
    read = words(desk, "en", CHINESE)
    from django.apps import apps

    known = data(*(config.label for config in apps.get_app_configs())) + "中文元旦简体"
    assert {word: read[word] for word in sorted(read) if word not in known and word not in NAMES} == {}


@pytest.mark.parametrize("path", OURS[1:])
def test_our_pages_are_closed_to_others(story: Story, path: str) -> None:
    clerk = story.factory.person("gm")
    Person.objects.filter(pk=clerk.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(Person.objects.get(pk=clerk.pk))
    assert client.get(path).status_code == 403
    assert Client().get(path).status_code == 302


def test_a_flag_opens_no_table(story: Story) -> None:
    person = story.factory.person("gm")
    Person.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(Person.objects.get(pk=person.pk))
    opened = [
        model._meta.label
        for model in admin.site._registry
        if client.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/").status_code != 403
    ]
    assert opened == []


def test_the_organisation_shows_leaders_posts_and_gaps(desk: Client, story: Story, at: Any) -> None:
    buyer = story.factory.person("buyer")
    Membership.objects.filter(person=buyer).update(ends_on=at.date())
    Department.objects.filter(company=story.factory.kg, code="QC").update(leader=None)
    page = desk.get("/admin/organisation/").content.decode()
    assert "采购部" in page
    assert "Purchasing leader（KG）" in page
    assert f"/admin/org/person/{buyer.pk}/change/" in page
    assert "Buyer（KG）" not in page
    assert "no leader" in page


@pytest.mark.parametrize("people", [1, 30])
def test_the_organisation_costs_the_same_for_any_number(
    story: Story, people: int, django_assert_num_queries: Any, at: Any
) -> None:
    from config.backoffice import organisation

    for n in range(people):
        story.factory.appoint("buyer", username=f"more-{n}")
    with django_assert_num_queries(4):
        organisation.built(at.date())


@pytest.mark.rule("SYS-05")
def test_the_year_shows_what_counts_in_the_company(desk: Client, story: Story) -> None:
    line = "2026-03-03 放假 厂庆" if translation.get_language() == "zh-hans" else "2026-03-03 holiday 厂庆"
    data = {"company": story.factory.kg.pk, "note": "厂休", "days": line, "known": ""}
    assert desk.post("/admin/org/calendarversion/add/", data).status_code == 302
    assert "厂庆" in desk.get("/admin/year/?company=KG&year=2026").content.decode()
    group = desk.get("/admin/year/?year=2026").content.decode()
    assert "厂庆" not in group
    assert "国庆节" in group
    assert "not entered yet" in desk.get("/admin/year/?year=2040").content.decode()
    assert desk.get("/admin/year/?year=abc&company=nobody").status_code == 200


def test_a_calendar_is_typed_in_chinese_too(desk: Client, story: Story) -> None:
    call_command("compile_catalogue")
    desk.cookies[house.LANGUAGE_COOKIE_NAME] = "zh-hans"
    data = {"company": story.factory.kg.pk, "note": "厂休", "days": "2026-03-03 放假 厂庆", "known": ""}
    assert desk.post("/admin/org/calendarversion/add/", data).status_code == 302
