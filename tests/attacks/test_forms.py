"""Rubbish in any field of any form, on the right document by the right person, is refused in words (P13).

Each verb is tried in the state in which it can be done, with an input that fits but for a few fields; so the
rubbish meets not only the form but also the action behind it. What was typed stands in the answer.
"""

from __future__ import annotations

import json
import random
from html import unescape
from typing import Any

import pytest
import time_machine
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from org.models import Person
from tests.attacks.seats import Answer, Seat
from tests.attacks.test_writes import _body, _form, _where
from tests.faces import attempts
from tests.faces.attempts import Try, undone
from tests.faces.matrix import Matrix
from tests.faces.walks import WALKS
from tests.goods import Factory
from tests.proofs import proven
from tests.story import Story

pytestmark = pytest.mark.django_db
WORDS: list[str] = [
    "", " ", "0", "-1", "1e999", "NaN", "-Infinity", "9" * 40, "9" * 5000, "0." + "0" * 60 + "1", "1,5",
    "١٢", "𝟙", "²", "½", "2026-02-30", "9999-12-31", "0001-01-01", "2026-03-02T25:00", "12/31/2026",
    "true", "null", "None", "[]", "{}", "<script>alert(1)</script>", "{{ 7|add:7 }}", "%s %(x)s {0} {x}",
    "'; drop table x --", "../../etc/passwd", "=1+1", "\u202eabc", "\ufeff", "👩‍👩‍👧", "e\u0301" * 300,
    "中" * 6000, "a\r\nb", "\t", "DDKG2026-0001", "KYN28A-12", "me", "-", "%00",
    "00000000-0000-0000-0000-000000000000", "1" + "0" * 18, "9223372036854775808",
    "-9223372036854775809", "1/1", "QGKG2026-0001/",
]  # fmt: skip
# What no page sends but a program of somebody's own.
BROKEN = ["\x00", "a\x00b", "\ud800"]
VALUES: list[Any] = [
    *WORDS, *BROKEN, 0, -1, 1.5, 1e308, 10**40, True, False, None, [], {}, [1], [[]], {"a": {}}, [None],
    ["x"] * 50, {"name": "a.pdf", "content": "!"}, {"name": "\x00", "content": ""},
    {"name": "a.pdf", "content": []},
]  # fmt: skip
# Fields whose rubbish a page does not give back: there is nothing in them that could be typed.
CHOSEN = (forms.ChoiceField, forms.FileField, forms.BooleanField)


@pytest.mark.faults
@pytest.mark.usefixtures("one_database")
def test_no_rubbish_in_a_form_brings_the_house_down(
    factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    thrown(factory, monkeypatch, 1)


@pytest.mark.soak
def test_no_rubbish_of_much_brings_the_house_down(factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    thrown(factory, monkeypatch, 80)


def thrown(factory: Factory, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """So many handfuls of rubbish into every form of the walks, by page and by program."""
    rubbish = Rubbish(factory)
    rubbish.times, rubbish.dice = times, random.Random(20260302)
    with translation.override("en"), rubbish.watching(monkeypatch):
        for walk in WALKS:
            walk(Story(factory))
    note = "; ".join(rubbish.faults[:6]) or f"rubbish in the forms of {len(rubbish.seen)} verbs"
    proven("P13", injections=rubbish.tried, violations=len(rubbish.faults), note=note)
    assert len(rubbish.seen) > 120


class Rubbish(Matrix):
    """Before each verb is done, forms of it with rubbish in them."""

    times, tried = 1, 0
    dice: random.Random

    def before(self, one: Try, actor: Person) -> None:
        """As the one who may do it."""
        for _turn in range(self.times):
            for send in (self._page, self._program):
                self.tried += 1
                with undone(), time_machine.travel(one.at, tick=False):
                    # A session is older than what is sent in it.
                    send(one, Seat(actor))

    def after(self, one: Try, actor: Person) -> None:
        """Nothing more is tried."""

    def _page(self, one: Try, seat: Seat) -> None:
        sent = _form(one, attempts.fresh(one.data))
        known = {**one.action.form.base_fields, **self._cells(one, sent)}
        extra = {"version": None, "once": None, "lines-99999-item": None, "more_rows": None}
        spoilt = self._some([*known, *(extra if self.dice.randrange(4) == 0 else {})])
        for name in spoilt:
            sent[name] = self._word(known.get(name))
        answer = seat.post(_where(one), sent)
        self._judge(one, "page", {n: sent[n] for n in spoilt}, answer)
        if answer.status == 422:
            self._kept(one, known, sent, answer)

    def _cells(self, one: Try, sent: dict[str, Any]) -> dict[str, Any]:
        """The fields of the rows that were sent, by their names in the page."""
        if one.action.lines is None:
            return {}
        rows = sorted({name.split("-")[1] for name in sent if name.startswith("lines-")}) or ["0"]
        return {f"lines-{row}-{name}": f for row in rows for name, f in one.action.lines.base_fields.items()}

    def _some(self, names: list[str]) -> list[str]:
        """One to three of the names, or now and then all of them."""
        if not names:
            return []
        many = len(names) if self.dice.randrange(6) == 0 else self.dice.randint(1, 3)
        return self.dice.sample(names, min(many, len(names)))

    def _word(self, wanted: Any) -> Any:
        if isinstance(wanted, forms.FileField) and self.dice.randrange(2):
            name = self.dice.choice(["a.pdf", "x" * 300 + ".pdf", "\u202e.pdf", "a.svg", ".."])
            file = SimpleUploadedFile("a.pdf", self.dice.choice([b"%PDF-1.4", b"", b"<svg/>"]))
            file._name = name
            return file
        if self.dice.randrange(12) == 0:
            return self.dice.choice(BROKEN[:2])
        return self.dice.choice(WORDS)

    def _kept(self, one: Try, known: dict[str, Any], sent: dict[str, Any], answer: Answer) -> None:
        """What was typed into the page stands there again."""
        page = unescape(answer.text).replace("\r\n", "\n")
        for name, wanted in known.items():
            typed = sent.get(name, "")
            plain = isinstance(typed, str) and "\x00" not in typed and not isinstance(wanted, CHOSEN)
            if plain and typed.strip() and typed.replace("\r\n", "\n") not in page:
                self.faults.append(f"{one.action.verb} page lost {name}={typed[:40]!r}")

    def _program(self, one: Try, seat: Seat) -> None:
        body = _body(one)
        names = list(one.action.form.base_fields)
        spoilt = self._some([*names, *(["lines"] if one.action.lines is not None else [])])
        for name in spoilt:
            body[name] = self.dice.choice(VALUES)
        rows = body.get("lines")
        if isinstance(rows, list) and rows and isinstance(rows[0], dict) and one.action.lines is not None:
            for name in self._some(list(one.action.lines.base_fields)):
                rows[0][name] = self.dice.choice(VALUES)
        answer = seat.call("POST", f"/api/v1{_api(one)}", json.dumps(body).encode("utf-8", "surrogatepass"))
        self._judge(one, "API", {n: body[n] for n in spoilt}, answer)
        if answer.status >= 400 and not {"error", "message"} <= set(answer.json):
            self.faults.append(f"{one.action.verb}: {answer.status} without a sentence")

    def _judge(self, one: Try, face: str, spoilt: dict[str, Any], answer: Answer) -> None:
        if answer.status >= 500 or answer.status not in (200, 201, 204, 302, 400, 403, 404, 409, 412, 422):
            said = {name: str(value)[:30] for name, value in spoilt.items()}
            self.faults.append(f"{one.action.verb} {face}: {answer.status} {said}")


def _api(one: Try) -> str:
    where = _where(one)
    return where.removesuffix("new/") if one.document is None else where
