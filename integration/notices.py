"""Words to people inside the house: told exactly once for each key, read when they say so (P5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.timezone import localtime

from flow.events import By
from flow.models import Case, Document, Event
from flow.policy import Viewer
from integration import outbox
from integration.models import Notice
from org.models import Person
from org.queries import holders

BATCH = 500


@dataclass(frozen=True)
class Word:
    """One notice to be told; `key` is unique for the person, `path` is the page it speaks of."""

    person: Person
    title: Any
    text: Any
    path: str
    at: datetime
    key: str
    case: Case | None = None
    event: Event | None = None


def tell(
    person: Person,
    *,
    title: Any,
    text: Any = "",
    path: str = "",
    at: datetime,
    key: str,
    case: Case | None = None,
    event: Event | None = None,
) -> None:
    """Tell one person something, in the transaction that makes it true; the same key again does nothing."""
    tell_many([Word(person, title, text, path, at, key, case, event)])


def tell_many(words: Iterable[Word]) -> None:
    """Tell many people something in two statements for each 500; a word told before is left as it was."""
    told = list(words)
    rows = [
        Notice(
            person_id=word.person.pk,
            title=str(word.title)[:200],
            text=str(word.text),
            path=word.path,
            at=word.at,
            key=word.key,
            case_id=word.case.pk if word.case else None,
            event_id=word.event.pk if word.event else None,
        )
        for word in told
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
    if settings.NOTICES_BY_MAIL:
        outbox.put([_mail(word) for word in told if word.person.email and word.person.is_active])


def tell_posts(
    roles: Iterable[str], sentence: Any, *, document: Document, by: By, event: Event, text: Any = ""
) -> None:
    """Tell `sentence` (with {document}) to all who hold one of the roles in the document's company."""
    on = localtime(by.at).date()
    people = [person for role in roles for person in holders(role, company=document.company, on=on)]
    tell_people(people, sentence, document=document, by=by, event=event, text=text)


def tell_people(
    people: Iterable[Person], sentence: Any, *, document: Document, by: By, event: Event, text: Any = ""
) -> None:
    """Tell `sentence` (with {document}) once to each of the people, for this event."""
    title, key = sentence.format(document=document), f"{event.verb}:{event.pk}"
    tell_many(
        Word(person, title, text, document.path, by.at, key, document.case, event)
        for person in dict.fromkeys(people)
    )


Lead = Callable[[Viewer, str], str | None]
_leads: list[Lead] = []


def leads(lead: Lead) -> Lead:
    """Ask the decorated function where somebody is led who opens a notice.

    It is given the viewer and the path of the notice; None means the page of the document.
    """
    _leads.append(lead)
    return lead


def led_to(viewer: Viewer, path: str) -> str | None:
    """The first address that somebody has for this notice."""
    return next((address for lead in _leads if (address := lead(viewer, path))), None)


def unread_count(person: Person) -> int:
    """How many notices the person has not read. One query."""
    return Notice.objects.filter(person=person, read_at__isnull=True).count()


def latest(person: Person, *, unread: bool = False, limit: int = 50) -> QuerySet[Notice]:
    """The newest notices of the person, or only those not read yet."""
    rows = Notice.objects.filter(person=person).order_by("-at", "-pk")
    return (rows.filter(read_at__isnull=True) if unread else rows)[:limit]


def mark_read(person: Person, *, at: datetime, ids: Iterable[int] | None = None) -> int:
    """Note that the person read these of their notices (None: all); how many were unread."""
    rows = Notice.objects.filter(person=person, read_at__isnull=True)
    rows = rows if ids is None else rows.filter(pk__in=list(ids))
    return rows.update(read_at=at)


def _mail(word: Word) -> outbox.Letter:
    title, text = str(word.title), str(word.text)
    return outbox.mail(
        word.person.email, subject=title, text=text, key=f"notice:{word.key}", event=word.event
    )
