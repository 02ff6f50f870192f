"""An event is recorded in the transaction that makes it true; it is never changed or deleted."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from flow.models.case import Case
from flow.models.document import Document
from org.models import Company


class Event(models.Model):
    """事件: something that was done, by whom, to which document (SYS-03).

    `verb` is the action's public name (`orders.order.sign`), `subject_type` the document's label.
    `at` is when it happened (may be earlier than `recorded_at`, never ahead). `version` is the
    document's version after it, or null where the document itself did not change.
    """

    append_only: ClassVar[bool] = True

    verb = models.CharField(max_length=100)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    version = models.PositiveIntegerField(null=True)
    state_from = models.CharField(max_length=40, blank=True)
    state_to = models.CharField(max_length=40, blank=True)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = (
            models.Index(fields=["subject_type", "subject_id", "id"], name="flow_event_subject"),
            models.Index(fields=["case", "id"], name="flow_event_case"),
            models.Index(fields=["company", "id"], name="flow_event_company"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "version"],
                condition=Q(version__isnull=False),
                name="flow_event_one_a_version",
            ),
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"

    def subject(self) -> Document | None:
        """The document as it stands now; None when a draft was discarded since."""
        return Document.registry[self.subject_type]._default_manager.filter(pk=self.subject_id).first()
