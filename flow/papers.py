"""Files, signatures and contacts of a document: written by actions, in their transaction."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import BigIntegerField, CharField, QuerySet

from flow.events import By
from flow.models import Attachment, Comment, Contact, Document, Signature
from flow.uploads import ending, mime_of
from org.composed import Composed, Place, insertion


def attach(document: Document, kind: str, upload: Any, *, by: By) -> Attachment:
    """Store the file under a name nobody can guess and hang it on the document."""
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    stored = default_storage.save(f"{by.at:%Y/%m}/{uuid.uuid4().hex}.{ending(upload.name)}", upload)
    return Attachment.objects.create(
        **_on(document, by),
        kind=kind,
        name=upload.name[-200:],
        stored=stored,
        mime=mime_of(upload.name),
        size=upload.size,
        sha256=digest.hexdigest(),
    )


def attached(document: Document, kind: str | None = None) -> QuerySet[Attachment]:
    """The files of the document, of one kind if given, the oldest first."""
    rows = Attachment.objects.filter(subject_type=document.label(), subject_id=document.pk).order_by("pk")
    return rows.filter(kind=kind) if kind else rows


def shown_files(document: Document) -> list[Attachment]:
    """All its files with who hung them up, the oldest first. One query."""
    return _files_of(subject_type=document.label(), subject=document.pk)


def shown_contacts(document: Document) -> list[Contact]:
    """Its whole contact log with who wrote it, the oldest first. One query."""
    return _contacts_of(subject_type=document.label(), subject=document.pk)


def _all_of(model: type[Any]) -> Composed:
    kind, key = Place("subject_type", CharField()), Place("subject", BigIntegerField())
    rows = model.objects.filter(subject_type=kind, subject_id=key)
    return Composed(lambda: rows.order_by("pk").select_related("by"))


_files_of, _contacts_of = _all_of(Attachment), _all_of(Contact)


def sign(
    document: Document,
    meaning: str,
    content: dict[str, Any],
    *,
    by: By,
    signer: str = "",
    attachment: Attachment | None = None,
) -> Signature:
    """Sign `content` (what was approved); `signer` names somebody outside the house, with the scan."""
    return Signature.objects.create(
        **_on(document, by),
        meaning=meaning,
        signer=signer or str(by.actor),
        content_hash=fingerprint(content),
        attachment=attachment,
    )


def signed(document: Document, meaning: str, content: dict[str, Any]) -> bool:
    """Whether somebody signed exactly this content with this meaning; a later change voids it (SYS-11)."""
    rows = Signature.objects.filter(
        subject_type=document.label(),
        subject_id=document.pk,
        meaning=meaning,
        content_hash=fingerprint(content),
    )
    return rows.exists()


def fingerprint(content: dict[str, Any]) -> str:
    """The SHA-256 of the content in one fixed spelling."""
    text = json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def log_contact(
    document: Document, *, by: By, party: str, channel: str, content: str, next_step: str = ""
) -> Contact:
    """Keep a telephone call, mail or fax with somebody outside (SYS-10)."""
    made = Contact(**_on(document, by), party=party, channel=channel, content=content, next_step=next_step)
    insertion(Contact)([made])
    return made


def contacts(document: Document) -> QuerySet[Contact]:
    """The contact log of the document, the oldest first."""
    return Contact.objects.filter(subject_type=document.label(), subject_id=document.pk).order_by("pk")


def comment(document: Document, *, text: str, by: By, mentions: Iterable[int] = ()) -> Comment:
    """Keep a remark of a colleague; it moves nothing, in any state. `mentions`: ids of people."""
    return Comment.objects.create(**_on(document, by), text=text, mentions=sorted(set(mentions)))


def comments(document: Document) -> QuerySet[Comment]:
    """The remarks on the document, the oldest first."""
    return Comment.objects.filter(subject_type=document.label(), subject_id=document.pk).order_by("pk")


def _on(document: Document, by: By) -> dict[str, Any]:
    return {
        "case_id": document.case_id,
        "subject_type": document.label(),
        "subject_id": document.pk,
        "by": by.actor,
        "at": by.at,
    }
