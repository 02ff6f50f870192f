"""Tells people inside the house what has become of a document of procurement (N-41…N-45)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.timezone import localtime

from flow.events import By
from flow.models import Document, Event
from integration import notices
from integration.notices import Word
from org.models import Person
from org.queries import holders
from org.roles import Role


def tell(
    people: Iterable[Person], sentence: Any, document: Document, by: By, event: Event, text: Any = ""
) -> None:
    """Say `sentence`, with the document in place of {document}, once to each of the people."""
    notices.tell_many(
        Word(
            person,
            sentence.format(document=document),
            text,
            document.path,
            by.at,
            f"{event.verb}:{event.pk}",
            document.case,
            event,
        )
        for person in dict.fromkeys(people)
    )


def tell_posts(
    roles: Iterable[Role], sentence: Any, document: Document, by: By, event: Event, text: Any = ""
) -> None:
    """Say it to all who hold one of the roles in the document's company."""
    on = localtime(by.at).date()
    people = [person for role in roles for person in holders(role, company=document.company, on=on)]
    tell(people, sentence, document, by, event, text)
