"""The sweep escalates rows that are due, in small commits: claim, event, step and notice are one (P2, P3).

Run it from anywhere, twice or killed in the middle: a step is claimed in the commit that records it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from deadlines import notices
from deadlines.addressees import Book, Taken
from deadlines.engine import next_of
from deadlines.models import Deadline, Escalation
from flow import events
from flow.events import By
from flow.models import Document
from flow.retry import Busy, retried
from integration.notices import Word, tell_many
from org.models import Person
from org.queries import system_person

logger = logging.getLogger(__name__)
ESCALATE = "deadlines.deadline.escalate"
BATCH = 500
STORM = 20
# So few rows never make a storm; more are looked at before they are told.
FEW = 4
LATE_AFTER = timedelta(minutes=1)
PARKED_FOR = timedelta(hours=1)


class SubjectGone(Exception):
    """The document of a running deadline does not exist any more."""


@dataclass
class Sweep:
    """One run of the sweep at `at`: who acts, and which people have too many notices to read each."""

    at: datetime
    system: Person
    storms: Counter[int] = field(default_factory=Counter)
    done: int = 0


def run(*, at: datetime) -> int:
    """Take every step that is due at `at`; how many were taken. What fails alone is set aside, visibly.

    Raises OperationalError or Busy when the database is away or taken: nothing is lost, the next tick
    goes on from there.
    """
    waiting = due(at)[:FEW].count()
    if not waiting:
        return 0
    sweep = Sweep(at, system_person())
    if waiting == FEW:
        sweep.storms = forecast(at)
    while ids := list(due(at).values_list("pk", flat=True)[:BATCH]):
        before = sweep.done
        attempt(sweep, ids)
        if sweep.done == before:
            break  # others are at them, or they were stopped meanwhile
    return sweep.done


def due(at: datetime) -> QuerySet[Deadline]:
    """The rows with a step to take, the oldest first."""
    rows = Deadline.objects.filter(state=Deadline.State.OPEN, next_at__lte=at)
    rows = rows.filter(Q(parked_until__isnull=True) | Q(parked_until__lte=at))
    return rows.order_by("next_at", "pk")


def forecast(at: datetime) -> Counter[int]:
    """How many notices each person would get, for those above the storm brake."""
    counted: Counter[int] = Counter()
    rows = due(at).only("ladder", "step", "owner_id", "owner_roles", "company_id")
    batch: list[Deadline] = []
    for row in rows.iterator(chunk_size=2000):
        batch.append(row)
        if len(batch) == 2000:
            _count(batch, at, counted)
            batch = []
    _count(batch, at, counted)
    return Counter({pk: n for pk, n in counted.items() if n > STORM})


def attempt(sweep: Sweep, ids: Sequence[int]) -> None:
    """Escalate these rows in one commit; on an error halve them until the bad row stands alone."""
    try:
        sweep.done += retried(lambda: commit(sweep, ids))
    except (OperationalError, InterfaceError, Busy):
        raise
    except Exception as error:
        if len(ids) == 1:
            park(ids[0], error, at=sweep.at)
            sweep.done += 1
            return
        half = len(ids) // 2
        attempt(sweep, ids[:half])
        attempt(sweep, ids[half:])


def commit(sweep: Sweep, ids: Sequence[int]) -> int:
    """Claim, record and tell in one transaction; rows that another sweep or a stop holds are left to it."""
    with transaction.atomic():
        rows = due(sweep.at).filter(pk__in=ids)
        claimed = list(rows.select_for_update(skip_locked=True, no_key=True))
        if not claimed:
            return 0
        subjects = subjects_of(claimed)
        book = Book(claimed, at=sweep.at)
        taken = [one for row in claimed for one in steps_due(row, book, sweep.at)]
        _advance(taken, claimed)
        _record(sweep, taken, subjects)
        return len(taken)


def steps_due(row: Deadline, book: Book, at: datetime) -> list[Taken]:
    """The steps of the row that fell due up to `at`, in order, each with whom it is told."""
    found = []
    for number in range(row.step, len(row.ladder)):
        step = row.ladder[number]
        moment = datetime.fromisoformat(step["at"])
        if moment > at:
            break
        late = at - moment > LATE_AFTER
        found.append(Taken(row, number, moment, step["kind"], book.of_step(row, number), late))
    return found


def subjects_of(rows: Sequence[Deadline]) -> dict[tuple[str, int], Document]:
    """The documents of the rows, one query for each type. Raises SubjectGone."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.subject_type, set()).add(row.subject_id)
    found: dict[tuple[str, int], Document] = {}
    for label, ids in wanted.items():
        model = Document.registry.get(label)
        if model is None:
            raise SubjectGone(label)
        there = model._default_manager.in_bulk(ids)
        if missing := ids - there.keys():
            raise SubjectGone(f"{label} {sorted(missing)}")
        found |= {(label, pk): document for pk, document in there.items()}
    return found


def park(pk: int, error: Exception, *, at: datetime) -> None:
    """Set a row aside for an hour with its fault, where the board of faults shows it."""
    logger.error("deadline %s could not be escalated", pk, exc_info=error)
    fault = f"{type(error).__name__}: {error}"[:1000]
    Deadline.objects.filter(pk=pk, state=Deadline.State.OPEN).update(
        parked_until=at + PARKED_FOR, fault=fault
    )


def _count(rows: Sequence[Deadline], at: datetime, counted: Counter[int]) -> None:
    if not rows:
        return
    book = Book(rows, at=at)
    for row in rows:
        for taken in steps_due(row, book, at):
            counted.update(person.pk for person in taken.to.people)


def _advance(taken: Sequence[Taken], rows: Sequence[Deadline]) -> None:
    for one in taken:
        one.row.step = one.step + 1
        one.row.breached = one.row.breached or one.kind == Escalation.Kind.DUE
    for row in rows:
        row.next_at = next_of(row)
    _write(rows)
    if mended := [row.pk for row in rows if row.fault]:
        Deadline.objects.filter(pk__in=mended).update(fault="", parked_until=None)


def _write(rows: Sequence[Deadline]) -> None:
    """Store step, next_at and breached of all rows in one statement that both databases take.

    (`bulk_update` would build thousands of expressions: it was half of the time of a sweep.)
    """
    moment = "CAST(%s AS timestamptz)" if connection.vendor == "postgresql" else "%s"
    values = ", ".join([f"(%s, %s, {moment}, %s)"] * len(rows))
    at = connection.ops.adapt_datetimefield_value
    given = [v for row in rows for v in (row.pk, row.step, at(row.next_at), row.breached)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Deadline._meta.db_table} SET step = new.column2, next_at = new.column3, "
            f"breached = new.column4 FROM (VALUES {values}) AS new "
            f"WHERE {Deadline._meta.db_table}.id = new.column1",
            given,
        )


def _record(sweep: Sweep, taken: Sequence[Taken], subjects: dict[tuple[str, int], Document]) -> None:
    told = [(ESCALATE, _subject(one, subjects), By(sweep.system, one.at), _said(one)) for one in taken]
    recorded = events.record_many(told)
    Escalation.objects.bulk_create(
        Escalation(
            deadline=one.row,
            step=one.step,
            kind=one.kind,
            at=one.at,
            late=one.late,
            noticed_at=sweep.at,
            roles=list(one.to.roles),
            told=[person.pk for person in one.to.people],
            vacant=list(one.to.vacant),
            event=event,
        )
        for one, event in zip(taken, recorded, strict=True)
    )
    tell_many(_words(sweep, taken, recorded, subjects))


def _words(
    sweep: Sweep,
    taken: Sequence[Taken],
    recorded: Sequence[events.Event],
    subjects: dict[tuple[str, int], Document],
) -> list[Word]:
    words: list[Word] = []
    stormed: dict[int, Person] = {}
    for one, event in zip(taken, recorded, strict=True):
        for person in one.to.people:
            if person.pk in sweep.storms:
                stormed[person.pk] = person
            else:
                words.append(notices.of_step(one, person, event, _subject(one, subjects)))
    # In one order, so that two sweeps that tell the same people never wait for each other in a ring.
    for pk in sorted(stormed):
        words.append(notices.summary(stormed[pk], sweep.storms[pk], at=sweep.at))
    return words


def _said(one: Taken) -> dict[str, object]:
    return {
        "deadline": one.row.pk,
        "rule": one.row.rule,
        "code": one.row.code,
        "step": one.step,
        "kind": one.kind,
        "line": one.row.line_label,
        "roles": list(one.to.roles),
        "told": [str(person) for person in one.to.people],
        "vacant": list(one.to.vacant),
        "late": one.late,
    }


def _subject(one: Taken, subjects: dict[tuple[str, int], Document]) -> Document:
    return subjects[one.row.subject_type, one.row.subject_id]
