"""Models of the kernel."""

from flow.models.case import Case, CaseLink
from flow.models.document import Document
from flow.models.event import Event
from flow.models.paper import Attachment, Comment, Contact, Series, Signature
from flow.models.runtime import Heartbeat, IdempotencyKey, TrainingClock

__all__ = [
    "Attachment",
    "Case",
    "CaseLink",
    "Comment",
    "Contact",
    "Document",
    "Event",
    "Heartbeat",
    "IdempotencyKey",
    "Series",
    "Signature",
    "TrainingClock",
]
