"""What somebody with all rights in the database may do to its past: random, repeatable, by bare SQL."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from flow import seals
from flow.models import Event, Seal

EVENTS, SEALS = Event._meta.db_table, Seal._meta.db_table
OTHER_VALUES = {
    "verb": "'orders.order.cancel'",
    "at": "'2020-01-01 00:00:00+00:00'",
    "recorded_at": "'2020-01-01 00:00:00+00:00'",
    "actor_id": "actor_id + 1",
    "case_id": "case_id + 1",
    "company_id": "company_id + 1",
    "subject_type": "subject_type || '2'",
    "subject_id": "subject_id + 1",
    "version": "1000 + id",
    "state_from": "state_from || ' '",
    "state_to": "state_to || 'x'",
    "data": "'{}'",
}
OTHER_SEALS = {
    "number": "number + 1000000",
    "last_id": "last_id + 1000000",
    "count": "count + 1",
    "at": "'2020-01-01 00:00:00+00:00'",
    "columns": "substr(columns, 1, length(columns) - 5)",
    "content": "digest",
    "leaves": "substr(leaves, 1, 16)",
    "key_id": "'0000000000000000'",
    "digest": "content",
    "mac": "digest",
}


def sql(statement: str, *values: object) -> None:
    """Run one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


@dataclass
class Vandal:
    """Does one thing to sealed events or their seals; what it says is what an audit should say."""

    chance: random.Random

    def __post_init__(self) -> None:
        self.ids = list(Event.objects.order_by("pk").values_list("pk", flat=True))
        self.ends = list(Seal.objects.order_by("number").values_list("number", "last_id"))
        self.sealed = [pk for pk in self.ids if pk <= self.ends[-1][1]]
        # Of these the case differs at random: most tampering is with the events themselves.
        self.ways: list[tuple[int, Callable[[], str]]] = [
            (8, self.change),
            (3, self.remove),
            (3, self.insert),
            (2, self.swap),
            (1, self.cut_events),
            (1, self.cut_all),
            (3, self.change_seal),
            (1, self.remove_seal),
            (1, self.forge_seal),
            (2, self.forge_chain),
        ]

    def strike(self) -> tuple[str, str]:
        """Tamper once: what was done, and words the audit must say."""
        [way] = self.chance.choices([way for _, way in self.ways], [weight for weight, _ in self.ways])
        return way.__name__, way()

    def change(self) -> str:
        """Another value in one column of one event."""
        pk, column = self.chance.choice(self.sealed), self.chance.choice(list(OTHER_VALUES))
        sql(f"UPDATE {EVENTS} SET {column} = {OTHER_VALUES[column]} WHERE id = %s", pk)
        return f"Event {pk} was changed."

    def remove(self) -> str:
        """One event less."""
        pk = self.chance.choice(self.sealed)
        sql(f"DELETE FROM {EVENTS} WHERE id = %s", pk)
        return f"Event {pk} was removed."

    def insert(self) -> str:
        """A copy of an event at a free id among the sealed ones, or before them."""
        free = sorted(set(range(self.sealed[0], self.sealed[-1])) - set(self.sealed))
        pk = self.chance.choice([*free, -self.chance.randrange(9)])
        columns = ", ".join(c for c in seals.COLUMNS if c not in ("id", "version"))
        source = self.chance.choice(self.sealed)
        sql(f"INSERT INTO {EVENTS} (id, {columns}) SELECT {pk}, {columns} FROM {EVENTS} WHERE id = {source}")
        return f"Event {pk} was inserted afterwards."

    def swap(self) -> str:
        """Two events in each other's place."""
        one, other = sorted(self.chance.sample(self.sealed, 2))
        for old, new in ((one, -99), (other, one), (-99, other)):
            sql(f"UPDATE {EVENTS} SET id = %s WHERE id = %s", new, old)
        return "were reordered" if self._seal_of(one) == self._seal_of(other) else "was changed"

    def cut_events(self) -> str:
        """The last sealed events gone, and all after them."""
        pk = self.chance.choice(self.sealed[-15:])
        sql(f"DELETE FROM {EVENTS} WHERE id >= %s", pk)
        return f"Event {pk} was removed."

    def cut_all(self) -> str:
        """The last events gone and their seals with them, as if they had never been."""
        number, last_id = self.chance.choice(self.ends[:-1])
        sql(f"DELETE FROM {SEALS} WHERE number > %s", number)
        sql(f"DELETE FROM {EVENTS} WHERE id > %s", last_id)
        return f"The seals after {number} were removed"

    def change_seal(self) -> str:
        """Another value in one column of one seal."""
        number, column = self.chance.choice(self.ends)[0], self.chance.choice(list(OTHER_SEALS))
        sql(f"UPDATE {SEALS} SET {column} = {OTHER_SEALS[column]} WHERE number = %s", number)
        return "eal"

    def remove_seal(self) -> str:
        """One seal less."""
        number = self.chance.choice(self.ends)[0]
        sql(f"DELETE FROM {SEALS} WHERE number = %s", number)
        return "removed"

    def forge_seal(self) -> str:
        """An event changed, and its seal made anew by somebody who has no key."""
        pk = self.chance.choice(self.sealed)
        sql(f"UPDATE {EVENTS} SET verb = 'orders.order.cancel', state_to = 'x' WHERE id = %s", pk)
        self._reseal(self._seal_of(pk), self._seal_of(pk))
        return f"Seal {self._seal_of(pk)} is not signed by this house."

    def forge_chain(self) -> str:
        """An event removed, and all seals from there on made anew by somebody who has no key."""
        pk = self.chance.choice(self.sealed[:-1])
        number = self._seal_of(pk)
        sql(f"DELETE FROM {EVENTS} WHERE id = %s", pk)
        self._reseal(number, self.ends[-1][0])
        return f"Seal {number} is not signed by this house."

    def _seal_of(self, pk: int) -> int:
        return next(number for number, last_id in self.ends if pk <= last_id)

    def _reseal(self, first: int, last: int) -> None:
        chain = {seal.number: seal for seal in Seal.objects.order_by("number")}
        for number in range(first, last + 1):
            seal, before = chain[number], chain.get(number - 1)
            rows = list(seals.stream(after=before.last_id if before else None, upto=seal.last_id))
            seal.count, seal.content = len(rows), seals.content_of(rows)
            seal.leaves = b"".join(seals.LEAF.pack(pk, seals.leaf(text)) for pk, text in rows)
            seal.digest = seals.digest_of(seal, before.digest if before else "")
            seal.mac = seals.mac_of(seal.digest, "not the key")
            values = {name: getattr(seal, name) for name in ("count", "content", "leaves", "digest", "mac")}
            Seal.objects.filter(number=number).update(**values)
