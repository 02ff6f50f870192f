"""Chinese first: every message is translated, nothing is fuzzy, every placeholder survives."""

from __future__ import annotations

import re

import polib
import pytest

from config import catalogue

PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]+\}")


@pytest.fixture(scope="module")
def chinese() -> dict[str, polib.POEntry]:
    return {entry.msgid: entry for entry in polib.pofile(str(catalogue.FILE))}


def test_nothing_is_untranslated(chinese: dict[str, polib.POEntry]) -> None:
    missing = [m for m in catalogue.messages() if m not in chinese or not catalogue.chinese(chinese[m])]
    assert missing == []


def test_nothing_is_fuzzy_or_left_over(chinese: dict[str, polib.POEntry]) -> None:
    used = catalogue.messages()
    assert [m for m, entry in chinese.items() if entry.fuzzy or m not in used] == []


def test_one_and_many_are_one_entry(chinese: dict[str, polib.POEntry]) -> None:
    used = catalogue.messages()
    assert {m: p for m, p in used.items() if p} == {
        m: e.msgid_plural for m, e in chinese.items() if e.msgid_plural
    }


def test_placeholders_survive(chinese: dict[str, polib.POEntry]) -> None:
    wrong = [
        m
        for m, entry in chinese.items()
        if sorted(PLACEHOLDER.findall(m)) != sorted(PLACEHOLDER.findall(catalogue.chinese(entry)))
    ]
    assert wrong == []


def test_every_translation_speaks_chinese(chinese: dict[str, polib.POEntry]) -> None:
    plain = {"OK", "API", "CSV", "E-mail", "Webhook"}
    wrong = [
        m
        for m, e in chinese.items()
        if m not in plain and (text := PLACEHOLDER.sub("", catalogue.chinese(e)))
        if not re.search("[\u4e00-\u9fff]", text) and re.search("[a-z]{3}", text)
    ]
    assert wrong == []
