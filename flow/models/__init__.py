"""Models of the kernel."""

from flow.models.case import Case, CaseLink
from flow.models.document import Document
from flow.models.event import Event
from flow.models.maintenance import MaintenanceRecord
from flow.models.paper import Attachment, Comment, Contact, Series, Signature
from flow.models.runtime import Heartbeat, IdempotencyKey, Outage, TrainingClock
from flow.models.seal import Seal

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
    "MaintenanceRecord",
    "Outage",
    "Seal",
    "Series",
    "Signature",
    "TrainingClock",
]
