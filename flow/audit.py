"""Walks the seals and says which event or seal was changed, removed, inserted or reordered since (P11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from flow import seals
from flow.models import Event, Seal
from flow.seals import Row


@dataclass
class Audit:
    """What an audit found: sentences about tampering, notes about what it could not look at, and figures."""

    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seals: int = 0
    events: int = 0
    unsealed: int = 0


class Walk:
    """One walk over all seals and their events, side by side."""

    def __init__(self) -> None:
        self.audit = Audit()
        self.keys = {seals.key_id(key): key for key in keys()}
        self.strange: Counter[str] = Counter()
        # What the seal before may rightly have said: one of the two is right when the other was changed.
        self.previous = {""}
        self.number = 0
        self.gap = False
        self.columns: str | None = None
        self.rows: Iterator[Row] = iter(())
        self.ahead: Row | None = None

    def run(self) -> Audit:
        """Look at everything."""
        newest = Seal.objects.aggregate(last=Max("last_id"))["last"]
        after: int | None = None
        for seal in Seal.objects.order_by("number").iterator(chunk_size=500):
            self._follow(seal)
            if seal.columns != self.columns:
                self._open(seal.columns, after, newest)
            self._compare(seal, self._range(seal.last_id))
            after = seal.last_id
        self._end(after)
        return self.audit

    def _say(self, sentence: object) -> None:
        self.audit.findings.append(str(sentence))

    def _follow(self, seal: Seal) -> None:
        """Whether the seal is the next one of the chain and was not changed."""
        self.gap = seal.number != self.number + 1
        if self.gap:
            missing = {"first": self.number + 1, "last": seal.number - 1}
            self._say(_("The seals from {first} to {last} were removed.").format(**missing))
        self.number = seal.number
        self.audit.seals += 1
        found = {seals.digest_of(seal, previous): previous for previous in self.previous}
        if seal.digest not in found:
            self._say(_("Seal {number} was changed, or the one before it.").format(number=seal.number))
        elif seal.key_id not in self.keys:
            self.strange[seal.key_id] += 1
        elif seals.mac_of(seal.digest, self.keys[seal.key_id]) != seal.mac:
            self._say(_("Seal {number} is not signed by this house.").format(number=seal.number))
        self.previous = {seal.digest, *found}

    def _open(self, columns: str, after: int | None, newest: int) -> None:
        """Read on, with the columns that this seal covers; those it names wrongly are left out."""
        known = [name for name in columns.split(",") if name in seals.COLUMNS]
        self.columns = columns
        self.rows = seals.stream(after=after, upto=newest, columns=known or seals.COLUMNS)
        self.ahead = None

    def _range(self, upto: int) -> list[Row]:
        """The events up to the end of a seal."""
        found = []
        for row in chain(() if self.ahead is None else (self.ahead,), self.rows):
            self.ahead = None
            if row[0] > upto:
                self.ahead = row
                break
            found.append(row)
        self.audit.events += len(found)
        return found

    def _compare(self, seal: Seal, rows: list[Row]) -> None:
        if len(rows) == seal.count and seals.content_of(rows) == seal.content:
            return
        before = len(self.audit.findings)
        leaves = bytes(seal.leaves)
        whole = len(leaves) // seals.LEAF.size * seals.LEAF.size
        was = dict(seals.LEAF.iter_unpack(leaves[:whole]))
        if self.gap and was:
            # What the missing seals covered cannot be judged.
            rows = [row for row in rows if row[0] >= min(was)]
        self._name(was, {pk: seals.leaf(text) for pk, text in rows})
        if len(self.audit.findings) == before:
            self._say(_("Seal {number} does not fit its events.").format(number=seal.number))

    def _name(self, was: dict[int, bytes], now: dict[int, bytes]) -> None:
        """Say for each event what was done to it."""
        moved = {pk for pk in was.keys() & now.keys() if was[pk] != now[pk]}
        if moved and Counter(was[pk] for pk in moved) == Counter(now[pk] for pk in moved):
            names = ", ".join(map(str, sorted(moved)))
            self._say(_("The events {names} were reordered.").format(names=names))
            moved = set()
        for pk in sorted(was.keys() | now.keys()):
            if pk not in now:
                self._say(_("Event {event} was removed.").format(event=pk))
            elif pk not in was:
                self._say(_("Event {event} was inserted afterwards.").format(event=pk))
            elif pk in moved:
                self._say(_("Event {event} was changed.").format(event=pk))

    def _end(self, after: int | None) -> None:
        """The end of the chain: what stands outside, what is not sealed yet, what could not be checked."""
        self._ask_witness()
        unsealed = Event.objects.filter(pk__gt=after) if after is not None else Event.objects.all()
        self.audit.unsealed = unsealed.count()
        for name, count in sorted(self.strange.items()):
            said = _(
                "Seals signed with the key {name}, which is not here: {count}. EVENT_SEAL_KEY or "
                "EVENT_SEAL_OLD_KEYS must name it."
            )
            self._say(said.format(count=count, name=name))

    def _ask_witness(self) -> None:
        try:
            said = seals.witness().read_text().split()
        except FileNotFoundError:
            self.audit.notes.append(str(_("Nothing outside the database remembers the newest seal.")))
            return
        number, digest = int(said[0]), said[1]
        if number > self.number:
            self._say(
                _("The seals after {last} were removed, up to {number}.").format(
                    last=self.number, number=number
                )
            )
        elif not Seal.objects.filter(number=number, digest=digest).exists():
            self._say(_("Seal {number} is another one than the house made.").format(number=number))


def keys() -> list[str]:
    """The key that seals now, and those that sealed before."""
    return [settings.EVENT_SEAL_KEY, *settings.EVENT_SEAL_OLD_KEYS]


def verify() -> Audit:
    """Look at every seal and every sealed event. Nothing is written."""
    return Walk().run()
