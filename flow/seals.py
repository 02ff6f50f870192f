"""Ranges of events are sealed in a chain of hashes, so that no hand can change the past unnoticed (P11).

The rows are hashed as the database spells them, so that the audit of a million takes seconds. A range is
closed only when no transaction can still add an event to it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import struct
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, models
from django.db.models.functions import Now

from flow import tick
from flow.models import Event, Seal

Row = tuple[int, str]
# So many events at most share a seal; so many seals at most are made in one tick, which must be short.
SIZE, AT_ONCE = 1_000, 5
# An event waits no longer than this (and a tick) for its seal, unless a transaction stays open longer.
WAIT = timedelta(seconds=60)
PATIENCE, LOOK_EVERY = 20, 0.01
LEAF = struct.Struct(">q8s")
COLUMNS = [str(field.column) for field in Event._meta.concrete_fields]


@tick.every_tick("seals")
def on_tick(at: datetime) -> int:
    """Seal what has waited long enough; how many seals were made."""
    return seal(at=at) if _waiting() else 0


def seal(*, at: datetime, limit: int = AT_ONCE) -> int:
    """Seal what is decided, oldest first, `limit` seals at most; how many. `at`: the house's time."""
    horizon = decided()
    made = 0
    previous = Seal.objects.order_by("number").last()
    while horizon is not None and made < limit:
        rows = list(stream(after=previous.last_id if previous else None, upto=horizon, limit=SIZE))
        if not rows:
            break
        previous = _append(previous, rows, at)
        if previous is None:
            break
        made += 1
    return made


def _waiting() -> bool:
    """Whether the oldest event without a seal has waited long enough."""
    last = Seal.objects.order_by("-number").values_list("last_id", flat=True).first()
    waiting = Event.objects.filter(pk__gt=last) if last is not None else Event.objects.all()
    first = waiting.order_by("pk").values("pk")[:1]
    return Event.objects.filter(pk=models.Subquery(first), recorded_at__lte=Now() - WAIT).exists()


def decided() -> int | None:
    """The id up to which no event can be added any more; None while there is none or somebody still writes.

    PostgreSQL gives ids before the commit: who wrote when the last id was read is waited for, a moment. On
    SQLite there is one writer, and what is visible is all there is.
    """
    last = Event.objects.aggregate(last=models.Max("pk"))["last"]
    if last is None or connection.vendor != "postgresql":
        return last
    writing = _writers()
    for _look in range(PATIENCE):
        if not writing:
            return last
        time.sleep(LOOK_EVERY)
        writing &= _writers()
    return None


def _writers() -> set[str]:
    """The transactions other than this one that have announced a write to the events."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND granted"
            " AND relation = %s::regclass AND mode = 'RowExclusiveLock'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND pid IS DISTINCT FROM pg_backend_pid()",
            [Event._meta.db_table],
        )
        return {row[0] for row in cursor.fetchall()}


def stream(
    *, after: int | None, upto: int, columns: Sequence[str] = COLUMNS, limit: int | None = None
) -> Iterator[Row]:
    """The events of a range by id: (id, the other columns in one text). `after` None: from the first on."""
    text = _spelling([name for name in columns if name != "id"])
    bound = 5_000 if limit is None else limit
    condition, last = "id <= %s", after
    while True:
        where = condition if last is None else f"{condition} AND id > %s"
        values = [upto] if last is None else [upto, last]
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, {text} FROM {Event._meta.db_table} WHERE {where} ORDER BY id LIMIT {bound}",
                values,
            )
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < bound or limit is not None:
            return
        last = rows[-1][0]


def _spelling(columns: Sequence[str]) -> str:
    """The SQL that spells the columns of a row as one JSON array, the same in every session."""
    fields = {field.column: field for field in Event._meta.concrete_fields}
    if connection.vendor == "postgresql":
        # The session's time zone must not matter.
        spelt = [
            f"\"{name}\" AT TIME ZONE 'UTC'"
            if isinstance(fields[name], models.DateTimeField)
            else f'"{name}"'
            for name in columns
        ]
        return f"json_build_array({', '.join(spelt)})::text"
    # JSON has no bytes; a column that somebody filled with bytes is to be found, not to end the audit.
    spelt = [f'CASE typeof("{c}") WHEN \'blob\' THEN json_array(hex("{c}")) ELSE "{c}" END' for c in columns]
    return f"json_array({', '.join(spelt)})"


def leaf(text: str) -> bytes:
    """The head of the hash of one event's text, eight bytes."""
    return hashlib.sha256(text.encode()).digest()[:8]


def content_of(rows: Sequence[Row]) -> str:
    """The hash of a range of events."""
    return hashlib.sha256("\n".join(f"{pk}{text}" for pk, text in rows).encode()).hexdigest()


def digest_of(seal: Seal, previous: str) -> str:
    """The hash of everything a seal says, and of the seal before it."""
    leaves = hashlib.sha256(bytes(seal.leaves)).hexdigest()
    at = seal.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = [
        seal.number,
        seal.last_id,
        seal.count,
        at,
        seal.columns,
        seal.content,
        leaves,
        seal.key_id,
        previous,
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def mac_of(digest: str, key: str) -> str:
    """The signature under a digest."""
    return hmac.new(key.encode(), digest.encode(), hashlib.sha256).hexdigest()


def key_id(key: str) -> str:
    """What a key is called in public."""
    return hashlib.sha256(b"seal key " + key.encode()).hexdigest()[:16]


def _append(previous: Seal | None, rows: list[Row], at: datetime) -> Seal | None:
    """Put the next seal into the chain; None when another process was quicker."""
    made = Seal(
        number=previous.number + 1 if previous else 1,
        last_id=rows[-1][0],
        count=len(rows),
        at=at,
        columns=",".join(COLUMNS),
        content=content_of(rows),
        leaves=b"".join(LEAF.pack(pk, leaf(text)) for pk, text in rows),
        key_id=key_id(settings.EVENT_SEAL_KEY),
    )
    made.digest = digest_of(made, previous.digest if previous else "")
    made.mac = mac_of(made.digest, settings.EVENT_SEAL_KEY)
    Seal.objects.bulk_create([made], ignore_conflicts=True)
    if not Seal.objects.filter(number=made.number, digest=made.digest).exists():
        return None
    bear_witness(made.number, made.digest)
    return made


def witness() -> Path:
    """The file beside the database that remembers the newest seal, so that cutting off the end is noticed."""
    return Path(settings.DATA_DIR) / "newest_seal"


def bear_witness(number: int, digest: str) -> None:
    """Write the newest seal down outside the database."""
    draft = witness().with_name(f".newest_seal.{os.getpid()}")
    draft.write_text(f"{number} {digest}\n")
    draft.replace(witness())
