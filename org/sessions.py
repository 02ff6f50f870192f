"""Ends the sessions of a person whose posts change or whose account is closed, for good (P21).

Rights are read again on every request anyway; this is for what a page still open could show, and for an
account that is opened again one day. A changed password ends sessions by itself, by its hash in the session.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from org.models import Membership, Person


def listen() -> None:
    """Hear of changed posts and closed accounts from now on."""
    post_save.connect(_post_changed, sender=Membership, dispatch_uid="org.sessions.post")
    post_delete.connect(_post_changed, sender=Membership, dispatch_uid="org.sessions.post_gone")
    post_save.connect(_person_saved, sender=Person, dispatch_uid="org.sessions.person")


def end(person: Person, *, at: datetime) -> None:
    """End every session of this person that began before `at` (real time)."""
    person.sessions_from = at
    Person.objects.filter(pk=person.pk).update(sessions_from=at)


def _post_changed(sender: Any, instance: Membership, **kwargs: Any) -> None:
    # Somebody who never came in has no session; whole houses are built of such people.
    if not kwargs.get("raw") and instance.person.last_login is not None:
        end(instance.person, at=timezone.now())


def _person_saved(sender: Any, instance: Person, **kwargs: Any) -> None:
    if not kwargs.get("raw") and not instance.is_active and instance.last_login is not None:
        end(instance, at=timezone.now())
