"""Every address takes every name that any page reads from an address or a form, with rubbish in it (P13)."""

from __future__ import annotations

import random
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from flow import prints
from flow.actions import actions_of
from flow.models import Attachment
from flow.screens import Screen
from integration.models import Job, Notice
from tests.attacks import doors
from tests.attacks.seats import Seat
from tests.attacks.test_forms import WORDS
from tests.faces.attempts import undone
from tests.proofs import proven
from tests.story import Story

pytestmark = pytest.mark.django_db
# How the house reads what was asked or sent: the names are taken from its own source.
READ = re.compile(
    r"""(?:GET|POST|asked|said|post|query_params|fields)(?:\.get|\.getlist)?[(\[]\s*["'](\w+)["']"""
)
# Parts of an address, as somebody might type them.
PARTS = [
    "x",
    "0",
    "9" * 30,
    "9" * 5000,
    "-1",
    "%00",
    "..",
    "a%0d%0ab",
    "é",
    "🦊",
    "1e9",
    "null",
    "new",
    "board",
    "\u202e",
]
WORSE = [
    *WORDS,
    "\x00",
    "a\x00b",
    "1,2,x",
    "9" * 5000 + "," + "9" * 18,
    "a=b&c=d",
    "&" * 3000,
    "=" * 3000,
    "%" * 50,
    "x" * 20_000,
]
# The long names of the way here are no part of the house.
LIMIT = 1_500


@cache
def names(address: doors.Address) -> tuple[str, ...]:
    """Every name that the module behind an address reads, and some that all pages know."""
    found = {
        "q",
        "ordering",
        "columns",
        "cursor",
        "page_size",
        "csrfmiddlewaretoken",
        "__all__",
        "lines-0-item",
        "once",
        "version",
    }
    module = sys.modules[address.module]
    return tuple(sorted(found | set(READ.findall(Path(str(module.__file__)).read_text("utf-8")))))


@pytest.mark.faults
@pytest.mark.usefixtures("one_database")
def test_no_rubbish_at_any_address_brings_the_house_down(story: Story) -> None:
    thrown(story, 2)


@pytest.mark.soak
def test_no_rubbish_of_much_at_any_address_brings_the_house_down(story: Story) -> None:
    thrown(story, 90)


def thrown(story: Story, times: int) -> None:
    """So many handfuls at every address, as somebody who may see what is there and as an administrator."""
    story.signed()
    with time_machine.travel(story.at, tick=False):
        edges = Edges(story)
        for _turn in range(times):
            for address in addresses():
                edges.attack(address)
    several = {name for address in addresses() for name in names(address)}
    note = "; ".join(edges.faults[:6]) or f"{len(several)} names at {len(addresses())} addresses"
    proven("P13", injections=edges.tried, violations=len(edges.faults), note=note)
    assert len(several) > 40
    assert edges.outside < edges.tried / 30


def addresses() -> list[doors.Address]:
    """The addresses that serve every kind of document; those of single verbs are tried with their forms."""
    return [found for found in doors.addresses() if not (found.name.startswith("api-") and "." in found.name)]


class Edges:
    """Asks and sends rubbish under the names that pages read."""

    def __init__(self, story: Story) -> None:
        self.story, self.dice = story, random.Random(20260302)
        self.tried, self.outside = 0, 0
        self.faults: list[str] = []
        Seat(story.factory.person("gm")).post("/export/", {"label": "orders.order", "format": "csv"})
        self.job, self.file = Job.objects.first(), Attachment.objects.first()
        self.notice = Notice.objects.values_list("pk", flat=True).first() or 1
        self.documents = [
            d for screen in Screen.registry.values() for d in screen.model._default_manager.all()
        ]
        people = [story.factory.person(role) for role in ("sales_clerk", "gm", "admin")]
        self.seats = [Seat(person) for person in people]

    def attack(self, address: doors.Address) -> None:
        """Once by what is asked, once by what is sent, once by the address itself."""
        seat, path = self.dice.choice(self.seats), self._path(address)
        # Who was logged out by what was sent comes in again.
        seat.client.force_login(seat.person)
        asked = urlencode(self._some(address), errors="replace")
        self._judge("GET", f"{path}?{asked}", lambda where: seat.client.get(where))
        sent = self._some(address) | ({"file": self._file()} if self.dice.randrange(4) == 0 else {})
        if address.name.startswith("api-"):
            self._judge(
                "POST", path, lambda where: seat.call("POST", where, sent if "file" not in sent else b"{")
            )
        else:
            self._judge("POST", path, lambda where: seat.client.post(where, sent), sent)
        spoilt = self._spoilt(address, path)
        self._judge("GET", spoilt, lambda where: seat.client.get(where))

    def _judge(self, method: str, path: str, send: Any, sent: Any = None) -> None:
        self.tried += 1
        with undone():
            answer = send(path)
            status = getattr(answer, "status_code", None) or answer.status
            # What is streamed fails only when it is read.
            b"".join(getattr(answer, "streaming_content", ()))
        if hasattr(answer, "headers") and str(answer.headers.get("Location", "")).startswith("/login/"):
            self.outside += 1
        if status >= 500:
            said = {name: str(value)[:20] for name, value in (sent or {}).items()}
            self.faults.append(f"{method} {path[:160]} {said}: {status}")

    def _some(self, address: doors.Address) -> dict[str, Any]:
        """A few names with rubbish; a few that say where, so that it comes further than the first check."""
        screen = self.dice.choice(list(Screen.registry.values()))
        known = {
            "label": screen.model.label(),
            "format": "csv",
            "verb": "export",
            "all": "1",
            "do": self.dice.choice(["new", "change", "drop"]),
        }
        fitting = self.dice.sample(sorted(known.items()), self.dice.randrange(4))
        there = names(address)
        rubbish = {
            name: self._word() for name in self.dice.sample(there, self.dice.randint(1, min(6, len(there))))
        }
        narrowed = {self.dice.choice(["state", "company", "created_at", "case"]): self._word()}
        return rubbish | dict(fitting) | (narrowed if self.dice.randrange(3) == 0 else {})

    def _word(self) -> str:
        return self.dice.choice(WORSE)[:LIMIT] if self.dice.randrange(3) else self.dice.choice(WORSE)

    def _file(self) -> Any:
        name = self.dice.choice(["a.xlsx", "a.csv", "a.pdf", "x"])
        return SimpleUploadedFile(
            name, self.dice.choice([b"", b"PK\x03\x04", b"code\n=1\n\xff", b"%PDF-", b"a,b\n"])
        )

    def _path(self, address: doors.Address) -> str:
        """The address with parts that are there."""
        return reverse(address.name, kwargs={part: self._parts(address)[part] for part in address.parts})

    def _parts(self, address: doors.Address) -> dict[str, Any]:
        document, file, job = self.dice.choice(self.documents), self.file, self.job
        is_job = address.name in {found.name for found in doors.kinds()[doors.JOB]}
        public = job.public_id if is_job else file.public_id
        app, slug = document.label().split(".")
        identity = file.public_id if address.name == "api-attachment" else document.public_id
        form = next((form.slug for form in prints.forms_of(document)), "order")
        verbs = [action.name for action in actions_of(type(document))]
        return {
            "app": app, "slug": slug, "identity": document.public_id,
            "id": public if is_job else identity, "size": "small", "pk": self.notice, "code": "TM-01",
            "public_id": public, "number": 1, "part": "form", "form": form,
            "name": "catalog.item" if address.name.startswith("desk:import") else "customer",
            "verb": "orders.order.receive" if "part" in address.parts else self.dice.choice(verbs),
        }  # fmt: skip

    def _spoilt(self, address: doors.Address, path: str) -> str:
        """The address with one of its parts as somebody might type it."""
        pieces = path.strip("/").split("/")
        pieces[self.dice.randrange(len(pieces))] = quote(self.dice.choice(PARTS), safe="%")
        return "/" + "/".join(pieces) + ("/" if path.endswith("/") else "")


def test_names_are_found_in_the_source() -> None:
    several = {name for address in addresses() for name in names(address)}
    assert {"ordering", "view", "ids", "verb", "label", "format", "page", "before", "do", "next"} <= several
