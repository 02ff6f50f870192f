"""Sends the mails of the outbox; the same `Message-ID` on every try lets a mailbox know a repetition."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from integration import outbox
from integration.models import Outbox
from integration.outbox import Times

TIMEOUT_SECONDS = 10


def message_id(row: Outbox) -> str:
    """The stable name of a mail."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >") or "localhost"
    return f"<{outbox.stable_id(row)}@{domain}>"


@outbox.sender(Outbox.Kind.MAIL)
def send(row: Outbox, times: Times) -> None:
    """Hand one mail to the mail server. Raises what the server or the network says."""
    EmailMessage(
        subject=row.payload["subject"],
        body=row.payload["text"],
        to=[row.recipient],
        headers={"Message-ID": message_id(row)},
        connection=get_connection(timeout=TIMEOUT_SECONDS),
    ).send()
