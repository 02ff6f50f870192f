"""Who may not see a document learns nothing of it, through whichever door he looks (P12)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar
from uuid import uuid4

import pytest
import time_machine

from flow.models import Attachment, Document
from integration.models import Notice
from org.models import Person
from tests.attacks import doors
from tests.attacks.seats import Answer, Seat
from tests.attacks.world import MARK, World
from tests.goods import Factory
from tests.proofs import proven

T = TypeVar("T")
pytestmark = pytest.mark.django_db
# Answers with which the house tells nothing: not there, not to be read but sent, not this method.
NOTHING = {404, 405}
# In the quick run each person tries one in so many of the lists and of the doors of single documents; all
# people together try them all. In the long run everybody tries every list.
LISTS, SINGLES = 70, 1400
# Numbers that stand in the help of fields as examples, whether or not there is such a document.
EXAMPLES = {"QGKG2026-0001"}


def test_every_address_is_known_to_the_attack() -> None:
    assert doors.kinds().get("unknown", []) == []
    assert len(doors.kinds()["document"]) > 100
    assert len(doors.kinds()["list"]) > 20


@pytest.fixture
def world(factory: Factory) -> World:
    return World(factory)


@pytest.mark.faults
def test_nothing_closed_is_seen_through_any_door(world: World) -> None:
    tried, faults = walk(world, LISTS, SINGLES)
    proven("P12", injections=tried, violations=len(faults), note=note(world, faults))


@pytest.mark.soak
def test_nothing_closed_is_seen_through_any_door_at_all(world: World) -> None:
    tried, faults = walk(world, 1, 10)
    proven("P12", injections=tried, violations=len(faults), note=note(world, faults))


def note(world: World, faults: list[str]) -> str:
    """What was done, or the first of what was found."""
    if faults:
        return "; ".join(faults[:20])
    return f"everybody at every list, search, count, export, picker and {len(world.documents)} documents"


def walk(world: World, lists: int, singles: int) -> tuple[int, list[str]]:
    """Everybody goes through one in so many doors of lists and of single documents; (tries, faults)."""
    tried, faults = 0, []
    with time_machine.travel(world.at, tick=False):
        for turn, (name, person) in enumerate(world.people()):
            one = Attack(world, name, person)
            one.lists(Share(turn, lists))
            one.documents(Share(turn * 7, singles))
            one.files(Share(turn, lists))
            tried += one.tried
            faults += one.faults
    return tried, faults


class Share:
    """Deals out what is many: one in so many is this person's."""

    def __init__(self, turn: int, of: int) -> None:
        self.place, self.of = turn, of

    def mine(self, many: Iterable[T]) -> Iterator[T]:
        """Those of them that fall to this person."""
        for one in many:
            self.place += 1
            if self.place % self.of == 0:
                yield one


class Attack:
    """One person's tries, and what he learnt that he should not have."""

    def __init__(self, world: World, name: str, person: Person) -> None:
        self.name, self.seat, self.tried = name, Seat(person), 0
        self.faults: list[str] = []
        self.seen, self.hidden = world.parted(person)
        self.closed = re.compile("|".join(map(re.escape, sorted(self._names()))) or r"(?!)")

    def _names(self) -> set[str]:
        """What in an answer would betray a hidden document: its ids, its number, words that stand in it."""
        ids = {str(document.public_id) for document in self.hidden}
        shown = {document.number for document in self.seen}
        numbers = {document.number for document in self.hidden if document.number} - shown - EXAMPLES
        told = any(d.label() == "orders.order" and d.remark == MARK for d in self.seen)
        return ids | numbers | (set() if told else {MARK})

    def fault(self, door: str, what: Any) -> None:
        """Note what went wrong at a door."""
        self.faults.append(f"{self.name} at {door}: {what}")

    def look(self, door: str, answer: Answer, *, said: Iterable[str] = ()) -> None:
        """Judge an answer: no failure, and nothing closed in it but what was `said` in the question."""
        self.tried += 1
        if answer.status >= 500:
            self.fault(door, answer.status)
        for found in sorted(set(self.closed.findall(answer.text)) - set(said)):
            self.fault(door, f"shows {found}")

    # -- lists --------------------------------------------------------------------------------------

    def lists(self, share: Share) -> None:
        """Every list shows all that may be seen, and nothing else."""
        for door in share.mine(dict.fromkeys(doors.of_lists())):
            self.look(door, self.seat.get(door))
        for label in share.mine(sorted({document.label() for document in self.seen + self.hidden})):
            self._whole(label)

    def _whole(self, label: str) -> None:
        root = f"/{label.replace('.', '/')}/"
        mine = [document for document in self.seen if document.label() == label]
        answer = self.seat.get(f"/api/v1{root}?page_size=200")
        found = sorted(row["id"] for row in answer.json["results"]) if answer.status == 200 else []
        if found != sorted(str(document.public_id) for document in mine):
            self.fault(root, f"{len(found)} rows in the API, not {len(mine)}")
        counted = self.seat.get(f"{root}views/counts/")
        counts = counted.json["counts"].values() if counted.status == 200 else ()
        if any(int(count.rstrip("+")) > len(mine) for count in counts):
            self.fault(root, f"counts {counts} of {len(mine)}")

    # -- single documents -----------------------------------------------------------------------------

    def documents(self, share: Share) -> None:
        """Past every door of documents that may not be seen; what is there answers like what is not."""
        for document in self.hidden:
            identity, number = str(document.public_id), document.number or ""
            for named in filter(None, (identity, number)):
                for door in share.mine(doors.of_document(document, named)):
                    self._past(door, named, document)
            for door in share.mine(doors.around(document)):
                self.look(door, self.seat.get(door), said=(identity, number))
            for door, body in share.mine(doors.sent(document)):
                self._sent(door, body, document)

    def _past(self, door: str, named: str, document: Document) -> None:
        got, sent = self.seat.get(door), self.seat.post(door)
        for method, answer in (("GET", got), ("POST", sent)):
            self.look(door, answer, said=(named,))
            if answer.status not in NOTHING:
                self.fault(f"{method} {door}", f"{answer.status} while {document.state}")
        # Exactly as if there were no such document: no other status, no other words.
        nowhere = self.seat.get(door.replace(named, str(uuid4())))
        if nowhere.status != got.status:
            self.fault(door, f"{got.status} instead of {nowhere.status} for what is not there")

    def _sent(self, door: str, body: dict[str, Any], document: Document) -> None:
        before = type(document)._default_manager.filter(pk=document.pk).values_list("version", "state").get()
        self.look(door, self.seat.post(door, body), said=(str(document.public_id),))
        after = type(document)._default_manager.filter(pk=document.pk).values_list("version", "state").get()
        if before != after:
            self.fault(door, f"changed {document}: {before} → {after}")

    # -- files and notices ----------------------------------------------------------------------------

    def files(self, share: Share) -> None:
        """Files of documents that may not be seen, notices of others."""
        closed = {(document.label(), document.pk) for document in self.hidden}
        files = (f for f in Attachment.objects.order_by("pk") if (f.subject_type, f.subject_id) in closed)
        for file in share.mine(files):
            for door in doors.of_file(file):
                self._closed(door)
        others = Notice.objects.exclude(person=self.seat.person).order_by("pk")
        for notice in share.mine(others[:: max(others.count() // 30, 1)]):
            for door in doors.of_notice(notice):
                self._closed(door)

    def _closed(self, door: str) -> None:
        answer = self.seat.get(door)
        self.look(door, answer)
        if answer.status != 404:
            self.fault(door, answer.status)
