"""A retried request has one effect: its key is a row of the same transaction (P10)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from flow.models import Document, IdempotencyKey
from flow.refusals import Misused
from org.models import Person


class Repeated(Exception):
    """The key was used before; its effect stands already."""


@dataclass(frozen=True)
class Key:
    """An `Idempotency-Key` with the fingerprint (SHA-256) of method, path and body."""

    value: str
    fingerprint: str


def claim(actor: Person, key: Key) -> IdempotencyKey:
    """Insert the key; a second holder waits here for the first and then raises Repeated."""
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(actor=actor, key=key.value, fingerprint=key.fingerprint)
    except IntegrityError as taken:
        raise Repeated from taken


def fulfil(row: IdempotencyKey, document: Document) -> None:
    """Note which document the request made or moved."""
    row.subject_type, row.subject_id = document.label(), document.pk
    row.save(update_fields=["subject_type", "subject_id"])


def earlier(actor: Person, key: Key) -> Document:
    """The document the first request with this key worked on. Raises Misused if its body was another."""
    row = IdempotencyKey.objects.get(actor=actor, key=key.value)
    if row.fingerprint != key.fingerprint:
        raise Misused(key.value)
    return Document.registry[row.subject_type]._default_manager.get(pk=row.subject_id)
